"""HTTP by the byte, for what no well-behaved client would send."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any

from benchmarks.servers import Server

PATIENCE = 30.0  # seconds until a test gives up


@dataclass
class Answer:
    """What a server answered; its headers by their names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_whole(self) -> bool:
        """Unlike that to HEAD, or of a server that was killed meanwhile."""
        return len(self.body) == int(self.headers["content-length"])

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def request(
    method: str = "POST",
    path: str = "/predict",
    body: bytes | None = None,
    close: bool = True,
    **headers: str,
) -> bytes:
    """A request with a Host; and a length, if there is a body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def receive(client: socket.socket) -> Answer | None:
    """The next answer; or None where the connection ends first."""
    with client.makefile("rb", buffering=0) as file:  # with a buffer, it would take of the next one
        line = file.readline()
        if not line:
            return None
        headers: dict[str, str] = {}
        while (header := file.readline()) != b"\r\n":
            name, _, value = header.decode("latin-1").partition(":")
            assert name.lower() not in headers, f"{name} is there twice"
            headers[name.lower()] = value.strip()
    body = bytearray(int(headers["content-length"]))
    received = 0
    while received < len(body) and (count := client.recv_into(memoryview(body)[received:])):
        received += count
    return Answer(int(line.split()[1]), headers, bytes(body[:received]))


def ask(server: Server, content: bytes) -> Answer:
    """Sends this over a connection of its own."""
    with connect(server) as client:
        client.sendall(content)
        answer = receive(client)
    assert answer is not None
    return answer
