"""The server on the internet: gunicorn behind nginx, as deploy/nginx.conf has it, over TLS."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from benchmarks.browser import chromium, draw_with_mouse
from benchmarks.servers import running
from tests.handwriting import as_png, draw
from tests.server.observatory import Visit, examined
from tests.server.system import NAME, Front, command, front, wait_until

pytestmark = pytest.mark.system_packages

LIMIT = 300  # plain answers in an hour; the test of it asks from addresses of its own
SEVEN = as_png(draw(7))
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    settings = {"TRUSTED_HOSTS": NAME, "PROXIES": "1", "RATE_LIMIT": f"{LIMIT}/hour"}
    with (
        running(workers=1, **settings) as app,
        front(tmp_path_factory.mktemp("nginx"), app.port) as nginx,
    ):
        yield nginx


def visited(nginx: Front) -> Visit:
    """What the Observatory looks at."""
    page = nginx.ask()
    redirect = nginx.ask_without_tls()
    origin = "https://observatory.example"
    return Visit(
        host=NAME,
        headers=page.headers,
        content=page.body.decode(),
        is_verified=True,  # or asking had failed
        route=[f"http://{NAME}/", redirect.headers["Location"]],
        shared=nginx.ask(headers={"Origin": origin}).headers,
        origin=origin,
    )


def test_the_configuration_is_clean(nginx: Front) -> None:
    tried = subprocess.run([*command(nginx), "-t"], capture_output=True, text=True)
    assert tried.returncode == 0
    assert "test is successful" in tried.stderr
    assert "[" not in tried.stderr, "warnings are [warn]"


def test_the_page_and_the_answer_come_over_tls(nginx: Front) -> None:
    page = nginx.ask(headers={"Accept-Encoding": "br, gzip"})
    assert page.status == 200
    assert page.headers["Content-Encoding"] == "br"
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert page.headers["Server"] == "nginx"
    answer = nginx.ask("/predict", SEVEN)
    assert json.loads(answer.body)["text"] == "7"


def test_http_leads_to_tls(nginx: Front) -> None:
    answer = nginx.ask_without_tls("/model?x=1")
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://{NAME}/model?x=1"
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("version", ["TLSv1_1", "TLSv1_2", "TLSv1_3"])
def test_old_tls_is_refused(nginx: Front, version: str) -> None:
    # By openssl, for Python's own may be built without the old ones.
    there = ("-connect", f"127.0.0.1:{nginx.https}", "-servername", NAME)
    option = "-" + version.lower().replace("v1_", "1_")
    asked = subprocess.run(
        ["openssl", "s_client", option, "-cipher", "ALL:@SECLEVEL=0", *there],
        input=b"",
        capture_output=True,
    )
    assert (asked.returncode == 0) == (version != "TLSv1_1")


def test_browsers_speak_http_2(nginx: Front) -> None:
    nginx.tls.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with nginx.connect() as connection:
            assert connection.selected_alpn_protocol() == "h2"
    finally:
        nginx.tls.set_alpn_protocols(["http/1.1"])


def test_the_page_draws_and_copies_its_link_in_chromium(
    nginx: Front, playwright: Playwright
) -> None:
    """Over HTTP/2, and without a word in the console on anything that the headers deny."""
    rules = f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{nginx.https}"
    with chromium(playwright, rules) as browser:
        context = browser.new_context(ignore_https_errors=True, permissions=["clipboard-write"])
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"https://{NAME}/")
        draw_with_mouse(page, [[(25, 20), (75, 20), (45, 85)]])
        expect(page.locator("#verdict-text")).to_have_text("7")
        page.click("#share")
        expect(page.locator("#notice")).to_contain_text("The link is copied")
        navigation = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
        assert page.evaluate(navigation) == "h2"
        assert page.evaluate("isSecureContext && crossOriginIsolated")
        page.goto(f"https://{NAME}/model")
        plot = page.locator("img").first
        plot.scroll_into_view_if_needed()
        expect(plot).to_have_js_property("complete", True)
        assert plot.evaluate("image => image.naturalWidth") > 100
        assert said == []


def test_a_clients_own_address_is_what_is_limited(nginx: Front) -> None:
    """And neither nginx's, nor one that the client made up."""
    for source in ("127.0.0.2", "127.0.0.3"):
        spoofed = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(LIMIT + 1)]
        with ThreadPoolExecutor(8) as pool:
            asked = pool.map(
                lambda headers, source=source: nginx.ask("/nowhere", None, headers, source),
                spoofed,
            )
            statuses = [answer.status for answer in asked]
        assert (statuses.count(404), statuses.count(429)) == (LIMIT, 1)


