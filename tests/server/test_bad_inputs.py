"""Every row of the table of bad inputs, as bytes over a real socket to the real server.

The rows are numbered as in the table: what is sent, and what is answered. After each of them the
next request is served as if nothing had happened, and by the same processes.
"""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from headers import HEADERS

from benchmarks.servers import Server, running
from classifier.ink.png import SIGNATURE
from tests.handwriting import as_png, draw
from tests.server.http_bytes import Answer, ask, connect, receive, request
from tests.server.pngs import (
    COLOURS,
    COLOURS_AND_OPACITY,
    GREY,
    GREY_AND_OPACITY,
    PALETTE,
    SIDE,
    a_one,
    actl,
    animated,
    chunk,
    expanding,
    fctl,
    ihdr,
    interlaced,
    of_kind,
    packed,
    png,
    sized,
)

ELSEWHERE = {
    39,  # stalled clients: test_stalled.py beside this one
    40,  # more requests than can be served: test_overload.py
}
LIMIT = 1024 * 1024  # bytes of a body that this server accepts
TRAILER = b"X: " + b"a" * 8000 + b"\r\n"
SEVEN = request(body=as_png(draw(7)), Content_Type="image/png")


@dataclass(frozen=True)
class Case:
    row: int
    name: str
    content: bytes
    status: int | tuple[int, ...]
    says: str = ""  # of a refusal: a part of its detail; of an answer: its text, or its verdict

    def __str__(self) -> str:
        return f"{self.row}-{self.name.replace(' ', '-')}"


def post(body: bytes, kind: str = "image/png") -> bytes:
    return request(body=body, Content_Type=kind)


