"""The metrics of the production server: the same, whichever worker answers."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.handwriting import DIGITS, as_png, draw
from tests.server.raw_http import wait_until
from tests.server.servers import Server, running


def samples(server: Server) -> dict[str, float]:
    """Return every sample, by its name and the values of its labels."""
    text = server.get("/metrics").body.decode()
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_worker_knows_the_metrics_of_all_and_of_those_that_ended(tmp_path: Path) -> None:
    with running(workers=2, TMPDIR=str(tmp_path)) as server:
        wait_until(lambda: samples(server)["workers"] == 2)
        for digit in DIGITS:
            server.post("/predict", as_png(draw(digit)))
        server.post("/predict", as_png(draw(0).point(lambda _: 255)))
        server.post("/predict", b"no picture")
        scrapes = [samples(server) for _ in range(20)]
        for scrape in scrapes:
            assert scrape["http_requests_total api.predict POST 200"] == 11
            assert scrape["http_requests_total api.predict POST 400"] == 1
            assert scrape["http_request_seconds_count api.predict"] == 12
            assert scrape["answers_total digit"] == scrape["answer_confidence_count"] == 10
            assert scrape["answers_total blank"] == 1
        asked = [scrape["http_requests_total health.metrics GET 200"] for scrape in scrapes]
        assert asked == list(range(int(asked[0]), int(asked[0]) + 20))
        killed = server.workers()[0]
        killed.kill()
        wait_until(lambda: killed not in server.workers())
        server.reload()
        wait_until(lambda: samples(server)["workers"] == 2)
        after = samples(server)
        for name, value in scrapes[-1].items():
            if name.partition(" ")[0].endswith(("_total", "_count", "_sum", "_bucket")):
                assert after[name] >= value
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []
