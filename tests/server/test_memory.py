"""Memory stays bounded, whatever a worker reads, however many requests come."""

from __future__ import annotations

import itertools
from random import Random

import numpy as np
import pytest
from PIL import Image

from tests.handwriting import as_png, draw, draw_number
from tests.server.clients import send_all
from tests.server.raw_http import request
from tests.server.servers import running

MOST = 110e6  # bytes of a worker between requests
GROWTH = 5e6  # bytes that a worker may take beyond those after the first requests
SMALL = as_png(draw(7, side=88, pen=6))
QUESTIONS = ("layers", "heat-map", "snapshots", "what-if?turn=90", "least-changes")


def post(png: bytes, path: str = "/predict") -> bytes:
    return request(path=path, body=png, close=False, Content_Type="image/png")


def pictures() -> list[bytes]:
    """Return a picture of 20 megapixels in each mode, and a photograph of 4."""
    large = draw(7, side=4472, pen=300)
    light = np.linspace(0.9, 0.6, 2000)
    photograph = (np.asarray(draw(2, side=2000, pen=140)) * light).astype(np.uint8)
    return [
        *(as_png(large.convert(mode)) for mode in ("1", "L", "RGB", "RGBA", "P")),
        as_png(Image.fromarray(photograph)),
    ]


def test_a_worker_stays_small_whatever_it_reads() -> None:
    large = pictures()
    explanations = [post(SMALL, f"/explain/{question}") for question in QUESTIONS]
    contents = [post(png) for png in (SMALL, *large) * 2] + explanations * 4
    Random(0).shuffle(contents)
    with running() as server:
        (worker,) = server.workers()
        assert {answer.status for answer in send_all(server, contents)} == {200}
        assert {answer.status for answer in send_all(server, [post(SMALL)] * 100)} == {200}
        assert worker.memory_info().rss < MOST


def visitors() -> list[bytes]:
    """Return what all kinds of visitors send."""
    drawings = [
        as_png(draw(digit, side=88, pen=pen)) for digit in range(10) for pen in range(3, 12)
    ]
    numbers = [as_png(draw_number(f"{number}")) for number in (12, 470, 2026, 99_999)]
    broken = [png[: len(png) // 2] for png in drawings]
    gets = ["/", "/model", *["/health/live", "/health/ready"] * 5]
    gets += [f"/nothing/{number}" for number in range(50)]
    contents = [
        *(post(png) for png in drawings * 6 + numbers * 6 + broken),
        *(request("GET", path, close=False) for path in (*gets, "/predict")),
        post(drawings[0]).replace(b"image/png", b"image/gif"),
        *(post(drawings[0], f"/explain/{question}") for question in QUESTIONS),
    ]
    Random(0).shuffle(contents)
    return contents


@pytest.mark.long
def test_memory_and_open_files_stay_the_same_over_100_000_requests() -> None:
    contents = itertools.cycle(visitors())
    with running(workers=2) as server:
        workers = server.workers()

        def ask(thousands: int) -> list[tuple[int, int]]:
            for _ in range(thousands):
                statuses = {
                    answer.status for answer in send_all(server, itertools.islice(contents, 1000))
                }
                assert statuses <= {200, 400, 404, 405, 415}
            return [(worker.memory_info().rss, worker.num_fds()) for worker in workers]

        before = ask(20)
        after = ask(80)
        assert server.workers() == workers
    for (memory, files), (memory_now, files_now) in zip(before, after, strict=True):
        assert memory_now < min(memory + GROWTH, MOST)
        assert files_now <= files + 8  # connections that the server is about to close
