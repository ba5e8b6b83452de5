"""The table of bad inputs, sent as bytes to the server that answers in production.

The rows are numbered as in the table of the design notes; 39 and 40 are in test_nginx.py. Pictures
are sent to nginx, which passes them on; requests also straight to gunicorn, which may answer them
otherwise. After each, the same processes answer the next request as if nothing had happened.
"""

from __future__ import annotations

import socket
import struct
import zlib
from dataclasses import dataclass

import pytest

from tests.handwriting import as_png, draw
from tests.server import pngs
from tests.server.conftest import LIMIT
from tests.server.pngs import SIDE, actl, chunk, expanding, fctl, ihdr, packed, png, sized
from tests.server.raw_http import SEVEN, receive, request
from tests.server.system import Nginx, Server

# Rows that nginx or gunicorn may refuse in their own words.
OWN_WORDS = {0, 28, 29, 30, 33, 35, 36, 38}


@dataclass(frozen=True)
class Case:
    row: int  # 0: not in the table
    name: str
    content: bytes
    status: int | tuple[int, ...]
    says: str = ""  # part of the refusal's detail; or the text or the verdict of an answer
    nginx: int | None = None  # the status, if nginx answers another one than the app

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


def form(*parts: tuple[str, bytes], boundary: str = "; boundary=x") -> bytes:
    """Return multipart/form-data of (Content-Disposition, content)."""
    body = b"".join(
        b"--x\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (text.encode(), content)
        for text, content in parts
    )
    return post(body + b"--x--\r\n", f"multipart/form-data{boundary}")


