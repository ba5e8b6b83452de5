"""What tests of a running server share."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from benchmarks.servers import Server


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    """Returns as soon as it is so, and fails if it is not within some seconds."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def kill_a_worker(server: Server) -> int:
    """Kills one, waits until another process has taken its place, and returns its process id."""
    workers = server.workers()
    os.kill(workers[0], signal.SIGKILL)
    wait_until(lambda: len(set(server.workers()) - set(workers)) == 1)
    return workers[0]