def test_a_foreign_host_is_refused(nginx: Front) -> None:
    answer = nginx.ask(headers={"Host": "evil.example"})
    assert answer.status == 400
    assert "TRUSTED_HOSTS" in json.loads(answer.body)["detail"]


def test_a_request_has_one_name_everywhere(nginx: Front) -> None:
    answer = nginx.ask("/nowhere", headers={"X-Request-ID": "spoofed"})
    name = json.loads(answer.body)["request_id"]
    assert name == answer.headers["X-Request-ID"] != "spoofed"
    assert len(name) == 32


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["program", "person"])
def test_a_body_over_the_limit_is_refused_by_nginx_in_our_shape(
    nginx: Front, headers: dict[str, str]
) -> None:
    answer = nginx.ask("/predict", bytes(10 * 1024 * 1024 + 1), headers)
    assert answer.status == 413
    assert answer.headers["Strict-Transport-Security"]
    assert answer.headers["Cache-Control"] == "no-store"
    if headers:
        assert answer.headers["Content-Type"] == "text/html"
        assert b"<h1>Request Entity Too Large</h1>" in answer.body
    else:
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = json.loads(answer.body)
        assert list(problem) == ["type", "title", "status", "detail", "request_id"]
        assert problem["status"] == 413
        assert problem["request_id"] == answer.headers["X-Request-ID"]


