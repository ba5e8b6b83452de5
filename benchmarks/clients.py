"""Clients that ask again as soon as they are answered, and take next to no time themselves.

Python's http.client takes some 0.15 ms a request, half of what an empty route does: it would be
measured with the server. Here many connections share a process, the bytes of a request are made
beforehand, and of an answer no more is read than its status and where it ends.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import multiprocessing
import os
import re
import select
import socket
import statistics
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

LOST = 0  # in place of a status: the connection ended without a whole answer
REFUSED = -1  # the same: there was no connection to be had
PAUSE = 0.02  # seconds until a client that was refused knocks again
PATIENCE = 60.0  # seconds without any answer after which a server counts as dead
PIECE = 256 * 1024  # bytes received at once
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
LAST = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)


class Answer(NamedTuple):
    """What became of a request."""

    number: int  # of the request, in the order in which they were begun
    status: int  # or LOST, or REFUSED
    began: float  # time.monotonic(): its first byte was sent, or a connection for it asked for
    seconds: float  # until the last byte was received
    content: bytes  # all of it, with its head, where it is no 200


def get(path: str) -> bytes:
    """The bytes of a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n".encode()


def post(path: str, png: bytes) -> bytes:
    """The bytes of a POST request with a picture."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
        f"Content-Type: image/png\r\nContent-Length: {len(png)}\r\n\r\n"
    )
    return head.encode() + png


class Clients:
    """Connections to a server on this machine, all of them in this process.

    Args:
        port: where the server listens.
        count: how many ask at the same time, each over a connection of its own.
        turns: requests over one connection, before the client makes a new one.
    """

    def __init__(self, port: int, count: int, turns: float = math.inf) -> None:
        self._epoll = select.epoll()
        self._clients = [_Client(self._epoll, port, turns) for _ in range(count)]

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self._epoll.close()

    def ask(self, requests: Iterable[bytes], seconds: float = math.inf) -> list[Answer]:
        """Sends one request after the other for so long, or all there are; awaits the answers."""
        waiting = enumerate(requests)
        end = time.monotonic() + seconds
        answers: list[Answer] = []
        idle, busy = list(self._clients), dict[int, _Client]()
        refused: deque[tuple[float, _Client]] = deque()
        while True:
            while refused and refused[0][0] < time.monotonic():
                idle.append(refused.popleft()[1])
            while idle and time.monotonic() < end:
                request = next(waiting, None)
                if request is None:
                    end = 0.0
                    break
                client = idle.pop()
                busy[client.begin(*request)] = client
            if not busy and time.monotonic() >= end:
                return answers
            happened = self._epoll.poll(PAUSE if refused else PATIENCE)
            if not happened and not refused:
                raise TimeoutError(f"Expected an answer within {PATIENCE:.0f} s, received none.")
            for descriptor, event in happened:
                client = busy[descriptor]
                answer = client.go_on(event)
                if answer is None:
                    continue
                del busy[descriptor]
                answers.append(answer)
                if answer.status == REFUSED:
                    refused.append((time.monotonic() + PAUSE, client))
                else:
                    idle.append(client)


class _Client:
    """One client: its connection, and the request whose answer it waits for."""

    def __init__(self, epoll: select.epoll, port: int, turns: float) -> None:
        self._epoll = epoll
        self._port = port
        self._turns = turns
        self._turn = 0
        self._socket: socket.socket | None = None
        self._number = 0
        self._began = 0.0
        self._unsent = b""
        self._received = b""

    def begin(self, number: int, request: bytes) -> int:
        """Begins a request; returns the descriptor to watch until it is answered."""
        self._number, self._unsent, self._received = number, request, b""
        self._began = time.monotonic()
        if self._socket is None:
            self._socket = socket.socket()
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.connect_ex(("127.0.0.1", self._port))
            self._epoll.register(self._socket, select.EPOLLIN | select.EPOLLOUT)
            self._turn = 0
        elif not self._send():
            self._epoll.modify(self._socket, select.EPOLLIN | select.EPOLLOUT)
        self._turn += 1
        return self._socket.fileno()

    def go_on(self, event: int) -> Answer | None:
        """Sends or receives what can be; returns the answer when it is there, or will never be."""
        assert self._socket is not None
        try:
            if event & ~select.EPOLLOUT:
                received = self._socket.recv(PIECE)
                if not received:
                    return self._ended(LOST)
                self._received += received
                return self._answer()
            if self._send():
                self._epoll.modify(self._socket, select.EPOLLIN)
        except ConnectionRefusedError:
            return self._ended(REFUSED)
        except ConnectionError:
            return self._ended(LOST)
        return None

    def close(self) -> None:
        """Lets the connection go."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self) -> bool:
        """Sends what goes; returns whether that was all.

        Where the server has closed the connection, receiving tells.
        """
        assert self._socket is not None
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        return not self._unsent

    def _answer(self) -> Answer | None:
        head = self._received.find(b"\r\n\r\n") + 4
        if head < 4:
            return None
        length = LENGTH.search(self._received, 0, head)
        if length is None:
            raise ValueError(f"Expected a Content-Length, received {self._received[:head]!r}.")
        if len(self._received) < head + int(length[1]):
            return None
        status = int(self._received[9:12])
        is_last = bool(self._unsent) or self._turn >= self._turns
        return self._ended(status, is_last or bool(LAST.search(self._received, 0, head)))

    def _ended(self, status: int, is_last: bool = True) -> Answer:
        seconds = time.monotonic() - self._began
        if is_last:
            self.close()
        return Answer(
            self._number, status, self._began, seconds, b"" if status == 200 else self._received
        )


