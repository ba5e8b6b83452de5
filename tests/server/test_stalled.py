"""Clients that stall hold up nobody, and are parted with."""

from __future__ import annotations

import contextlib
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.servers import Server, resident_megabytes, running
from benchmarks.strokes import post
from tests.handwriting import as_png, draw
from tests.server.http_bytes import Answer, ask, connect, receive, request
from tests.server.waiting import wait_until

BODY_SECONDS = 1
MANY = 50
OTHERS = 15  # requests of those who do not stall
LARGE = 9 * 1024 * 1024  # bytes of a picture, just below the limit for one
UNFINISHED = 12  # such pictures: twice what a worker holds
SEVEN = as_png(draw(7))
WHOLE = request(body=SEVEN, Content_Type="image/png")
STALLED = {
    "headers": WHOLE[:50],
    "body": WHOLE[:-9],
    "chunks": request(Content_Type="image/png", Transfer_Encoding="chunked") + b"ff\r\n\x89PNG",
}
# More answers than the system keeps for a client that does not read: some 5 MB.
UNREAD = request("GET", "/explain/weights", close=False) * 100


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BODY_SECONDS", str(BODY_SECONDS))
        with running(workers=2) as server:
            yield server


def stall(server: Server, content: bytes, count: int = MANY) -> list[socket.socket]:
    clients = [connect(server) for _ in range(count)]
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(content)
    return clients


def seconds_of_others(server: Server) -> list[float]:
    """How long each of some requests takes, one after the other, the longest last."""
    taken = []
    for _ in range(OTHERS):
        start = time.monotonic()
        assert post(server.address, SEVEN)["text"] == "7"
        taken.append(time.monotonic() - start)
    return sorted(taken)


def nobody_waits(alone: list[float], beside: list[float]) -> None:
    """Beside those who stall most take as long as alone; a busy machine may hold up two."""
    assert statistics.median(beside) < 3 * statistics.median(alone) + 0.01
    assert beside[-3] < BODY_SECONDS / 2  # to wait for a single one that stalls takes twice that


@pytest.mark.parametrize("part", STALLED)
def test_who_stalls_is_told_so_and_holds_up_nobody(server: Server, part: str) -> None:
    alone = seconds_of_others(server)
    clients = stall(server, STALLED[part])
    nobody_waits(alone, seconds_of_others(server))
    for client in clients:
        with client:
            answer = receive(client)
            assert client.recv(1) == b""
        assert answer is not None
        assert answer.status == 408
        assert answer.headers["connection"] == "close"
        assert answer.json["request_id"] == answer.headers["x-request-id"]
        assert " s, received only some of " in answer.json["detail"]


def test_who_does_not_read_is_cut_off_and_holds_up_nobody() -> None:
    """Each takes a hundred answers to stall, none of which may be the short one that comes late."""
    with running(workers=1, BODY_SECONDS=str(BODY_SECONDS), MAX_WAIT="60") as server:
        (worker,) = server.workers()
        clients = stall(server, UNREAD, count=10)
        for _ in range(5):
            assert post(server.address, SEVEN)["text"] == "7"
        wait_until(lambda: not server.connections(worker), 60)
        for client in clients:
            with client, pytest.raises(ConnectionResetError):
                while client.recv(1024 * 1024):
                    pass


def test_a_body_has_its_time_altogether_and_not_between_two_bytes(server: Server) -> None:
    with connect(server) as client:
        client.sendall(WHOLE[:-100])
        start = time.monotonic()
        client.settimeout(0.1)
        for byte in WHOLE[-100:-1]:
            client.sendall(bytes([byte]))
            try:
                answer = receive(client)
                break
            except TimeoutError:
                continue
    assert answer is not None
    assert answer.status == 408
    assert time.monotonic() - start < BODY_SECONDS + 3


def test_who_says_nothing_is_not_answered(server: Server) -> None:
    """Browsers connect in advance, and would take an answer for that to their next question."""
    with connect(server) as client:
        client.settimeout(1)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(20)
        client.sendall(WHOLE)
        answer = receive(client)
    assert answer is not None
    assert answer.json["text"] == "7"


