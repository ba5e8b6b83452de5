"""Run the real production server."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil

from tests.server.raw_http import Target, wait_until

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = [sys.executable, "-m", "gunicorn"]


class Server(Target):
    """A server that runs as a process of these tests."""

    def __init__(self, command: list[str], port: int, **options: Any) -> None:
        super().__init__(port)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, **{"cwd": ROOT, **quiet, **options})

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def reload(self) -> None:
        """Replace all workers (SIGHUP) and wait until the old ones have ended."""
        old = set(self.workers())
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not old & set(self.workers()), 60)

    def kill_worker(self) -> int:
        """Kill a worker, and return its process ID once another has replaced it."""
        old = self.workers()
        old[0].kill()
        wait_until(lambda: len(self.workers()) == len(old) and old[0] not in self.workers())
        return int(old[0].pid)

    def stop(self) -> int:
        """Stop the server (SIGTERM) and return its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=60)

    def is_ready(self) -> bool:
        """Return whether the model answers; fail if the server has ended."""
        assert self.process.poll() is None, f"It ended with status {self.process.returncode}."
        try:
            return self.get("/health/ready").status == 200
        except OSError:
            return False


@contextlib.contextmanager
def running(workers: int = 1, log: IO[bytes] | None = None, **settings: str) -> Iterator[Server]:
    """Run gunicorn until the end of the block; its output goes to `log`, or nowhere.

    All requests of a test come from one address, so the rate limit is out of reach by default.
    """
    port = free_port()
    settings = {"WEB_CONCURRENCY": str(workers), "RATE_LIMIT": "1000000/second", **settings}
    command = [*GUNICORN, "--bind", f"127.0.0.1:{port}"]
    output = {"stdout": log, "stderr": log} if log else {}
    server = Server(command, port, env={**os.environ, **settings}, **output)
    try:
        wait_until(server.is_ready, 120)
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """Return a free port below those that the system gives to clients."""
    while True:
        port = random.randrange(10_000, 32_768)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("", port))
            return port
