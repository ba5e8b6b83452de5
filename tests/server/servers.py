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
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from tests.server.raw_http import Target, wait_until

ROOT = Path(__file__).resolve().parents[2]
SERVICE = (ROOT / "deploy" / "digits.service").read_text()


@dataclass
class Server(Target):
    """A running gunicorn."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """Return the URL of the server, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        """Connect from one of this machine's addresses, 127.*.*.*."""
        return socket.create_connection(("127.0.0.1", self.port), 30, (source, 0))

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes."""
        return psutil.Process(self.process.pid).children()

    def reload(self) -> None:
        """Replace all workers (SIGHUP) and wait until the old ones have ended."""
        old = set(self.workers())
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not old & set(self.workers()), 60)

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
def running(
    *arguments: str,
    workers: int = 1,
    port: int | None = None,
    log: IO[bytes] | None = None,
    **environment: str,
) -> Iterator[Server]:
    """Run `gunicorn *arguments` from the repository's root until the end of the block.

    All requests of a test come from one address, so the rate limit is out of reach by default.
    Standard output and standard error go to `log`, or nowhere.
    """
    port = port or free_port()
    settings = {"WEB_CONCURRENCY": str(workers), "RATE_LIMIT": "1000000/second"}
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *arguments],
        cwd=ROOT,
        env={**os.environ, **settings, **environment},
        stdout=log or subprocess.DEVNULL,
        stderr=log or subprocess.DEVNULL,
    )
    server = Server(port, process)
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
