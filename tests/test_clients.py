"""How the clients of the measurements count."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.clients import LOST, REFUSED, Answer, Clients, described, get, post
from benchmarks.servers import free_port

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
LAST = b"HTTP/1.1 404 NOT FOUND\r\nconnection: close\r\ncontent-length: 3\r\n\r\nno!"


@contextmanager
def serving(*connections: list[bytes]) -> Iterator[int]:
    """A server that sends the given bytes, one after each request, and then hangs up."""

    def serve() -> None:
        for answers in connections:
            client, _ = listener.accept()
            with client:
                for answer in answers:
                    assert client.recv(100_000)
                    client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def statuses(answers: list[Answer]) -> list[int]:
    return [answer.status for answer in answers]


def test_answers_come_with_their_number_and_what_is_no_200_whole() -> None:
    with serving([WHOLE, LAST], [WHOLE]) as port, Clients(port, 1) as clients:
        answers = clients.ask([get("/"), post("/predict", b"png"), get("/")])
    assert statuses(answers) == [200, 404, 200]
    assert [answer.number for answer in answers] == [0, 1, 2]
    assert [answer.content for answer in answers] == [b"", LAST, b""]
    assert all(0 < answer.seconds < 5 for answer in answers)


@pytest.mark.parametrize("part", [b"", WHOLE[:10], WHOLE[:-1]])
def test_a_connection_that_ends_without_a_whole_answer_is_a_request_lost(part: bytes) -> None:
    with serving([WHOLE, part], [WHOLE]) as port, Clients(port, 1) as clients:
        assert statuses(clients.ask([get("/")] * 3)) == [200, LOST, 200]


def test_a_client_makes_a_new_connection_when_its_turns_are_over() -> None:
    with serving([WHOLE] * 2, [WHOLE]) as port, Clients(port, 1, turns=2) as clients:
        assert statuses(clients.ask([get("/")] * 3)) == [200] * 3


def test_nobody_listening_is_no_loss_and_clients_knock_again() -> None:
    with Clients(free_port(), 3) as clients:
        answers = clients.ask(itertools.repeat(get("/")), 0.2)
    assert set(statuses(answers)) == {REFUSED}
    assert 3 < len(answers) <= 33


def test_what_is_described() -> None:
    sent = [(200, 0.1), (200, 0.2), (200, 0.4), (503, 0.01), (LOST, 0.3), (REFUSED, 0.0)]
    answers = [Answer(number, status, 0, s, b"") for number, (status, s) in enumerate(sent)]
    found = described(answers, seconds=2.0)
    assert found["requests_per_second"] == 1.5
    assert (found["median_ms"], found["max_ms"]) == (200, 400)
    assert found["median_ms"] < found["p95_ms"] < found["p99_ms"] < found["max_ms"]
    assert (found["lost"], found["refused"], found["other_statuses"]) == (1, 1, {"503": 1})