ONE = png()
DRAWN = as_png(draw(3))
PIXELS = packed(pngs.ROWS)  # the content of the chunk
CLEAR = bytes(SIDE * (1 + 4 * SIDE))
HOST, TYPE = "Host: localhost", "Content-Type: image/png"
SIZED, CHUNKS = "Content-Length: 5", "Transfer-Encoding: chunked"
NAMED = 'name="image"; filename="a.png"'
PICTURES = [
    Case(1, "empty body", post(b""), 400, "received nothing"),
    Case(2, "one byte", post(b"x"), 400),
    Case(2, "random bytes", post(zlib.compress(b"random" * 9)), 400),
    Case(2, "the signature alone", post(pngs.SIGNATURE), 400),
    Case(3, "JPEG", post(b"\xff\xd8\xff\xe0 JFIF"), 415, "JPEG"),
    Case(3, "GIF", post(b"GIF89a"), 415, "GIF"),
    Case(3, "SVG", post(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), 415, "SVG"),
    Case(3, "HTML", post(b"<!doctype html><title>x</title>"), 415, "HTML"),
    Case(4, "another type", post(ONE, "text/plain"), 415, "received text/plain"),
    Case(4, "no type", request(body=ONE), 415, "received none"),
    Case(4, "gzip", request(body=ONE, Content_Type="image/png", Content_Encoding="gzip"), 415),
    Case(5, "truncated IDAT", post(DRAWN[: len(DRAWN) // 2]), 400),
    Case(6, "no IEND", post(png(end=b"")), 200, "1"),
    Case(7, "wrong CRC in IHDR", post(png(header=chunk(b"IHDR", ihdr(), crc=1))), 400),
    Case(8, "wrong CRC in IDAT", post(png(pixels=chunk(b"IDAT", PIXELS, crc=1))), 400),
    Case(8, "garbage in IDAT", post(png(pixels=chunk(b"IDAT", b"garbage" * 9))), 400),
    Case(8, "short data in IDAT", post(png(pixels=chunk(b"IDAT", PIXELS[:-9]))), 400),
    Case(8, "rows missing", post(sized(SIDE, SIDE, b"\0" * (SIDE + 1) * 9)), 400),
    Case(8, "interlaced rows missing", post(pngs.interlaced(missing=1)), 400),
    Case(9, "filter 9", post(png(pixels=chunk(b"IDAT", packed(pngs.ROWS, 9)))), 400),
    Case(10, "no width", post(sized(0, SIDE)), 400),
    Case(10, "no height", post(sized(SIDE, 0)), 400),
    Case(11, "30000 x 30000", post(sized(30_000, 30_000)), 413, "20,000,000 pixels"),
    *[
        Case(12, name, post(sized(5000, 4001, b"", depth, kind)), 413, "20,000,000 pixels")
        for name, (kind, depth) in pngs.KINDS.items()
    ],
    Case(12, "interlaced", post(sized(9000, 9000, passes=1)), 413, "20,000,000 pixels"),
    Case(13, "65535 x 1", post(sized(65_535, 1, bytes(65_536))), 400, "pixels a side"),
    Case(13, "1 x 65535", post(sized(1, 65_535, bytes(2 * 65_535))), 400, "pixels a side"),
    Case(14, "2^31 wide", post(sized(2**31, 1)), 413),
    Case(14, "2^31 - 1 squared", post(sized(2**31 - 1, 2**31 - 1)), 413),
    Case(15, "zTXt bomb", post(png(expanding(b"zTXt", b"Comment\0\0", 100))), 400),
    Case(15, "iTXt bomb", post(png(expanding(b"iTXt", b"Comment\0\1\0\0\0", 100))), 400),
    Case(16, "iCCP bomb", post(png(expanding(b"iCCP", b"profile\0\0", 100))), 400),
    # The row means text that is 80 MB when it is unpacked. Short notes do no harm.
    Case(17, "80 texts of a megabyte", post(png(*[expanding(b"zTXt", b"k\0\0", 1)] * 80)), 400),
    Case(17, "80 short texts", post(png(*[chunk(b"tEXt", b"k\0v")] * 80)), 200, "1"),
    Case(18, "IHDR too long", post(png(header=chunk(b"IHDR", ihdr() + b"\0"))), 400),
    Case(18, "IHDR too short", post(png(header=chunk(b"IHDR", ihdr()[:-1]))), 400),
    Case(18, "two IHDRs", post(png(pngs.HEADER)), 400),
    Case(18, "unknown passes", post(png(header=chunk(b"IHDR", ihdr(passes=2)))), 400),
    *[
        Case(19, f"short {kind}", post(png(chunk(kind.encode(), b"\0"))), 400)
        for kind in ("pHYs", "gAMA", "cHRM")
    ],
    Case(20, "short acTL", post(png(chunk(b"acTL", b"\0"), fctl(0))), 400),
    Case(20, "no frames", post(png(actl(0))), 400),
    Case(20, "2^31 frames", post(png(actl(2**31))), 400),
    Case(20, "two acTLs", post(png(actl(2), actl(2))), 400),
    Case(20, "short fcTL", post(png(actl(2), chunk(b"fcTL", b"\0"))), 400),
    Case(20, "fcTL out of turn", post(png(actl(2), fctl(7))), 400),
    Case(20, "frame outside", post(png(actl(2), fctl(0, 9 * SIDE, 9 * SIDE))), 400),
    Case(21, "chunk cut off", post(ONE[:-20]), 400),
    Case(21, "length too large", post(png(struct.pack(">I", 10**9) + b"tEXtk\0v")), 400),
    Case(22, "3 bits", post(png(header=chunk(b"IHDR", ihdr(depth=3)))), 400),
    Case(22, "colour type 5", post(png(header=chunk(b"IHDR", ihdr(kind=5)))), 400),
    Case(23, "no PLTE", post(png(header=chunk(b"IHDR", ihdr(kind=pngs.PALETTE)))), (200, 400)),
    Case(23, "long tRNS", post(png(chunk(b"tRNS", bytes(999)))), (200, 400)),
    Case(23, "short tRNS", post(png(chunk(b"tRNS", b"\0"))), (200, 400)),
    *[Case(24, name, post(pngs.of_kind(*kind)), 200, "1") for name, kind in pngs.KINDS.items()],
    Case(24, "interlaced", post(pngs.interlaced()), 200, "1"),
    Case(25, "50 frames", post(pngs.animated(50)), 200, "1"),
    Case(26, "1 x 1", post(sized(1, 1, b"\0\0")), 200, "blank"),
    Case(26, "blank canvas", post(sized(SIDE, SIDE, bytes(SIDE * (SIDE + 1)))), 200, "blank"),
    Case(26, "transparent", post(sized(SIDE, SIDE, CLEAR, kind=pngs.RGBA)), 200, "blank"),
    Case(27, "followed by a ZIP", post(ONE + b"PK\5\6" + bytes(18)), 200, "1"),
    Case(0, "80,000 chunks", post(png(*[chunk(b"abCd")] * 80_000)), 400),
]
REQUESTS = [
    Case(28, "length over the limit", post(b"x" * (LIMIT + 1)), 413, "bytes"),
    Case(29, "chunks over the limit", chunked(ONE.ljust(LIMIT + 1, b"\0")), 413, "bytes"),
    Case(29, "chunks far over it", chunked(ONE.ljust(20 * LIMIT, b"\0")), 413, "bytes"),
    Case(29, "chunks at the limit", chunked(ONE.ljust(LIMIT, b"\0")), 200, "1"),
    Case(30, "length and chunks", head(HOST, TYPE, SIZED, CHUNKS, body=b"0\r\n\r\n"), 400),
    Case(30, "two lengths", head(HOST, TYPE, SIZED, SIZED, body=b"12345"), 400),
    Case(30, "negative length", head(HOST, TYPE, "Content-Length: -1"), 400),
    Case(30, "signed length", head(HOST, TYPE, "Content-Length: +5", body=b"12345"), 400),
    Case(30, "unknown coding", head(HOST, TYPE, "Transfer-Encoding: magic"), 501),
    Case(30, "broken chunks", chunked(ONE).replace(b"\r\n\r\n", b"\r\n\r\nz", 1), 400),
    Case(31, "no length", head(HOST, TYPE, "Connection: close"), 411, "received neither"),
    Case(32, "no file", form(('name="picture"', ONE)), 400, "picture"),
    Case(32, "no boundary", form(('name="image"', ONE), boundary=""), 400),
    Case(32, "a field, no file", form(('name="image"', b"text")), 400, "image"),
    Case(32, "no end", form((NAMED, ONE)).replace(b"--x--", b"xxxxx"), 400),
    Case(32, "another boundary", form(('name="image"', ONE), boundary="; boundary=y"), 400),
    Case(33, "101 parts", form(*[('name="image"', b"")] * 101), 413),
    Case(33, "huge field", form(('name="a"', b"x" * LIMIT)), 413),
    Case(34, "path", form(('name="image"; filename="../../etc/passwd"', ONE)), 200, "1"),
    Case(34, "NUL in the name", form(('name="image"; filename="a\0b.png"', ONE)), 200, "1"),
    Case(35, "long address", request("GET", "/" + "a" * 9000), 414),
    Case(35, "long header", request("GET", "/", X="a" * 9000), 431, nginx=400),
    *[
        Case(36, f"{method} {path}", request(method, path), 405, f"received {method}.")
        for path in ("/predict", "/", "/health/live")
        for method in ("PUT", "TRACE", "MAKE-COFFEE")
    ],
    Case(37, "foreign Host", request(body=ONE, host="example.org"), 400, "TRUSTED_HOSTS"),
    Case(37, "foreign Host for a page", request("GET", "/", host="localhost.org"), 400),
    Case(38, "no Host", head(TYPE, f"Content-Length: {len(ONE)}", body=ONE), 400),
    Case(38, "two Hosts", head(HOST, HOST), 400),
    Case(0, "NUL in a header", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
    Case(0, "short chunks", chunked(ONE, size=1), 200, "1"),
    Case(0, "body nobody wants", request("POST", "/nowhere", b"x" * LIMIT), 404),
]


@pytest.mark.system_packages
@pytest.mark.parametrize("case", PICTURES, ids=str)
def test_a_bad_picture_is_refused(nginx: Nginx, gunicorn: Server, case: Case) -> None:
    check(nginx, gunicorn, case)


@pytest.mark.parametrize("case", REQUESTS, ids=str)
def test_a_bad_request_is_refused(server: Server | Nginx, gunicorn: Server, case: Case) -> None:
    check(server, gunicorn, case)


def check(server: Server | Nginx, gunicorn: Server, case: Case) -> None:
    """Send a case, and check its answer and that of the next request."""
    workers = gunicorn.workers()
    answer = server.send(case.content)
    expected = (case.nginx if isinstance(server, Nginx) else None) or case.status
    assert answer.status in (expected if isinstance(expected, tuple) else (expected,)), answer.body
    if answer.status == 200:
        assert case.says in ("", answer.json["verdict"], answer.json["text"])
    elif answer.headers["Content-Type"] == "application/problem+json":
        assert list(answer.json) == ["type", "title", "status", "detail", "request_id"]
        assert answer.json["status"] == answer.status
        assert answer.json["request_id"] == answer.headers["X-Request-ID"]
        assert case.says in answer.json["detail"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert b"Traceback" not in answer.body
        assert answer.status != 405 or answer.headers["Allow"]
    else:
        assert case.row in OWN_WORDS
    assert server.post("/predict", SEVEN).json["text"] == "7"
    assert gunicorn.workers() == workers


def test_a_refused_body_is_not_read_as_the_next_request(server: Server | Nginx) -> None:
    smuggled = request("GET", "/nowhere/smuggled", close=False)
    with server.connect() as client:
        client.sendall(request("PUT", "/predict", smuggled, close=False))
        refusal = receive(client)
        client.sendall(post(SEVEN))
        answer = receive(client)
    assert refusal.status == 405
    assert answer.status == 0 or answer.json["text"] == "7"


@pytest.mark.parametrize("content", [post(SEVEN), chunked(SEVEN)], ids=["sized", "chunked"])
def test_a_body_that_breaks_off_is_refused(gunicorn: Server, content: bytes) -> None:
    with gunicorn.connect() as client:
        client.sendall(content[:-9])
        client.shutdown(socket.SHUT_WR)
        assert receive(client).status in (0, 400)
    assert gunicorn.post("/predict", SEVEN).json["text"] == "7"
