"""The log of the production server."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from benchmarks.servers import Server, running
from tests.handwriting import as_png, draw
from tests.server.waiting import kill_a_worker


def send(
    server: Server, method: str, path: str, body: bytes = b"", kind: str = "image/png"
) -> tuple[int, str | None]:
    """Sends a request; returns the answer's status and request id."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request(method, path, body, {"Content-Type": kind})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.headers["X-Request-ID"]


def lines(file: Path) -> list[dict[str, Any]]:
    """Every line of the log; each is one of JSON."""
    return [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]]


def test_each_request_is_one_line_with_its_id(tmp_path: Path) -> None:
    seven = as_png(draw(7))
    log = tmp_path / "log"
    with log.open("wb") as file, running(workers=2, log=file, MAX_BYTES="20000") as server:
        workers = set(server.workers())
        answers = [
            answer
            for _ in range(10)
            for answer in (
                send(server, "POST", "/predict?secret=query", seven),
                send(server, "POST", "/predict", b"\x89PNG\r\n\x1a\n broken"),
                send(server, "POST", "/predict", seven, "text/plain"),
                send(server, "POST", "/predict", b"x" * 30_000),
                send(server, "GET", "/nowhere"),
            )
        ]
    assert {status for status, _ in answers} == {200, 400, 415, 413, 404}
    told = [line for line in lines(log) if line["event"] == "request"]
    told = [line for line in told if line["path"] != "/health/ready"]  # asked before the test
    assert {(line["status"], line["request_id"]) for line in told} == set(answers)
    assert len(told) == len(answers) == len(set(answers))
    assert {line["process"] for line in told} <= workers
    read = next(line for line in told if line["status"] == 200)
    assert read.pop("time").endswith("+00:00")
    assert 0 < read.pop("milliseconds") < 5000
    assert 0.9 < read.pop("confidence") <= 1
    assert read.pop("bytes") > 100
    del read["process"], read["request_id"]
    assert read == {
        "level": "info",
        "event": "request",
        "method": "POST",
        "path": "/predict",
        "status": 200,
        "client": "127.0.0.0/24",
        "verdict": "digit",
    }
    reasons = {(line["status"], line.get("reason")) for line in told}
    assert reasons == {
        (200, None),
        (400, "PictureError"),
        (404, None),
        (413, "RequestEntityTooLarge"),
        (415, "UnsupportedMediaType"),
    }
    content = log.read_bytes()
    assert b"secret" not in content
    assert base64.b64encode(seven)[100:140] not in content


def test_no_request_writes_a_line_of_its_own(tmp_path: Path) -> None:
    forged = "{'event':'request','status':200,'request_id':'forged'}".replace("'", "%22")
    log = tmp_path / "log"
    with log.open("wb") as file, running(workers=1, log=file) as server:
        for separator in ("%0a", "%0d%0a", "%c2%85", "%e2%80%a8", "%1b[2K"):
            path = f"/a{separator}{forged}{separator}"
            assert send(server, "GET", path)[0] == 404
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
            client.sendall(f"GET /raw\n{unquote(forged)}\n HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            client.makefile("rb").read()
    assert log.read_bytes().isascii()
    told = lines(log)
    assert "forged" not in {line.get("request_id") for line in told}
    assert len([line for line in told if "forged" in line.get("path", "")]) == 5


def test_starts_and_stops_are_lines_of_json_too_and_their_level_is_set(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file, running(log=file) as server:
        pass
    events = [line["event"] for line in lines(log)]
    assert any(event.startswith("Starting gunicorn") for event in events)
    assert events[-1] == "Shutting down: Master"

    with log.open("wb") as file, running(log=file, LOG_LEVEL="error") as server:
        worker = kill_a_worker(server)
        assert send(server, "GET", "/nowhere")[0] == 404
    (line,) = lines(log)
    assert line["level"] == "error"
    assert f"(pid:{worker}) was sent SIGKILL" in line["event"]
