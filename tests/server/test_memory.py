"""Memory stays bounded, whatever a worker reads, however many requests come."""

from __future__ import annotations

import itertools
import re
import time
from pathlib import Path
from random import Random

import numpy as np
import psutil
import pytest
from PIL import Image

from tests.handwriting import as_png, draw, draw_number
from tests.server.raw_http import request, send_all
from tests.server.system import running

MOST = 110e6  # bytes of a worker between requests
PEAK = 500e6  # bytes of a worker that is sent pictures of 20 megapixels, several at once
GROWTH = 5e6  # bytes that a worker may take beyond those after the first requests
SMALL = as_png(draw(7, side=88, pen=6))
QUESTIONS = ("layers", "heat-map", "snapshots", "what-if?turn=90", "least-changes")


def post(png: bytes, path: str = "/predict") -> bytes:
    return request(path=path, body=png, Content_Type="image/png")


EXPLANATIONS = [post(SMALL, f"/explain/{question}") for question in QUESTIONS]


def peak(worker: psutil.Process) -> int:
    """Return the most memory, in bytes, that a worker has had."""
    status = Path(f"/proc/{worker.pid}/status").read_text()
    return 1024 * int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0])


def test_a_worker_starts_soon_and_stays_small_whatever_it_reads() -> None:
    large = [draw(7, side=4472, pen=300).convert(mode) for mode in ("1", "RGBA", "P")]
    light = np.linspace(0.9, 0.6, 2000)
    photograph = (np.asarray(draw(2, side=2000, pen=140)) * light).astype(np.uint8)
    pictures = [draw(7), *large, Image.fromarray(photograph)]
    contents = [post(as_png(picture)) for picture in pictures] * 2 + EXPLANATIONS * 2
    Random(0).shuffle(contents)
    start = time.monotonic()
    with running() as server:
        assert time.monotonic() - start < 10  # on a busy machine; on an idle one it is one second
        (worker,) = server.workers()
        assert worker.memory_info().rss < 90e6
        assert not any("tensorflow/" in mapped.path for mapped in worker.memory_maps())
        assert {answer.status for answer in send_all(server, contents)} == {200}
        assert {answer.status for answer in send_all(server, [post(SMALL)] * 100)} == {200}
        assert worker.memory_info().rss < MOST
        assert peak(worker) < PEAK  # large pictures are read one at a time


def visitors() -> list[bytes]:
    """Return what all kinds of visitors send."""
    drawings = [as_png(draw(digit, side=88, pen=pen)) for digit in range(10) for pen in (3, 6, 11)]
    numbers = [as_png(draw_number(f"{number}")) for number in (12, 470, 2026, 99_999)]
    broken = [png[: len(png) // 2] for png in drawings]
    paths = ["/", "/model", "/health/live", "/health/ready", "/nothing", "/predict"]
    contents = [post(png) for png in drawings * 6 + numbers * 6 + broken] + EXPLANATIONS
    contents += [request("GET", path) for path in paths * 5]
    Random(0).shuffle(contents)
    return contents


@pytest.mark.long
def test_memory_and_open_files_stay_the_same_over_100_000_requests() -> None:
    contents = itertools.cycle(visitors())
    with running(workers=2) as server:
        workers = server.workers()

        def ask(thousands: int) -> list[tuple[int, int]]:
            for _ in range(thousands):
                answers = send_all(server, itertools.islice(contents, 1000))
                assert {answer.status for answer in answers} <= {200, 400, 404, 405}
            return [(worker.memory_info().rss, worker.num_fds()) for worker in workers]

        before = ask(20)
        after = ask(80)
        assert server.workers() == workers
    for (memory, files), (memory_now, files_now) in zip(before, after, strict=True):
        assert memory_now < min(memory + GROWTH, MOST)
        assert files_now <= files + 8  # connections that the server is about to close
