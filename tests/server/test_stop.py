"""Nobody loses an answer where the server stops, takes up new settings, or loses a worker."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from benchmarks.servers import Server, running
from tests.handwriting import as_png, draw
from tests.server.http_bytes import ask, connect, receive, request
from tests.server.waiting import wait_until

SEVEN = as_png(draw(7))
KEPT = request(body=SEVEN, close=False, Content_Type="image/png")
ALONE = request(body=SEVEN, Content_Type="image/png")
CLIENTS = 8
LONG_WAIT = "30"  # seconds: what these lose, they lose at the stop, not on a busy machine
PROMPT = 10.0  # seconds; a third of GRACE_SECONDS, and many times what it takes


class Client(threading.Thread):
    """Asks without a pause, and anew where it is told that the connection ends."""

    def __init__(self, server: Server, content: bytes) -> None:
        super().__init__()
        self.server = server
        self.content = content
        self.answered = 0
        self.lost: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            try:
                connection = connect(self.server)
            except ConnectionRefusedError:  # the server has stopped
                return
            with connection:
                while not self.enough.is_set() and self._ask(connection):
                    pass

    def _ask(self, connection: object) -> bool:
        """Asks once; whether the connection goes on."""
        try:
            connection.sendall(self.content)  # type: ignore[attr-defined]
            answer = receive(connection)  # type: ignore[arg-type]
        except OSError as error:
            self.lost.append(repr(error))
            return False
        if answer is None or not answer.is_whole or answer.json.get("text") != "7":
            self.lost.append(repr(answer))
            return False
        self.answered += 1
        return answer.headers["connection"] != "close"


def while_clients_ask(server: Server, content: bytes, event: Callable[[], None]) -> list[Client]:
    clients = [Client(server, content) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(0.5)
    try:
        event()
    finally:
        for client in clients:
            client.enough.set()
        for client in clients:
            client.join()
    return clients


@pytest.mark.parametrize("content", [KEPT, ALONE], ids=["one-connection", "one-each"])
def test_a_stop_loses_no_request(content: bytes) -> None:
    with running(workers=2, MAX_WAIT=LONG_WAIT) as server:

        def stop() -> None:
            server.process.terminate()
            server.process.wait(PROMPT)

        clients = while_clients_ask(server, content, stop)
    assert [client.lost for client in clients] == [[]] * CLIENTS
    assert all(client.answered for client in clients)
    assert server.process.returncode == 0


def test_a_reload_loses_no_request_and_replaces_the_workers() -> None:
    with running(workers=2, MAX_WAIT=LONG_WAIT) as server:
        before = set(server.workers())

        def reload() -> None:
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: len(server.workers()) == 2 and not before & set(server.workers()))

        clients = while_clients_ask(server, KEPT, reload)
        assert ask(server, ALONE).json["text"] == "7"
    assert [client.lost for client in clients] == [[]] * CLIENTS


def test_a_killed_worker_is_replaced_and_the_other_goes_on() -> None:
    """It loses what it had in its hands: one request of each connection, at most."""
    with running(workers=2, MAX_WAIT=LONG_WAIT) as server:
        killed, _ = server.workers()

        def kill() -> None:
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: len(server.workers()) == 2 and killed not in server.workers())
            time.sleep(0.5)

        clients = while_clients_ask(server, KEPT, kill)
        assert ask(server, ALONE).json["text"] == "7"
    assert sum(len(client.lost) for client in clients) <= CLIENTS
    assert all(len(client.lost) <= 1 for client in clients)
    assert all(client.answered for client in clients)


def test_who_waits_at_the_door_is_answered() -> None:
    """Connections that no worker has accepted by the time of the signal."""
    with running(workers=1) as server:
        (worker,) = server.workers()
        os.kill(worker, signal.SIGSTOP)
        clients = [connect(server) for _ in range(30)]
        for client in clients:
            client.sendall(KEPT)
        server.process.terminate()
        time.sleep(0.5)
        os.kill(worker, signal.SIGCONT)
        for client in clients:
            with client:
                answer = receive(client)
            assert answer is not None
            assert answer.json["text"] == "7"
            assert answer.headers["connection"] == "close"


def test_who_is_in_the_middle_of_a_request_is_answered() -> None:
    with running(workers=1) as server, connect(server) as client:
        client.sendall(KEPT[:-1])
        time.sleep(0.2)
        server.process.terminate()
        time.sleep(2)
        client.sendall(KEPT[-1:])
        answer = receive(client)
        assert answer is not None
        assert answer.json["text"] == "7"
        assert answer.headers["connection"] == "close"
        assert client.recv(1) == b""
        server.process.wait(PROMPT)


def test_an_explanation_is_finished() -> None:
    with running(workers=1) as server, connect(server) as client:
        client.sendall(request(path="/explain/least-changes", body=SEVEN, Content_Type="image/png"))
        time.sleep(0.02)
        server.process.terminate()
        answer = receive(client)
        assert answer is not None
        assert answer.json["changes"]


def test_silent_connections_hold_up_no_stop() -> None:
    """Those that were answered, and those that have never asked."""
    with running(workers=2) as server:
        kept = [connect(server) for _ in range(20)]
        for client in kept:
            client.sendall(KEPT)
            answer = receive(client)
            assert answer is not None
            assert answer.headers["connection"] == "keep-alive"
        never = [connect(server) for _ in range(20)]
        start = time.monotonic()
        server.process.terminate()
        server.process.wait(PROMPT)
        assert time.monotonic() - start > 0.9  # who has asked may ask once more
        for client in kept + never:
            with client:
                assert client.recv(1) == b""
