"""Clients that stall hold up nobody, and are parted with."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from benchmarks.servers import Server, running
from benchmarks.strokes import post
from tests.handwriting import as_png, draw
from tests.server.http_bytes import connect, receive, request

BODY_SECONDS = 1
MANY = 50
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


def stall(server: Server, content: bytes) -> list[socket.socket]:
    clients = [connect(server) for _ in range(MANY)]
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(content)
    return clients


def others_are_answered(server: Server) -> None:
    start = time.monotonic()
    for _ in range(5):
        assert post(server.address, SEVEN)["text"] == "7"
    assert time.monotonic() - start < 5  # one after the other they would take 50


@pytest.mark.parametrize("part", STALLED)
def test_who_stalls_is_told_so_and_holds_up_nobody(server: Server, part: str) -> None:
    clients = stall(server, STALLED[part])
    others_are_answered(server)
    for client in clients:
        with client:
            answer = receive(client)
            assert client.recv(1) == b""
        assert answer is not None
        assert answer.status == 408
        assert answer.headers["connection"] == "close"
        assert answer.json["request_id"] == answer.headers["x-request-id"]
        assert " s, received only some of " in answer.json["detail"]


def test_who_does_not_read_is_cut_off_and_holds_up_nobody(server: Server) -> None:
    clients = stall(server, UNREAD)
    others_are_answered(server)
    time.sleep(4 * BODY_SECONDS)
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
