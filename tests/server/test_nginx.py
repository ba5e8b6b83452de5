"""nginx in front of gunicorn, as deploy/nginx.conf configures it, and Redis behind it."""

from __future__ import annotations

import contextlib
import itertools
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from webapp.settings import Settings

from tests.handwriting import as_png, draw
from tests.server import system
from tests.server.raw_http import SEVEN, receive, request, wait_until
from tests.server.system import NAME, ROOT, Nginx, Server, free_port, redis, running

pytestmark = pytest.mark.system_packages

POST = request(body=SEVEN, host=NAME, Content_Type="image/png")
LIMIT = 50  # answers in an hour
ASKED = 150  # requests of a client
# Smaller limits, so that less has to be sent to reach them.
STRICT = {
    "client_header_timeout   10s": "client_header_timeout 2s",
    "client_body_timeout     10s": "client_body_timeout 2s",
    "digits_posts 128": "digits_posts 4",
    "rate=500r/s": "rate=1r/s",
    "burst=2000": "burst=40",
}
Front = Callable[[dict[str, str]], Nginx]


@pytest.fixture
def front(gunicorn: Server, tmp_path: Path) -> Iterator[Front]:
    """Run another nginx in front of `gunicorn`, with changes to its configuration."""
    with contextlib.ExitStack() as stack:
        yield lambda changes: stack.enter_context(system.nginx(tmp_path, gunicorn.port, changes))


def test_nginx_and_the_app_accept_bodies_of_the_same_size() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    (megabytes,) = re.findall(r"client_max_body_size +(\d+)m;", text)
    assert int(megabytes) * 1024 * 1024 == Settings().max_bytes


def test_the_page_comes_with_its_security_headers_and_nothing_else(nginx: Nginx) -> None:
    page = nginx.get("/", Accept_Encoding="br, gzip")
    assert page.status == 200
    assert page.headers["Content-Encoding"] == "br"
    assert page.headers["Server"] == "nginx"  # without its version
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    (policy,) = page.headers.get_all("Content-Security-Policy")
    assert "unsafe" not in policy
    assert not {"Set-Cookie", "X-Powered-By", "Via"} & set(page.headers)


def test_http_leads_to_https(nginx: Nginx) -> None:
    with nginx.plain.connect() as client:
        client.sendall(request("GET", "/model?x=1", host="evil.example"))
        answer = receive(client)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/model?x=1")


@pytest.mark.parametrize("version", ["1_1", "1_2", "1_3"])
def test_only_current_tls_and_http_2_are_spoken(nginx: Nginx, version: str) -> None:
    # With openssl, because Python may be built without the old versions.
    command = ["openssl", "s_client", f"-tls{version}", "-cipher", "ALL:@SECLEVEL=0"]
    address = ["-connect", f"127.0.0.1:{nginx.port}", "-servername", NAME]
    connected = subprocess.run([*command, *address, "-alpn", "h2"], input=b"", capture_output=True)
    assert (connected.returncode == 0) == (version != "1_1")
    assert (b"ALPN protocol: h2" in connected.stdout) == (version != "1_1")


def test_a_client_is_limited_by_its_own_address(tmp_path: Path) -> None:
    """By neither nginx's address nor one that the client made up."""
    settings = {"TRUSTED_HOSTS": NAME, "PROXIES": "1", "RATE_LIMIT": "5/hour"}
    with running(**settings) as app, system.nginx(tmp_path, app.port) as nginx:
        for source in ("127.0.0.2", "127.0.0.3"):
            statuses = [
                nginx.get("/model", source, X_Forwarded_For=f"192.0.2.{number}").status
                for number in range(6)
            ]
            assert statuses == [200] * 5 + [429]


