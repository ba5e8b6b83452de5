"""The rate limit of several workers, counted together in a real Redis."""

from __future__ import annotations

import itertools
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.server.raw_http import wait_until
from tests.server.system import Server, free_port, redis, running

LIMIT = 50  # answers in an hour
ASKED = 150


def answered(server: Server, source: str) -> int:
    """Return how many of many requests at once are answered."""
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: server.get("/model", source).status, range(ASKED)))
    assert set(statuses) <= {200, 429}
    return statuses.count(200)


@pytest.mark.system_packages
def test_workers_count_together_in_redis_and_alone_without_it(tmp_path: Path) -> None:
    port = free_port()
    settings = {"RATE_LIMIT": f"{LIMIT}/hour", "RATE_LIMIT_STORAGE": f"redis://127.0.0.1:{port}"}
    fresh = (f"127.0.1.{number}" for number in itertools.count(1))
    with running(workers=2, **settings) as server:  # which also starts without Redis
        with redis(tmp_path, port) as process:
            wait_until(lambda: answered(server, next(fresh)) == LIMIT)
            process.send_signal(signal.SIGSTOP)  # it hangs
            start = time.monotonic()
            assert LIMIT < answered(server, next(fresh)) <= ASKED
            assert time.monotonic() - start < 20
            process.kill()
            process.wait()
            wait_until(lambda: LIMIT < answered(server, next(fresh)) <= 2 * LIMIT)
        with redis(tmp_path, port):
            wait_until(lambda: answered(server, next(fresh)) == LIMIT)
