"""What the operator sees of the production server: its log and its metrics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from prometheus_client.parser import text_string_to_metric_families

from tests.handwriting import DIGITS, as_png, draw
from tests.server.raw_http import SEVEN, request, wait_until
from tests.server.system import Server, running

BLANK = as_png(draw(0).point(lambda _: 255))


def lines(log: Path) -> list[dict[str, Any]]:
    """Return the lines of the log. LiteRT writes others, which are not JSON."""
    return [json.loads(line) for line in log.read_bytes().splitlines() if line[:1] == b"{"]


def samples(server: Server) -> dict[str, float]:
    """Return every sample, by its name and the values of its labels."""
    text = server.get("/metrics").body.decode()
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_log_has_one_line_of_json_for_each_request_whatever_it_contains(tmp_path: Path) -> None:
    forged = "%7b%22event%22:%22request%22,%22request_id%22:%22forged%22%7d"
    log = tmp_path / "log"
    with log.open("wb") as file, running(workers=2, log=file, PROXIES="1") as server:
        answers = [server.post("/predict?secret=query", SEVEN), server.post("/predict", b"broken")]
        for separator in ("%0a", "%0d%0a", "%c2%85", "%e2%80%a8", "%1b[2K"):
            answers.append(server.get(f"/a{separator}{forged}{separator}"))
        answers.append(server.get("/" + "a" * 1000))
        answers.append(server.get("/", X_Forwarded_For="2001:db8:aaaa:bbbb::1"))
        server.send(request("GET", f"/raw\n{unquote(forged)}\n"))
    logged = [line for line in lines(log) if line.get("path") not in (None, "/health/ready")]
    assert [(line["status"], line["request_id"]) for line in logged] == [
        (answer.status, answer.headers["X-Request-ID"]) for answer in answers
    ]
    line = {"level": "INFO", "event": "request", "method": "POST", "path": "/predict"}
    line["client"] = "127.0.0.0/24"
    assert {**line, "verdict": "digit"}.items() <= logged[0].items()
    assert {**line, "reason": "PictureError"}.items() <= logged[1].items()
    assert logged[-1]["client"] == "2001:db8:aaaa::/48"
    assert logged[0]["bytes"] == len(answers[0].body)
    assert 0 < logged[0]["milliseconds"] < 60_000
    assert max(len(line["path"]) for line in logged) == 200
    assert logged[0]["time"].endswith("+00:00")
    assert log.read_bytes().isascii()
    assert b"secret" not in log.read_bytes()


def test_every_worker_reports_the_metrics_of_all_and_of_those_that_ended(tmp_path: Path) -> None:
    log, folder = tmp_path / "log", tmp_path / "temporary"
    folder.mkdir()
    settings = {"TMPDIR": str(folder), "LOG_LEVEL": "error"}
    with log.open("wb") as file, running(workers=2, log=file, **settings) as server:
        wait_until(lambda: samples(server)["workers"] == 2)
        for picture in (*(as_png(draw(digit)) for digit in DIGITS), BLANK, b"no picture"):
            server.post("/predict", picture)
        for number in range(5):  # clients cannot invent labels
            server.send(request(f"MADEUP{number}", f"/made-up-{number}"))
        scrapes = [samples(server) for _ in range(20)]
        for scrape in scrapes:
            assert scrape["http_requests_total api.predict POST 200"] == 11
            assert scrape["http_requests_total api.predict POST 400"] == 1
            assert scrape["http_requests_total none other 404"] == 5
            assert scrape["http_request_seconds_count api.predict"] == 12
            assert scrape["answers_total digit"] == scrape["answer_confidence_count"] == 10
            assert 9 < scrape["answer_confidence_sum"] <= 10
            assert scrape["answers_total blank"] == scrape["refused_inputs_total PictureError"] == 1
        asked = [scrape["http_requests_total health.metrics GET 200"] for scrape in scrapes]
        assert asked == list(range(int(asked[0]), int(asked[0]) + 20))
        killed = server.kill_worker()
        server.reload()
        wait_until(lambda: samples(server)["workers"] == 2)
        after = samples(server)
        for name, value in scrapes[-1].items():
            if name.partition(" ")[0].endswith(("_total", "_count", "_sum", "_bucket")):
                assert after[name] >= value
        assert len(list(folder.iterdir())) == 1
    assert list(folder.iterdir()) == []
    (line,) = lines(log)  # gunicorn writes JSON, too
    assert line["level"] == "ERROR"
    assert f"(pid:{killed}) was sent SIGKILL" in line["event"]
