"""Real servers, for measurements and tests."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
OUT_OF_REACH = "1000000/second"


@dataclass
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    seconds_to_ready: float

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        listing = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(pid) for pid in listing.stdout.split()]


@contextlib.contextmanager
def running(
    *arguments: str,
    ready: str = "/health/ready",
    workers: int = 1,
    port: int | None = None,
    patience: float = 120,
    log: IO[bytes] | None = None,
    **environment: str,
) -> Iterator[Server]:
    """Runs `gunicorn *arguments` from the repository's root until `ready` answers 200.

    Without arguments this is the production server just as gunicorn.conf.py describes it; but
    for the rate limit, which it counts as ever, and which one asker alone cannot reach. What it
    writes to standard output goes to `log`, or nowhere.
    """
    port = port or free_port()
    command = ["gunicorn", "--bind", f"127.0.0.1:{port}", *arguments]
    environment = {"WEB_CONCURRENCY": str(workers), "RATE_LIMIT": OUT_OF_REACH, **environment}
    with started(command, port, ready, patience, log, **environment) as server:
        yield server


@contextlib.contextmanager
def started(
    command: list[str],
    port: int,
    ready: str,
    patience: float = 120,
    log: IO[bytes] | None = None,
    **environment: str,
) -> Iterator[Server]:
    """Runs `python -m *command`, which serves `port`, until `ready` answers 200."""
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        stdout=log or subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port, ready):
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended with status {process.returncode}.")
            if time.monotonic() - start > patience:
                raise TimeoutError(f"{command[0]} was not ready after {patience} s.")
            time.sleep(0.01)
        yield Server(port, process, time.monotonic() - start)
    finally:
        process.terminate()
        process.wait(timeout=60)


def main() -> None:
    """Starts the production server once, to see that what is installed is enough for it."""
    with running() as server:
        print(f"gunicorn was ready after {server.seconds_to_ready:.2f} s.")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