class Crowd:
    """Processes full of clients, each process on a core of its own."""

    def __init__(self, cores: Sequence[int]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pools = [context.Pool(1, os.sched_setaffinity, (0, {core})) for core in cores]
        for pool in self._pools:
            pool.apply(time.monotonic)  # started: what is measured next is not measured beside that

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in self._pools:
            pool.terminate()
            pool.join()

    def begin(
        self,
        port: int,
        requests: Sequence[bytes],
        clients: int,
        seconds: float,
        turns: float = math.inf,
    ) -> Callable[[], list[Answer]]:
        """Has so many clients ask one of `requests` after the other; the answers are called for."""
        shares = [len(range(k, clients, len(self._pools))) for k in range(len(self._pools))]
        asking = [
            pool.apply_async(_ask, (port, requests, share, seconds, turns))
            for pool, share in zip(self._pools, shares, strict=True)
            if share
        ]
        return lambda: [answer for each in asking for answer in each.get()]

    def ask(self, *arguments: Any, **options: Any) -> list[Answer]:
        """As `begin`, but waits for the answers."""
        return self.begin(*arguments, **options)()


def _ask(
    port: int, requests: Sequence[bytes], clients: int, seconds: float, turns: float
) -> list[Answer]:
    with Clients(port, clients, turns) as asking:
        return asking.ask(itertools.cycle(requests), seconds)


def described(answers: Sequence[Answer], seconds: float) -> dict[str, Any]:
    """How many were answered 200 in so many seconds, how long that took, and what else became."""
    statuses = Counter(answer.status for answer in answers)
    taken = sorted(answer.seconds * 1000 for answer in answers if answer.status == 200)
    percentiles = statistics.quantiles(taken, n=100, method="inclusive")
    return {
        "answered": len(taken),
        "requests_per_second": len(taken) / seconds,
        "median_ms": percentiles[49],
        "p95_ms": percentiles[94],
        "p99_ms": percentiles[98],
        "max_ms": taken[-1],
        "lost": statuses.pop(LOST, 0),
        "refused": statuses.pop(REFUSED, 0),
        "other_statuses": {str(status): n for status, n in statuses.items() if status != 200},
    }
