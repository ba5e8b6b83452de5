"""Run servers for measurements.

    python -m benchmarks.servers

starts the production server once. That needs only what requirements-serve.txt installs.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SERVICE = (ROOT / "deploy" / "digits.service").read_text()
# The environment in production, and a rate limit out of reach: all requests have one address.
IN_PRODUCTION = dict(re.findall(r"(?m)^Environment=(\w+)=(.*)$", SERVICE))
SETTINGS = {**IN_PRODUCTION, "RATE_LIMIT": "1000000/second", "LOG_LEVEL": "warning"}
PATIENCE = 120.0  # seconds until a server must be ready


@dataclass
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    seconds_to_ready: float

    @property
    def address(self) -> str:
        """Return the URL of the server, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[Any]:
        """Return the worker processes, as psutil has them."""
        import psutil  # type: ignore[import-untyped]  # it is not in requirements-serve.txt

        children: list[Any] = psutil.Process(self.process.pid).children()
        return children


@contextlib.contextmanager
def running(
    *arguments: str,
    ready: str = "/health/ready",
    workers: int = 1,
    port: int | None = None,
    listener: socket.socket | None = None,
    **environment: str,
) -> Iterator[Server]:
    """Run `gunicorn *arguments` from the repository's root, once it answers at the path `ready`.

    Args:
        listener: a socket to serve, which outlives the server, as systemd holds one.
    """
    port = listener.getsockname()[1] if listener else port or free_port()
    bind = f"fd://{listener.fileno()}" if listener else f"127.0.0.1:{port}"
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", bind, *arguments],
        cwd=ROOT,
        env={**os.environ, **SETTINGS, "WEB_CONCURRENCY": str(workers), **environment},
        pass_fds=[listener.fileno()] if listener else [],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(f"http://127.0.0.1:{port}{ready}"):
            if process.poll() is not None:
                raise RuntimeError(f"gunicorn ended with status {process.returncode}.")
            if time.monotonic() > start + PATIENCE:
                raise TimeoutError(f"gunicorn was not ready within {PATIENCE:.0f} s.")
            time.sleep(0.01)
        yield Server(port, process, time.monotonic() - start)
    finally:
        process.terminate()
        process.wait(timeout=60)


def free_port() -> int:
    """Return a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310  # our own
            return bool(response.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    with running() as server:
        print(f"gunicorn was ready after {server.seconds_to_ready:.2f} s.")
