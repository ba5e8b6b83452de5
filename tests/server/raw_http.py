"""Speak HTTP by the byte, to send what no well-behaved client would, and as many clients."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.handwriting import as_png, draw


@dataclass
class Answer:
    """A response. The status is 0 if the connection ended before a whole response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Target:
    """A server on this machine. Each request uses a connection of its own."""

    port: int
    host: str = "localhost"  # in the Host header
    tls: ssl.SSLContext | None = None

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        """Connect from one of this machine's addresses, 127.*.*.*."""
        plain = socket.create_connection(("127.0.0.1", self.port), 30, (source, 0))
        return self.tls.wrap_socket(plain, server_hostname=self.host) if self.tls else plain

    def send(self, content: bytes, source: str = "127.0.0.1") -> Answer:
        with self.connect(source) as client:
            with contextlib.suppress(OSError):  # a refusal may come before the end
                client.sendall(content)
            answer = receive(client)
        assert answer.status, "The connection ended without a response."
        return answer

    def get(self, path: str, source: str = "127.0.0.1", **headers: str) -> Answer:
        return self.send(request("GET", path, host=self.host, **headers), source)

    def post(self, path: str, png: bytes, source: str = "127.0.0.1") -> Answer:
        headers = {"host": self.host, "Content-Type": "image/png"}
        return self.send(request("POST", path, png, **headers), source)


def request(
    method: str = "POST",
    path: str = "/predict",
    body: bytes | None = None,
    *,
    host: str = "localhost",
    close: bool = True,
    **headers: str,
) -> bytes:
    """Return the bytes of a request; `_` in the name of a header stands for `-`."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [] if body is None else [f"Content-Length: {len(body)}"]
    lines += ["Connection: close"] if close else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def receive(client: socket.socket) -> Answer:
    """Return the next response."""
    response = http.client.HTTPResponse(client)
    try:
        response.begin()
        return Answer(response.status, response.headers, response.read())
    except (http.client.HTTPException, OSError):
        return Answer(0, http.client.HTTPMessage(), b"")


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as the condition holds; fail if it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"Expected it within {seconds} s."
        time.sleep(0.02)


SEVEN = as_png(draw(7))
CLIENTS = 8
MANY = 50  # answers


class Crowd:
    """Clients that post the same 7 again and again, each time over a new connection if `close`.

    A refused connection loses no request: the client tries again.
    """

    def __init__(self, target: Target, close: bool) -> None:
        self.answers: list[Answer] = []
        self.is_over = threading.Event()
        self._target = target
        self._content = request(body=SEVEN, host=target.host, close=close, Content_Type="image/png")

    def lost(self) -> list[Answer]:
        """Return the answers that are not a 7."""
        return [each for each in self.answers if each.status != 200 or each.json["text"] != "7"]

    def run_client(self) -> None:
        while not self.is_over.is_set():
            with contextlib.suppress(ConnectionRefusedError), self._target.connect() as connection:
                is_open = True
                while is_open and not self.is_over.is_set():
                    with contextlib.suppress(OSError):
                        connection.sendall(self._content)
                    answer = receive(connection)
                    self.answers.append(answer)
                    is_open = answer.status == 200 and answer.headers["Connection"] != "close"
            time.sleep(0.002)

    def wait_for_answers(self) -> None:
        """Wait until all clients are certainly at work."""
        before = len(self.answers)
        wait_until(lambda: len(self.answers) > before + MANY, 60)


@contextlib.contextmanager
def clients(target: Target, close: bool = False) -> Iterator[Crowd]:
    """Let clients post during the block, and for some answers before and after it."""
    crowd = Crowd(target, close)
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(crowd.run_client) for _ in range(CLIENTS)]
        try:
            crowd.wait_for_answers()
            yield crowd
            crowd.wait_for_answers()
        finally:
            crowd.is_over.set()
        for client in running:
            client.result()


def send_all(target: Target, contents: Iterable[bytes]) -> list[Answer]:
    """Send requests from several clients, and return the answers in order."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(target.send, contents))
