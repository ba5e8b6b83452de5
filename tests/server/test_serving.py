"""Many clients at once."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

from tests.handwriting import as_png, draw
from tests.server.raw_http import receive, request
from tests.server.servers import Server

BROWSERS = 30
EXPLANATIONS = ("layers", "heat-map", "snapshots", "what-if?turn=180", "least-changes")


def test_many_clients_at_once_get_their_own_answers(gunicorn: Server) -> None:
    def ask(path: str, digit: int) -> object:
        answer = gunicorn.post(path, as_png(draw(digit))).json
        return answer["text"] if path == "/predict" else answer

    paths = ["/predict"] * 5 + [f"/explain/{question}" for question in EXPLANATIONS]
    questions = [(path, digit) for path in paths for digit in (2, 6, 7)]
    alone = [ask(*question) for question in questions]
    assert alone[:3] == ["2", "6", "7"]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda question: ask(*question), questions)) == alone


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
                assert receive(client).status == 200
            return time.monotonic() - start

    with ThreadPoolExecutor(BROWSERS) as pool:
        seconds = sorted(pool.map(load, range(BROWSERS)))
    assert seconds[-1] < 10  # it takes two; with eight threads it takes sixteen