def test_silent_connections_give_way_to_others() -> None:
    """As many as a worker holds at all; each costs the client nothing."""
    with running("--worker-connections", "50", workers=1) as server:
        silent = [connect(server) for _ in range(120)]
        start = time.monotonic()
        assert post(server.address, SEVEN)["text"] == "7"
        assert time.monotonic() - start < 15
        for client in silent:
            client.close()


def test_large_bodies_that_stall_take_no_more_than_so_much_memory() -> None:
    """Drawings are answered meanwhile, and large pictures when those that stalled are gone."""
    whole = request(body=SEVEN.ljust(LARGE, b"\0"), Content_Type="image/png")
    with running(workers=1, BODY_SECONDS="8") as server:
        (worker,) = server.workers()
        before = resident_megabytes(worker)
        clients = [connect(server) for _ in range(UNFINISHED)]
        refused = [answer for client in clients if (answer := begun(client, whole[:-1]))]
        assert refused
        for answer in refused:
            assert answer.status == 503
            assert answer.headers["retry-after"] == "1"
            assert "at most 67,108,864 bytes together" in answer.json["detail"]
        assert resident_megabytes(worker) < before + 64 * 1.5
        assert post(server.address, SEVEN)["text"] == "7"
        for client in clients:
            with client:
                client.settimeout(30)
                while client.recv(65_536):  # until the server has parted with it
                    pass
        assert ask(server, whole).json["text"] == "7"
        assert f"requests_shed_total {len(refused):.1f}" in metrics(server)


def begun(client: socket.socket, content: bytes) -> Answer | None:
    """Sends as much as is taken in; the answer, if there is one already."""
    with contextlib.suppress(OSError):  # it was refused, and sent more than is taken in after that
        client.sendall(content)
    client.settimeout(0.2)
    try:
        return receive(client)
    except TimeoutError:
        return None


def metrics(server: Server) -> str:
    return ask(server, request("GET", "/metrics")).body.decode()


def test_nobody_stalls_in_all_places() -> None:
    """One address has a quarter of them: the others are left to others."""
    with running("--worker-connections", "40", workers=1) as server:
        clients = [connect(server) for _ in range(60)]
        for client in clients:
            client.sendall(WHOLE[:50])
        start = time.monotonic()
        with socket.create_connection(
            ("127.0.0.1", server.port), timeout=20, source_address=("127.0.0.2", 0)
        ) as other:
            other.sendall(WHOLE)
            answer = receive(other)
        assert answer is not None
        assert answer.json["text"] == "7"
        assert time.monotonic() - start < 3  # 60 that stall for 5 s in 40 places take 10
        statuses = []
        for client in clients:
            with client:
                answer = receive(client)
            assert answer is not None
            statuses.append((answer.status, answer.headers.get("retry-after")))
        assert statuses.count((408, None)) == 10
        assert statuses.count((503, "1")) == 50


def test_a_body_that_keeps_coming_takes_turns_with_others() -> None:
    """All of it has arrived when it is read; who waits for four such waits four times for one."""
    pieces = (b"100\r\n" + bytes(256) + b"\r\n") * 40_000 + b"0\r\n\r\n"
    content = request(Transfer_Encoding="chunked", Content_Type="image/png") + pieces
    enough = threading.Event()

    def flood(server: Server) -> None:
        while not enough.is_set():
            ask(server, content)

    # With time to wait and to send: on a busy machine, who is late would be refused.
    patient = {"MAX_WAIT": "5", "BODY_SECONDS": "60"}
    with running(workers=1, **patient) as server, ThreadPoolExecutor(4) as pool:
        start = time.monotonic()
        ask(server, content)
        one = time.monotonic() - start
        floods = [pool.submit(flood, server) for _ in range(4)]
        time.sleep(1)
        beside = seconds_of_others(server)
        enough.set()
        for each in floods:
            each.result()
    assert statistics.median(beside) < one
