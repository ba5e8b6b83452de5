"""Many clients at once, and what a worker takes for them."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

from tests.handwriting import DIGITS, as_png, draw
from tests.server.raw_http import receive, request
from tests.server.servers import Server, running

BROWSERS = 30
EXPLANATIONS = ("layers", "heat-map", "snapshots", "what-if?turn=180", "least-changes")


def test_many_clients_at_once_get_their_own_answers(gunicorn: Server) -> None:
    digits = list(DIGITS) * 10
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda digit: gunicorn.post("/predict", as_png(draw(digit))), digits)
    assert [answer.json["text"] for answer in answers] == [str(digit) for digit in digits]


def test_explanations_at_once_are_the_same_as_one_at_a_time(gunicorn: Server) -> None:
    questions = [
        (f"/explain/{question}", as_png(draw(digit)))
        for question in EXPLANATIONS
        for digit in (2, 6, 7)
    ]
    alone = [gunicorn.post(*question).json for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: gunicorn.post(*question).json, questions))
    assert together == alone


def test_a_worker_starts_soon_and_small_and_never_loads_tensorflow() -> None:
    start = time.monotonic()
    with running() as server:
        assert time.monotonic() - start < 10  # on a busy machine; on an idle one it is one second
        (worker,) = server.workers()
        assert worker.cpu_times().user < 2
        assert worker.memory_info().rss < 90e6
        assert not any("tensorflow/" in mapped.path for mapped in worker.memory_maps())


def test_thirty_browsers_are_served_without_a_proxy(gunicorn: Server) -> None:
    """Each loads the page and its files, and opens a spare connection, as browsers do."""
    page = gunicorn.get("/").body.decode()
    files = sorted(set(re.findall(r'(?:href|src)="(/static[^"]+)"', page)))
    assert len(files) > 20

    def load(_: int) -> float:
        start = time.monotonic()
        with gunicorn.connect(), gunicorn.connect() as client:
            for path in ("/", *files):
                client.sendall(request("GET", path, close=False))
                answer = receive(client)
                assert answer is not None
                assert answer.status == 200
            return time.monotonic() - start

    with ThreadPoolExecutor(BROWSERS) as pool:
        seconds = sorted(pool.map(load, range(BROWSERS)))
    assert seconds[-1] < 10  # it takes two; with eight threads it takes sixteen
