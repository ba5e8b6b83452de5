"""Speak HTTP by the byte, to send what no well-behaved client would."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    """A response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """Return the decoded body."""
        return json.loads(self.body)


class Target(ABC):
    """A server that requests are sent to, each over a connection of its own."""

    host = "localhost"  # what the Host header names

    @abstractmethod
    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        """Connect from one of this machine's addresses, 127.*.*.*."""

    def send(self, content: bytes, source: str = "127.0.0.1") -> Answer:
        """Send these bytes and return the response."""
        with self.connect(source) as client:
            with contextlib.suppress(OSError):  # a refusal may come before the end
                client.sendall(content)
            answer = receive(client)
        assert answer is not None, "The connection ended without a response."
        return answer

    def get(self, path: str, source: str = "127.0.0.1", **headers: str) -> Answer:
        """Send a GET request."""
        return self.send(request("GET", path, host=self.host, **headers), source)

    def post(self, path: str, png: bytes, source: str = "127.0.0.1", **headers: str) -> Answer:
        """Post a PNG."""
        headers = {"Content-Type": "image/png", **headers}
        return self.send(request("POST", path, png, host=self.host, **headers), source)


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
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def receive(client: socket.socket) -> Answer | None:
    """Return the next response, or None if the connection ends before it is whole."""
    response = http.client.HTTPResponse(client)
    try:
        response.begin()
        return Answer(response.status, response.headers, response.read())
    except (http.client.HTTPException, OSError):
        return None


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as the condition holds; fail if it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"Expected it within {seconds} s."
        time.sleep(0.02)
