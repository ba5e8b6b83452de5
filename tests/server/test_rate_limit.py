"""The rate limit of several workers, counted together in a real Redis."""

from __future__ import annotations

import http.client
import itertools
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.servers import Server, free_port, running
from tests.server.system import Answer, answer, redis, wait_until

LIMIT = 150  # plain answers in an hour
ASKED = 400  # of them, by clients at once
CLIENTS = 8


def ask(server: Server, source: str) -> Answer:
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.port, timeout=20, source_address=(source, 0)
    )
    return answer(connection, "GET", "/nowhere", None, {})


def admitted(server: Server, source: str, asked: int = ASKED) -> int:
    """How many of many requests at once, each over a connection of its own, are not refused."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = list(pool.map(lambda _: ask(server, source).status, range(asked)))
    assert set(statuses) <= {404, 429}
    return statuses.count(404)


@pytest.mark.system_packages
def test_workers_count_together_in_redis_and_go_on_without_it(tmp_path: Path) -> None:
    port = free_port()
    settings = {"RATE_LIMIT": f"{LIMIT}/hour", "RATE_LIMIT_STORAGE": f"redis://127.0.0.1:{port}"}
    fresh = (f"127.0.1.{number}" for number in itertools.count(1))
    with running(workers=2, **settings) as server:  # which starts without Redis, too
        with redis(tmp_path, port) as process:
            assert admitted(server, next(fresh)) == LIMIT
            process.kill()
            process.wait()
            assert LIMIT < admitted(server, next(fresh)) <= 2 * LIMIT, "each by itself"
        with redis(tmp_path, port):
            wait_until(lambda: admitted(server, next(fresh)) == LIMIT)
            assert admitted(server, next(fresh)) == LIMIT


@pytest.mark.system_packages
def test_a_redis_that_hangs_holds_up_nobody_for_long(tmp_path: Path) -> None:
    port = free_port()
    settings = {"RATE_LIMIT": f"{LIMIT}/hour", "RATE_LIMIT_STORAGE": f"redis://127.0.0.1:{port}"}
    with redis(tmp_path, port) as process, running(workers=1, **settings) as server:
        assert ask(server, "127.0.0.2").status == 404
        process.send_signal(signal.SIGSTOP)
        start = time.monotonic()
        assert admitted(server, "127.0.0.3") == LIMIT
        assert time.monotonic() - start < 10
        process.send_signal(signal.SIGCONT)


def test_one_worker_counts_by_itself_and_has_one_thread() -> None:
    with running(workers=1, RATE_LIMIT=f"{LIMIT}/hour") as server:
        assert admitted(server, "127.0.0.2") == LIMIT
        assert admitted(server, "127.0.0.3") == LIMIT
        (worker,) = server.workers()
        assert len(list(Path(f"/proc/{worker}/task").iterdir())) == 1


def test_the_refusal_of_a_posted_picture_arrives() -> None:
    """Also where the connection is closed after it: what was sent has to be taken in before."""
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
    body = bytes(5_000_000)
    with running(workers=1, RATE_LIMIT="1/hour") as server:
        assert ask(server, "127.0.0.1").status == 404
        for host in (b"localhost", b"evil.example"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
                client.sendall(
                    head.replace(b"localhost", host)
                    + f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                refusal = client.makefile("rb").read()
            assert refusal.startswith(b"HTTP/1.1 4"), "429 and 400"
