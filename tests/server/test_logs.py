"""The log of the production server: one line of JSON for each request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.handwriting import as_png, draw
from tests.server.raw_http import request, wait_until
from tests.server.servers import running

SEVEN = as_png(draw(7))


def lines(file: Path) -> list[dict[str, Any]]:
    """Return the lines of the log. LiteRT writes others, which are not JSON."""
    return [json.loads(line) for line in file.read_bytes().splitlines() if line[:1] == b"{"]


def test_each_request_is_one_line_whatever_it_contains(tmp_path: Path) -> None:
    forged = "%7b%22event%22:%22request%22,%22request_id%22:%22forged%22%7d"
    log = tmp_path / "log"
    with log.open("wb") as file, running(workers=2, log=file) as server:
        answers = [server.post("/predict?secret=query", SEVEN), server.post("/predict", b"broken")]
        for separator in ("%0a", "%0d%0a", "%c2%85", "%e2%80%a8", "%1b[2K"):
            answers.append(server.get(f"/a{separator}{forged}{separator}"))
        answers.append(server.get("/" + "a" * 1000))
        server.send(request("GET", f"/raw\n{unquote(forged)}\n"))
    logged = [line for line in lines(log) if line.get("path") not in (None, "/health/ready")]
    assert [(line["status"], line["request_id"]) for line in logged] == [
        (answer.status, answer.headers["X-Request-ID"]) for answer in answers
    ]
    line = {"level": "INFO", "event": "request", "method": "POST", "path": "/predict"}
    line["client"] = "127.0.0.0/24"
    assert {**line, "verdict": "digit"}.items() <= logged[0].items()
    assert {**line, "reason": "PictureError"}.items() <= logged[1].items()
    assert logged[0]["bytes"] == len(answers[0].body)
    assert 0 < logged[0]["milliseconds"] < 60_000
    assert max(len(line["path"]) for line in logged) == 200
    assert logged[0]["time"].endswith("+00:00")
    assert log.read_bytes().isascii()
    assert b"secret" not in log.read_bytes()


def test_gunicorn_logs_json_too_and_obeys_log_level(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file, running(workers=2, log=file, LOG_LEVEL="error") as server:
        worker = server.workers()[0]
        worker.kill()
        wait_until(lambda: len(server.workers()) == 2 and worker not in server.workers())
    (line,) = lines(log)
    assert line["level"] == "ERROR"
    assert f"(pid:{worker.pid}) was sent SIGKILL" in line["event"]
