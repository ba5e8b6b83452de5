"""Memory stays as it is, however many ask."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

from benchmarks.clients import Clients, get, post
from benchmarks.load import wait_for
from benchmarks.servers import Server, resident_megabytes, running
from benchmarks.steps import as_png as as_the_page_posts_it
from tests.handwriting import as_png, draw_number
from tests.server.mutations import mutated_picture

REQUESTS, FIRST = 100_000, 20_000
CLIENTS, TURNS = 16, 250  # requests over one connection
MOST_MEGABYTES = 90  # of a worker
MOST_GROWTH = 2.5  # MB from the first requests to the last


def test_memory_and_files_are_flat_over_100_000_requests() -> None:
    requests = itertools.cycle(visitors())
    # Nice to the tests beside, for which it may have to wait.
    with running(workers=2, MAX_WAIT="30") as server:
        server.be_nice()
        workers = server.workers()
        ask(server, itertools.islice(requests, FIRST))
        before = [(resident_megabytes(pid), open_files(pid)) for pid in workers]
        ask(server, itertools.islice(requests, REQUESTS - FIRST))
        after = [(resident_megabytes(pid), open_files(pid)) for pid in workers]
        assert server.workers() == workers
    for (megabytes, files), (megabytes_now, files_now) in zip(before, after, strict=True):
        assert megabytes_now <= megabytes + MOST_GROWTH
        assert megabytes_now <= MOST_MEGABYTES
        assert files_now <= files


def ask(server: Server, requests: Iterable[bytes]) -> None:
    """Asks for all of them, hangs up, and waits until the server has noticed."""
    with Clients(server.port, CLIENTS, TURNS) as clients:
        statuses = Counter(answer.status for answer in clients.ask(requests))
    assert set(statuses) == {200, 400, 404, 405, 413, 415}, statuses
    wait_for(lambda: not any(map(server.connections, server.workers())))


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def visitors() -> list[bytes]:
    """What all kinds of visitors ask, in disorder."""
    drawings = [as_the_page_posts_it(number) for number in range(600)]
    numbers = [as_png(draw_number(f"{number}")) for number in (12, 470, 2026, 99_999)]
    broken = [mutated_picture(number) for number in range(300)]
    explained = ("layers", "heat-map", "snapshots", "what-if?turn=90", "least-changes")
    requests = [
        *(post("/predict", png) for png in (*drawings, *numbers, *broken)),
        *(get(path) for path in ("/", "/model") * 20),
        *(get(path) for path in ("/health/live", "/health/ready") * 100),
        *(get(f"/nothing/{number}") for number in range(700)),
        *(get("/predict") for _ in range(150)),
        post("/predict", drawings[0]).replace(b"image/png", b"image/gif"),
        *(post(f"/explain/{question}", drawings[0]) for question in explained),
    ]
    Random(0).shuffle(requests)
    return requests