def head(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join(["POST /predict HTTP/1.1", *lines, "", ""]).encode() + body


def chunked(body: bytes, size: int = 65_536) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return request(Content_Type="image/png", Transfer_Encoding="chunked") + framed


def form(*parts: tuple[str, bytes], boundary: str = "x") -> bytes:
    """A body of multipart/form-data; each part's Content-Disposition and its content."""
    body = b"".join(
        b"--x\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" + content
        for disposition, content in ((text, content + b"\r\n") for text, content in parts)
    )
    return post(body + b"--x--\r\n", f"multipart/form-data{boundary and '; boundary=' + boundary}")


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("page.html", "<script>alert(1)</script>")
    return file.getvalue()


HEADER = chunk(b"IHDR", ihdr())
PIXELS = packed(a_one())
TOO_FEW = chunk(b"IDAT", packed(a_one()[: SIDE // 2]))
ONE = png()
DRAWN = as_png(draw(3))
NUL = 'name="image"; filename="a\0b.png"'
HOST, TYPE = "Host: localhost", "Content-Type: image/png"

PICTURES = [
    Case(1, "empty body", post(b""), 400, "received nothing"),
    Case(2, "one byte", post(b"x"), 400, "received 1 bytes of something else"),
    Case(2, "random bytes", post(zlib.compress(b"random" * 9)), 400, "of something else"),
    Case(2, "the signature alone", post(SIGNATURE), 400, "a header of 13 bytes"),
    Case(3, "a JPEG", post(b"\xff\xd8\xff\xe0 JFIF"), 415, "JPEG"),
    Case(3, "a GIF", post(b"GIF89a"), 415, "GIF"),
    Case(3, "an SVG", post(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), 415, "SVG"),
    Case(3, "HTML", post(b"<!doctype html><title>x</title>"), 415, "HTML"),
    Case(4, "another type", post(ONE, "text/plain"), 415, "received text/plain"),
    Case(4, "no type", request(body=ONE), 415, "received none"),
    Case(5, "truncated IDAT", post(DRAWN[: len(DRAWN) // 2]), 400, "broken"),
    Case(6, "no IEND", post(png(end=b"")), 200, "1"),
    Case(7, "wrong CRC in IHDR", post(png(header=chunk(b"IHDR", ihdr(), crc=1))), 400),
    Case(8, "wrong CRC in IDAT", post(png(pixels=chunk(b"IDAT", PIXELS, crc=1))), 400),
    Case(8, "garbage in IDAT", post(png(pixels=chunk(b"IDAT", b"garbage" * 9))), 400),
    Case(8, "short data in IDAT", post(png(pixels=chunk(b"IDAT", PIXELS[:-9]))), 400, "broken"),
    Case(8, "rows missing in IDAT", post(png(pixels=TOO_FEW)), 400, "before its last row"),
    Case(8, "interlaced rows missing", post(interlaced(missing=1)), 400, "before its last row"),
    Case(9, "invalid filter", post(png(pixels=chunk(b"IDAT", packed(a_one(), 9)))), 400),
    Case(10, "no width", post(sized(0, SIDE)), 400),
    Case(10, "no height", post(sized(SIDE, 0)), 400),
    Case(11, "30000 x 30000", post(sized(30_000, 30_000)), 413, "at most 20,000,000 pixels"),
    Case(12, "above the limit", post(sized(5000, 4001)), 413, "at most 20,000,000 pixels"),
    Case(12, "twice the limit", post(sized(8000, 5000)), 413, "at most 20,000,000 pixels"),
    Case(13, "65535 x 1", post(sized(65_535, 1, bytes(65_536))), 400, "pixels a side"),
    Case(13, "1 x 65535", post(sized(1, 65_535, bytes(2 * 65_535))), 400, "pixels a side"),
    Case(14, "2^31 wide", post(sized(2**31, 1)), 413),
    Case(14, "2^31 - 1 squared", post(sized(2**31 - 1, 2**31 - 1)), 413),
    Case(15, "zTXt bomb", post(png(expanding(b"zTXt", b"Comment\0\0", 500))), 400),
    Case(15, "iTXt bomb", post(png(expanding(b"iTXt", b"Comment\0\1\0\0\0", 500))), 400),
    Case(16, "iCCP bomb", post(png(expanding(b"iCCP", b"profile\0\0", 500))), 400),
    # What the table means is text of 80 MB once unpacked, where Pillow takes 64. As many notes as
    # short as these do no harm, and whoever writes them means none.
    Case(17, "80 short texts", post(png(*[chunk(b"tEXt", b"k\0v")] * 80)), 200, "1"),
    Case(17, "80 texts of a megabyte", post(png(*[expanding(b"zTXt", b"k\0\0", 1)] * 80)), 400),
    Case(18, "IHDR too long", post(png(header=chunk(b"IHDR", ihdr() + b"\0"))), 400),
    Case(18, "IHDR too short", post(png(header=chunk(b"IHDR", ihdr()[:-1]))), 400),
    Case(18, "two IHDRs", post(png(HEADER)), 400, "a second IHDR"),
    Case(18, "a later IHDR", post(png(end=HEADER + chunk(b"IEND"))), 400, "a second IHDR"),
    *[
        Case(18, f"{method} 2", post(png(header=chunk(b"IHDR", fields))), 400, "a method")
        for method, fields in {
            "compression": ihdr()[:10] + b"\2\0\0",
            "filter": ihdr()[:11] + b"\2\0",
            "interlace": ihdr()[:12] + b"\2",
        }.items()
    ],
    Case(19, "short pHYs", post(png(chunk(b"pHYs", b"\0"))), 400),
    Case(19, "short gAMA", post(png(chunk(b"gAMA", b"\0"))), 400),
    Case(19, "short cHRM", post(png(chunk(b"cHRM", b"\0"))), 400),
    Case(20, "short acTL", post(png(chunk(b"acTL", b"\0"), fctl(0))), 400),
    Case(20, "no frames", post(png(actl(0))), 400, "without a number of frames"),
    Case(20, "2^31 frames", post(png(actl(2**31))), 400, "without a number of frames"),
    Case(20, "two acTLs", post(png(actl(2), actl(2))), 400, "a second acTL"),
    Case(20, "short fcTL", post(png(actl(2), chunk(b"fcTL", b"\0"))), 400),
    Case(20, "fcTL out of turn", post(png(actl(2), fctl(7))), 400),
    Case(20, "frame outside", post(png(actl(2), fctl(0, 9 * SIDE, 9 * SIDE))), 400),
    Case(21, "chunk cut off", post(ONE[:-20]), 400),
    Case(21, "length too large", post(png(struct.pack(">I", 10**9) + b"tEXtk\0v")), 400),
    Case(22, "3 bits", post(png(header=chunk(b"IHDR", ihdr(depth=3)))), 400),
    Case(22, "colour type 5", post(png(header=chunk(b"IHDR", ihdr(kind=5)))), 400),
    Case(23, "no PLTE", post(png(header=chunk(b"IHDR", ihdr(kind=PALETTE)))), (200, 400)),
    Case(23, "long tRNS", post(png(chunk(b"tRNS", bytes(999)))), (200, 400)),
    Case(23, "short tRNS", post(png(chunk(b"tRNS", b"\0"))), (200, 400)),
    Case(24, "16 bits", post(of_kind(GREY, 16)), 200, "1"),
    Case(24, "16 bits of colours", post(of_kind(COLOURS, 16)), 200, "1"),
    Case(24, "grey and opacity", post(of_kind(GREY_AND_OPACITY, 8)), 200, "1"),
    Case(24, "colours and opacity", post(of_kind(COLOURS_AND_OPACITY, 8)), 200, "1"),
    Case(24, "1 bit", post(of_kind(GREY, 1)), 200, "1"),
    Case(24, "palette", post(of_kind(PALETTE, 8)), 200, "1"),
    Case(24, "palette of 1 bit", post(of_kind(PALETTE, 1)), 200, "1"),
    Case(24, "interlaced", post(interlaced()), 200, "1"),
    Case(25, "50 frames", post(animated(50)), 200, "1"),
    Case(26, "1 x 1", post(sized(1, 1, b"\0\0")), 200, "blank"),
    Case(26, "blank canvas", post(sized(SIDE, SIDE, bytes(SIDE * (SIDE + 1)))), 200, "blank"),
    Case(
        26,
        "transparent",
        post(
            png(
                header=chunk(b"IHDR", ihdr(kind=COLOURS_AND_OPACITY)),
                pixels=chunk(b"IDAT", packed([bytes(4 * SIDE)] * SIDE)),
            )
        ),
        200,
        "blank",
    ),
    Case(27, "followed by a ZIP", post(ONE + zipped()), 200, "1"),
]
REQUESTS = [
    Case(28, "length over the limit", post(b"x" * (LIMIT + 1)), 413, f"{LIMIT:,} bytes"),
    Case(28, "length far over it", post(b"x" * 20 * LIMIT), 413, f"{LIMIT:,} bytes"),
    Case(29, "chunks over the limit", chunked(ONE.ljust(LIMIT + 1, b"\0")), 413, "bytes"),
    Case(29, "chunks far over it", chunked(ONE.ljust(20 * LIMIT, b"\0")), 413, "bytes"),
    Case(29, "chunks at the limit", chunked(ONE.ljust(LIMIT, b"\0")), 200, "1"),
    Case(
        30,
        "length and chunks",
        head(HOST, TYPE, "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        400,
        "received 'CONTENT-LENGTH: 5, TRANSFER-ENCODING: chunked'",
    ),
    Case(
        30,
        "two lengths",
        head(HOST, TYPE, "Content-Length: 5", "Content-Length: 5", body=b"12345"),
        400,
        "received 'CONTENT-LENGTH: 5, CONTENT-LENGTH: 5'",
    ),
    Case(30, "negative length", head(HOST, TYPE, "Content-Length: -1"), 400, "LENGTH: -1"),
    Case(30, "length in words", head(HOST, TYPE, "Content-Length: five"), 400, "LENGTH: five"),
    Case(30, "signed length", head(HOST, TYPE, "Content-Length: +5", body=b"12345"), 400),
    Case(30, "unknown coding", head(HOST, TYPE, "Transfer-Encoding: magic"), 501, "'magic'"),
    Case(30, "chunks that are none", chunked(ONE).replace(b"\r\n\r\n", b"\r\n\r\nz", 1), 400),
    Case(31, "no length", head(HOST, TYPE, "Connection: close"), 411, "received neither"),
    Case(32, "no file", form(('name="picture"', ONE)), 400, "received fields: picture"),
    Case(32, "no boundary", form(('name="image"', ONE), boundary=""), 400, "the boundary"),
    Case(32, "another boundary", form(('name="image"', ONE), boundary="y"), 400, "the boundary"),
    Case(33, "101 parts", form(*[('name="image"', b"")] * 101), 413, "at most 100 fields"),
    Case(33, "a long name", form((f'name="{"a" * 900_000}"', ONE)), 400, "at most 16,384 bytes"),
    Case(33, "many parameters", form(("a=b; " * 180_000, ONE)), 400, "at most 16,384 bytes"),
    Case(33, "huge field", form(('name="a"', b"x" * LIMIT)), 413, "bytes"),
    Case(34, "path", form(('name="image"; filename="../../etc/passwd"', ONE)), 200, "1"),
    Case(34, "NUL in the name", form((NUL, ONE)), 200, "1"),
    Case(35, "long address", request("GET", "/" + "a" * 5000), 414, "at most 4,094 bytes"),
    Case(35, "long query", request("GET", "/?" + "a" * 100_000), 414, "at most 4,094 bytes"),
    Case(35, "long header", request("GET", "/", X="a" * 9000), 431, "at most 100 headers"),
    Case(35, "many headers", request("GET", "/", **{f"X{n}": "" for n in range(101)}), 431),
    Case(
        35,
        "a megabyte of headers",
        request("GET", "/", **{f"X{n}": "a" * 8000 for n in range(125)}),
        431,
    ),
    Case(
        35,
        "long headers",
        request("GET", "/nowhere", **{f"X{n}": "a" * 8000 for n in range(5)}),
        431,
        "at most 32,768 bytes of headers, received more",
    ),
    Case(
        35,
        "long headers but not too long",
        request("GET", "/nowhere", **{f"X{n}": "a" * 8000 for n in range(4)}),
        404,
        "/nowhere",
    ),
    Case(35, "long trailers", chunked(ONE)[:-2] + TRAILER * 5 + b"\r\n", 400),
    *[
        Case(36, f"{method} {path}", request(method, path), 405, f"received {method}.")
        for path, methods in {
            "/predict": ("GET", "PUT", "DELETE", "TRACE", "MAKE-COFFEE"),
            "/": ("PUT", "TRACE", "PROPFIND"),
            "/model": ("POST", "TRACE"),
            "/explain/weights": ("POST", "TRACE"),
            "/health/live": ("POST", "TRACE"),
        }.items()
        for method in methods
    ],
    Case(
        37,
        "a foreign Host",
        head("Host: example.org", TYPE, f"Content-Length: {len(ONE)}", body=ONE),
        400,
        "TRUSTED_HOSTS",
    ),
    Case(37, "a foreign Host for a page", head("Host: localhost.org"), 400, "TRUSTED_HOSTS"),
    Case(38, "no Host", head(TYPE, f"Content-Length: {len(ONE)}", body=ONE), 400, "Host"),
    Case(38, "no Host for a page", b"GET / HTTP/1.1\r\n\r\n", 400, "a Host header"),
    Case(38, "two Hosts", head(HOST, HOST), 400, "received 'HOST'"),
]
# What is like those of the table, and not in it.
MORE = [
    Case(0, "80,000 chunks", post(png(*[chunk(b"abCd")] * 80_000)), 400, "30,000 chunks"),
    Case(0, "no HTTP", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\r\n\r\n", 400, "a request line"),
    Case(0, "a lower-case method", b"get / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "'get'"),
    Case(0, "another version", b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 400, "'HTTP/3.0'"),
    Case(0, "no version", b"GET / now\r\nHost: a\r\n\r\n", 400, "'now'"),
    Case(0, "bare line feeds", b"GET / HTTP/1.1\nHost: a\n\n", 400, "bare LF"),
    Case(0, "spaces in a name", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "'Host '"),
    Case(0, "folded header", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400, "'X'"),
    Case(
        0,
        "folded length",
        head(HOST, TYPE, "Content-Length: 1", " 2", body=ONE),
        400,
        "one line each, received 'CONTENT-LENGTH'",
    ),
    Case(0, "NUL in a length", head(HOST, "Content-Length: 1\0"), 400, r"LENGTH: 1\x00'"),
    Case(0, "short chunks", chunked(ONE, size=1), 200, "1"),
    Case(0, "too many short chunks", chunked(ONE.ljust(2000, b"\0"), size=1), 400, "a broken one"),
    Case(0, "many chunks", chunked(ONE.ljust(LIMIT // 2, b"\0"), size=256), 200, "1"),
    Case(0, "NUL in a header", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400, "'X'"),
    Case(
        0,
        "contradictory schemes",
        request("GET", "/nowhere", X_Forwarded_Proto="https", X_Forwarded_Ssl="off"),
        404,
    ),
    Case(0, "expectation", request("GET", "/", Expect="miracles"), 417, "'miracles'"),
    Case(0, "wrong address", request("GET", "/nowhere"), 404, "/nowhere"),
    Case(0, "body nobody wants", request("POST", "/nowhere", b"x" * 20 * LIMIT), 404),
]
CASES = PICTURES + REQUESTS + MORE


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAX_BYTES", str(LIMIT))
        with running(workers=2) as server:
            yield server


@pytest.fixture(scope="module")
def workers(server: Server) -> list[int]:
    assert ask(server, SEVEN).json["text"] == "7"
    return server.workers()


def test_every_row_of_the_table_is_here() -> None:
    rows = {case.row for case in CASES} - {0}
    assert rows | ELSEWHERE == set(range(1, 41))
    assert not rows & ELSEWHERE


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_bad_input_gets_its_answer_and_the_next_request_too(
    server: Server, workers: list[int], case: Case
) -> None:
    answer = ask(server, case.content)
    statuses = case.status if isinstance(case.status, tuple) else (case.status,)
    assert answer.status in statuses, answer.body
    if answer.status == 200:
        assert answer.headers["content-type"] == "application/json"
        assert case.says in ("", answer.json["verdict"], answer.json["text"])
    else:
        assert case.says in detail(answer)
    assert ask(server, SEVEN).json["text"] == "7"
    assert server.workers() == workers


def detail(answer: Answer) -> str:
    """Checks the shape of a refusal (RFC 9457), and that it tells nothing of the inside."""
    assert answer.headers["content-type"] == "application/problem+json"
    for name, value in HEADERS:
        assert answer.headers[name.lower()] == value
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json
    assert list(problem) == ["type", "title", "status", "detail", "request_id"]
    assert problem["status"] == answer.status
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["detail"][:1].isupper()
    for inside in (b"Traceback", b'File "', b".py", b"Error("):
        assert inside not in answer.body
    if answer.status == 405:
        assert "OPTIONS" in answer.headers["allow"]
    return str(problem["detail"])


def test_a_wrong_method_is_refused_to_head_without_a_body(server: Server) -> None:
    with connect(server) as client:
        client.sendall(request("HEAD", "/predict"))
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nAllow: " in answer
    assert answer.endswith(b"\r\n\r\n")


def test_options_tells_the_methods(server: Server) -> None:
    answer = ask(server, request("OPTIONS", "/predict"))
    assert answer.status == 200
    assert set(answer.headers["allow"].split(", ")) == {"OPTIONS", "POST"}


@pytest.mark.parametrize("content", [b"POST /predict HT", request("GET", "/", close=False)[:-2]])
def test_a_request_that_breaks_off_is_told_so(server: Server, content: bytes) -> None:
    with connect(server) as client:
        client.sendall(content)
        client.shutdown(1)  # no more will come, but an answer may
        answer = receive(client)
    assert answer is not None
    assert answer.status == 400
    assert "received the beginning of one" in detail(answer)


@pytest.mark.parametrize("content", [SEVEN[:-9], chunked(ONE)[:-9]], ids=["whole", "chunked"])
def test_a_body_that_breaks_off_is_told_so(server: Server, content: bytes) -> None:
    with connect(server) as client:
        client.sendall(content)
        client.shutdown(1)
        answer = receive(client)
    assert answer is not None
    assert answer.status == 400
    assert "Expected a" in detail(answer)


def test_what_follows_a_refused_body_is_the_next_request(server: Server) -> None:
    """The body that nobody wanted is taken in, and not taken for a request."""
    smuggled = request("GET", "/nowhere/smuggled", close=False)
    with connect(server) as client:
        client.sendall(request("PUT", "/predict", smuggled, close=False) + SEVEN)
        answers = [receive(client), receive(client)]
    assert [answer and answer.status for answer in answers] == [405, 200]


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
REFUSED_TO_BROWSERS = {
    "no Host": (request("GET", "/", **BROWSER).replace(b"Host", b"Ghost"), 400),
    "long address": (request("GET", "/?" + "a" * 5000, **BROWSER), 414),
    "long header": (request("GET", "/", **BROWSER, Cookie="a" * 9000), 431),
    "two Hosts": (request("GET", "/", **BROWSER, host="localhost"), 400),
    "expectation": (request("GET", "/", **BROWSER, Expect="miracles"), 417),
    "unknown coding": (request("POST", "/", **BROWSER, Transfer_Encoding="magic"), 501),
    "wrong address": (request("GET", "/nowhere", **BROWSER), 404),  # which the app refuses
}


@pytest.mark.parametrize("name", REFUSED_TO_BROWSERS)
def test_a_browser_is_shown_a_page(server: Server, name: str) -> None:
    content, status = REFUSED_TO_BROWSERS[name]
    answer = ask(server, content)
    assert answer.status == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for header, value in HEADERS:
        assert answer.headers[header.lower()] == value
    assert len(answer.headers["x-request-id"]) == 32
    assert b"<h1>" in answer.body
    assert b"/static/" in answer.body
    assert b"aria-current" not in answer.body


@pytest.mark.parametrize("content", [request("GET", "/nowhere"), request("GET", "/?" + "a" * 5000)])
def test_proxies_are_believed_whoever_refuses(content: bytes) -> None:
    """By the app, and by the worker before it."""
    told = b"Connection: close\r\nX-Forwarded-Proto: https\r\nX-Request-ID: ours\r\n"
    content = content.replace(b"Connection: close\r\n", told)
    for proxies in (0, 1):
        with running(workers=1, PROXIES=str(proxies)) as server:
            answer = ask(server, content)
        assert answer.status in (404, 414)
        assert ("strict-transport-security" in answer.headers) == bool(proxies)
        assert (answer.headers["x-request-id"] == "ours") == bool(proxies)


def test_who_still_sends_a_broken_body_sees_why_it_was_refused(server: Server) -> None:
    content = chunked(ONE).replace(b"\r\n\r\n", b"\r\n\r\nz", 1)
    with connect(server) as client:
        client.sendall(content)
        for _ in range(3):
            time.sleep(
                0.3
            )  # it is refused by now, and sending to who has gone fails the second time
            client.sendall(bytes(100_000))
        answer = receive(client)
    assert answer is not None
    assert answer.status == 400
