"""The metrics of the production server: the same, whichever worker answers."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.handwriting import DIGITS, as_png, draw
from tests.server.servers import Server, running
from tests.server.waiting import wait_until


def samples(server: Server) -> dict[str, float]:
    """Return every sample, by its name and the values of its labels."""
    text = server.get("/metrics").body.decode()
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def wait_for_both(server: Server) -> None:
    wait_until(lambda: samples(server)["workers"] == 2)


def test_every_worker_knows_the_metrics_of_all(tmp_path: Path) -> None:
    with running(workers=2, TMPDIR=str(tmp_path)) as server:
        wait_for_both(server)
        for digit in (*DIGITS, *DIGITS):
            server.post("/predict", as_png(draw(digit)))
        server.post("/predict", as_png(draw(0).point(lambda _: 255)))
        server.post("/predict", b"no picture")
        scrapes = [samples(server) for _ in range(20)]
    for scrape in scrapes:
        assert scrape["http_requests_total api.predict POST 200"] == 21
        assert scrape["http_requests_total api.predict POST 400"] == 1
        assert scrape["http_request_seconds_count api.predict"] == 22
        assert scrape["answers_total digit"] == scrape["answer_confidence_count"] == 20
        assert scrape["answers_total blank"] == 1
        assert scrape["workers"] == 2
    asked = [scrape["http_requests_total health.metrics GET 200"] for scrape in scrapes]
    assert asked == list(range(int(asked[0]), int(asked[0]) + 20))
    assert list(tmp_path.iterdir()) == []  # nothing is left behind


def test_counts_outlive_a_killed_worker_and_a_reload(tmp_path: Path) -> None:
    with running(workers=2, TMPDIR=str(tmp_path)) as server:
        wait_for_both(server)
        for digit in DIGITS:
            server.post("/predict", as_png(draw(digit)))
        before = samples(server)
        killed = server.workers()[0]
        killed.kill()
        wait_until(lambda: killed not in server.workers())
        wait_for_both(server)
        server.reload()
        wait_for_both(server)
        after = samples(server)
        assert after["answers_total digit"] == 10
        for name, value in before.items():
            if name.partition(" ")[0].endswith(("_total", "_count", "_sum", "_bucket")):
                assert after[name] >= value
        assert len(list(tmp_path.glob("metrics-*"))) == 1