def said(client: socket.socket, head: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Sends these bytes; the answer's status, headers and body."""
    with client:
        client.sendall(head.encode())
        response = http.client.HTTPResponse(client)
        response.begin()
        return response.status, response.headers, response.read()


def without_tls(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 20)


HOST = f"Host: {NAME}"
BROKEN = {
    "long address": (414, [f"GET /{'a' * 9000} HTTP/1.1", HOST]),
    "long header": (431, ["GET / HTTP/1.1", HOST, "X: " + "a" * 9000]),
    "many headers": (431, ["GET / HTTP/1.1", HOST, *(f"X{n}: {'a' * 4000}" for n in range(9))]),
    "no Host": (400, ["GET / HTTP/1.1", "Connection: close"]),
    "two Hosts": (400, ["GET / HTTP/1.1", HOST, HOST]),
    "two lengths": (400, ["POST /predict HTTP/1.1", HOST, *["Content-Length: 3"] * 2]),
    "length and chunks": (
        400,
        ["POST /predict HTTP/1.1", HOST, "Content-Length: 3", "Transfer-Encoding: chunked"],
    ),
    "above the root": (400, ["GET /../../etc/passwd HTTP/1.1", HOST]),
    "no HTTP": (400, ["\x16\x03"]),
    "TRACE": (405, ["TRACE /model HTTP/1.1", HOST]),
    "unknown coding": (501, ["POST /predict HTTP/1.1", HOST, "Transfer-Encoding: magic"]),
    "another version": (505, ["GET / HTTP/3.0", HOST]),
}


@pytest.mark.parametrize("over_tls", [True, False], ids=["TLS", "plain"])
@pytest.mark.parametrize("name", BROKEN)
def test_what_nginx_cannot_read_is_refused_in_our_shape(
    nginx: Front, name: str, over_tls: bool
) -> None:
    expected, lines = BROKEN[name]
    client = nginx.connect() if over_tls else without_tls(nginx.http)
    status, headers, body = said(client, "\r\n".join([*lines, "", ""]))
    assert status == expected
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers.get("Strict-Transport-Security") == ("max-age=31536000" if over_tls else None)
    assert "Retry-After" not in headers
    problem = json.loads(body)
    assert list(problem) == ["type", "title", "status", "detail", "request_id"]
    assert problem["status"] == status
    assert problem["title"] != "Bad Gateway"
    assert problem["detail"].startswith("Expected ")
    assert problem["request_id"] == headers["X-Request-ID"]


def test_a_chunk_that_is_none_is_refused_in_our_shape(nginx: Front) -> None:
    lines = ["POST /predict HTTP/1.1", HOST, "Transfer-Encoding: chunked", "", "zz", ""]
    status, headers, _ = said(nginx.connect(), "\r\n".join(lines))
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")


def test_a_person_gets_a_page_for_it(nginx: Front) -> None:
    accept = f"Accept: {BROWSER['Accept']}"
    for line, title in (("X: " + "a" * 9000, "Fields Too Large"), (HOST, "Bad Request")):
        lines = ["GET / HTTP/1.1", HOST, accept, line, "", ""]
        _, headers, body = said(nginx.connect(), "\r\n".join(lines))
        assert headers["Content-Type"] == "text/html"
        assert title.encode() in body


def test_plain_http_on_the_port_of_tls_is_refused_in_our_shape(nginx: Front) -> None:
    plain = without_tls(nginx.https)
    status, headers, _ = said(plain, f"GET / HTTP/1.1\r\n{HOST}\r\n\r\n")
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/?x=1", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/model", {"GET", "HEAD", "OPTIONS"}),
        ("/predict", {"OPTIONS", "POST"}),
        ("/explain/heat-map", {"OPTIONS", "POST"}),
        ("/explain/weights?sha256=x", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(nginx: Front, path: str, allowed: set[str]) -> None:
    """By nginx as by the app, which is asked with a method that nginx lets through."""
    for method in ("TRACE", "PATCH"):
        status, headers, _ = said(
            nginx.connect("127.0.0.6"), f"{method} {path} HTTP/1.1\r\n{HOST}\r\n\r\n"
        )
        assert status == 405
        assert set(headers["Allow"].split(", ")) == allowed


def test_a_body_of_just_the_limit_reaches_the_app(nginx: Front) -> None:
    answer = nginx.ask("/predict", SEVEN.ljust(10 * 1024 * 1024, b"\0"))
    assert json.loads(answer.body)["text"] == "7"


def test_stalled_clients_delay_nobody(nginx: Front) -> None:
    stalled = [nginx.connect(f"127.0.1.{number}") for number in range(50)]
    for client in stalled:
        client.sendall(
            b"POST /predict HTTP/1.1\r\nHost: digits.example.org\r\nContent-Type: image/png\r\n"
            b"Content-Length: 5000\r\n\r\nonly this"
        )
    start = time.monotonic()
    for digit in (3, 4, 5, 6):
        answer = nginx.ask("/predict", as_png(draw(digit)), source="127.0.0.4")
        assert json.loads(answer.body)["text"] == str(digit)
    assert time.monotonic() - start < 5
    for client in stalled:
        client.close()


def test_metrics_are_not_shown_outside(nginx: Front) -> None:
    answer = nginx.ask("/metrics")
    assert answer.status == 404
    assert json.loads(answer.body)["status"] == 404


def test_without_the_app_nginx_says_so_and_when_to_come_back(tmp_path: Path) -> None:
    with running(workers=1, TRUSTED_HOSTS=NAME, PROXIES="1") as app, front(tmp_path, app.port) as n:
        assert n.ask("/health/ready").status == 200
        app.process.terminate()
        app.process.wait(timeout=20)
        wait_until(lambda: n.ask("/predict", SEVEN).status == 502)
        answer = n.ask("/predict", SEVEN)
        assert answer.headers["Retry-After"] == "5"
        assert json.loads(answer.body)["detail"].startswith("Expected an answer from the app")


def test_the_observatory_gives_an_a_plus(nginx: Front) -> None:
    score = examined(visited(nginx))
    assert score.score >= 100, score.results
    assert score.grade == "A+"


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("Content-Security-Policy", 55),
        ("Strict-Transport-Security", 80),
        ("Cross-Origin-Resource-Policy", 120),
        ("Referrer-Policy", 125),
        ("X-Content-Type-Options", 125),
    ],
)
def test_the_observatory_misses_what_is_missing(nginx: Front, name: str, score: int) -> None:
    visit = visited(nginx)
    assert examined(visit).score == 130
    assert visit.headers is not None
    del visit.headers[name]
    assert examined(visit).score == score


@pytest.mark.parametrize(
    ("name", "value", "score"),
    [
        ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'", 125),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'", 80),
        ("Content-Security-Policy", "script-src 'unsafe-inline'; frame-ancestors 'none'", 80),
        ("Strict-Transport-Security", "max-age=3600", 120),
        ("Referrer-Policy", "unsafe-url", 120),
        ("Set-Cookie", "session=1; Secure; SameSite=Lax", 70),
        ("Set-Cookie", "theme=dark", 125),
    ],
)
def test_the_observatory_sees_what_is_unsafe(
    nginx: Front, name: str, value: str, score: int
) -> None:
    visit = visited(nginx)
    assert visit.headers is not None
    del visit.headers[name]
    visit.headers[name] = value
    assert examined(visit).score == score


def test_the_observatory_sees_a_missing_redirect_and_a_foreign_script(nginx: Front) -> None:
    visit = visited(nginx)
    visit.route = visit.route[:1]
    assert examined(visit).score == 80
    visit = visited(nginx)
    visit.content += '<script src="//cdn.example/x.js"></script>'
    assert examined(visit).score == 50
