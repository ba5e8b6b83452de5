"""The production server's metrics: the same whichever worker is asked."""

from __future__ import annotations

import os
import runpy
import signal
import struct
import subprocess
import sys
import urllib.request
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.servers import ROOT, Server, running
from benchmarks.strokes import post
from tests.handwriting import DIGITS, as_png, draw
from tests.server.http_bytes import ask, request
from tests.server.waiting import kill_a_worker, wait_until


def samples(server: Server) -> dict[str, float]:
    """Every sample of one scrape, by its name and the values of its labels."""
    with urllib.request.urlopen(f"{server.address}/metrics", timeout=20) as response:
        families = text_string_to_metric_families(response.read().decode())
        return {
            " ".join([sample.name, *sample.labels.values()]): sample.value
            for family in families
            for sample in family.samples
        }


def wait_for_both(server: Server) -> None:
    """The server is ready as soon as one of them is."""
    wait_until(lambda: samples(server)["workers"] == 2)


def test_whichever_worker_is_asked_knows_of_all(tmp_path: Path) -> None:
    with running(workers=2, TMPDIR=str(tmp_path)) as server:
        wait_for_both(server)
        before = samples(server)["http_requests_total metrics GET 200"]
        for digit in (*DIGITS, *DIGITS):
            post(server.address, as_png(draw(digit)))
        post(server.address, as_png(draw(0).point(lambda _: 255)))
        scrapes = [samples(server) for _ in range(20)]
        for scrape in scrapes:
            assert scrape["http_requests_total api.predict POST 200"] == 21
            assert scrape["answers_total digit"] == 20
            assert scrape["answers_total blank"] == 1
            assert scrape["answer_confidence_count"] == 20
            assert scrape["http_request_seconds_count api.predict"] == 21
            assert scrape["http_request_seconds_bucket api.predict +Inf"] == 21
            assert scrape["workers"] == 2
        asked = [scrape["http_requests_total metrics GET 200"] - before for scrape in scrapes]
        assert asked == list(range(1, 21))
    assert list(tmp_path.iterdir()) == []  # it leaves nothing behind


def test_no_count_is_lost_with_a_worker_and_no_file_is_left_of_it(tmp_path: Path) -> None:
    with running(workers=2, TMPDIR=str(tmp_path)) as server:
        wait_for_both(server)
        for digit in DIGITS:
            post(server.address, as_png(draw(digit)))
        (folder,) = tmp_path.glob("metrics-*")
        files = {file.name for file in folder.iterdir()}
        for _ in range(3):
            before = samples(server)
            kill_a_worker(server)
            wait_until(lambda: samples(server)["workers"] == 2)
            after = samples(server)
            lost = {
                name
                for name, value in before.items()
                if name.partition(" ")[0].endswith(("_total", "_count", "_sum", "_bucket"))
                and after[name] < value
            }
            assert not lost
        assert after["answers_total digit"] == 10
        assert {file.name for file in folder.iterdir()} == files


def test_a_reload_counts_on(tmp_path: Path) -> None:
    with running(workers=2, TMPDIR=str(tmp_path)) as server:
        post(server.address, as_png(draw(7)))
        workers = server.workers()
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not set(server.workers()) & set(workers))
        wait_until(lambda: samples(server)["workers"] == 2)
        post(server.address, as_png(draw(7)))
        assert samples(server)["answers_total digit"] == 2
        assert len(list(tmp_path.glob("metrics-*"))) == 1


# All that a worker may ever count: every address's methods, with more statuses than it has answers.
EVERYTHING = """
from itertools import product
import metrics
from app import create_app

for rule in create_app().url_map.iter_rules():
    metrics._request_seconds(rule.endpoint)
    for method, status in product(rule.methods, range(400, 417)):
        metrics._request(rule.endpoint, method, status)
metrics._request_seconds("none")
for method, status in product({*metrics.METHODS, "other"}, range(400, 417)):
    metrics._request("none", method, status)
for number in range(40):
    metrics._reason(f"UnsupportedMediaType{number}")
    metrics._step(f"unpack_the_png_{number}")
"""


def test_the_room_for_what_a_worker_counts_is_enough(tmp_path: Path) -> None:
    room = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["COUNTED"]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT}/flask", "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run(
        [sys.executable, "-c", EVERYTHING], env={**os.environ, **environment}, check=True
    )
    used = {
        file.name.rpartition("_")[0]: struct.unpack_from("i", file.read_bytes())[0]
        for file in tmp_path.iterdir()
    }
    assert used.keys() == room.keys()
    assert all(used[kind] < size for kind, size in room.items())


def test_what_the_worker_refuses_is_counted_like_what_the_app_does() -> None:
    refused = {
        request("GET", "/?" + "a" * 5000): "http_requests_total none other 414",
        request("MAKE-COFFEE", "/", X="a" * 9000): "http_requests_total none other 431",
        request("GET", "/").replace(b"Host", b"Ghost"): "http_requests_total none GET 400",
    }
    with running(workers=1) as server:
        for content in refused:
            ask(server, content)
        counted = samples(server)
    for name in refused.values():
        assert counted[name] == 1
    for reason in ("LimitRequestLine", "LimitRequestHeaders", "RefusedError"):
        assert counted[f"refused_inputs_total {reason}"] == 1
    assert counted["requests_shed_total"] == 0