def test_nginx_replaces_the_headers_that_the_app_trusts(nginx: Nginx) -> None:
    answer = nginx.get("/nowhere", X_Request_ID="spoofed")
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    headers = {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Host": "evil.example"}
    assert b"evil" not in nginx.get("/", **headers).body
    assert nginx.get("/metrics").status == 403


# In the head of a request, in its body, and in its chunks.
STALLED = [
    *(POST[:50], POST[:-9]),
    request(host=NAME, Transfer_Encoding="chunked") + b"ff\r\n\x89PNG",
]


def test_stalled_clients_delay_nobody(nginx: Nginx) -> None:
    def seconds() -> float:
        start = time.monotonic()
        assert nginx.post("/predict", SEVEN, "127.0.0.4").json["text"] == "7"
        return time.monotonic() - start

    alone = max(seconds() for _ in range(10))
    with contextlib.ExitStack() as stack:
        for content in STALLED * 20:
            stack.enter_context(nginx.connect()).sendall(content)
        assert max(seconds() for _ in range(10)) < 3 * alone + 0.5


def test_a_stalled_client_is_disconnected(front: Front) -> None:
    nginx = front(STRICT)
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(nginx.connect()) for _ in STALLED]
        for client, content in zip(connections, STALLED, strict=True):
            client.sendall(content)
        start = time.monotonic()
        for client in connections:
            assert receive(client).status in (0, 408)
            assert 1 < time.monotonic() - start < 10


def test_one_address_posts_only_so_many_pictures_at_once(front: Front) -> None:
    """Its other requests, and those of other addresses, are answered."""
    nginx = front({**STRICT, "client_body_timeout     10s": "client_body_timeout 60s"})
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(nginx.connect()).sendall(POST[:-9])
        wait_until(lambda: nginx.post("/predict", SEVEN).status == 503)
        assert nginx.post("/predict", SEVEN).headers["Retry-After"] == "5"
        assert nginx.get("/").status == 200
        assert nginx.post("/predict", SEVEN, "127.0.0.2").status == 200


def test_one_address_sends_only_so_many_requests_a_second(front: Front) -> None:
    nginx = front(STRICT)
    answers = [nginx.get("/health/live") for _ in range(50)]
    refused = [answer.headers["Retry-After"] for answer in answers if answer.status == 503]
    assert 0 < len(refused) <= 10
    assert set(refused) == {"5"}
    assert nginx.get("/health/live", "127.0.0.2").status == 200


def test_more_requests_than_the_app_can_take_are_refused_at_once(front: Front) -> None:
    nginx = front({"max_conns=1000": "max_conns=2"})
    large = as_png(draw(7, side=2000, pen=140))

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: nginx.post("/predict", large), range(24)))
    refused = [answer for answer in answers if answer.status != 200]
    assert 0 < len(refused) < 24
    assert {(answer.status, answer.headers["Retry-After"]) for answer in refused} == {(503, "5")}
    assert nginx.post("/predict", SEVEN).status == 200


def test_while_the_app_is_down_nginx_says_when_to_come_back(tmp_path: Path) -> None:
    with system.nginx(tmp_path, free_port()) as nginx:
        answer = nginx.post("/predict", SEVEN)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def answered(server: Server, source: str) -> int:
    """Return how many of many requests at once are answered."""
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: server.get("/model", source).status, range(ASKED)))
    assert set(statuses) <= {200, 429}
    return statuses.count(200)


def test_workers_count_together_in_redis_and_alone_without_it(tmp_path: Path) -> None:
    port = free_port()
    settings = {"RATE_LIMIT": f"{LIMIT}/hour", "RATE_LIMIT_STORAGE": f"redis://127.0.0.1:{port}"}
    fresh = (f"127.0.1.{number}" for number in itertools.count(1))
    with running(workers=2, **settings) as server:  # which also starts without Redis
        with redis(tmp_path, port) as process:
            wait_until(lambda: answered(server, next(fresh)) == LIMIT)
            process.send_signal(signal.SIGSTOP)  # it hangs
            start = time.monotonic()
            assert LIMIT < answered(server, next(fresh)) <= ASKED
            assert time.monotonic() - start < 20
            process.kill()
            process.wait()
            wait_until(lambda: LIMIT < answered(server, next(fresh)) <= 2 * LIMIT)
        with redis(tmp_path, port):
            wait_until(lambda: answered(server, next(fresh)) == LIMIT)
