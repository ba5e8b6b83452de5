"""Real servers, for measurements and tests."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
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

    def connections(self, worker: int) -> int:
        """How many connections a worker has in hand."""
        sockets = {f"socket:[{number}]" for number in _established(self.port)}
        return sum(target in sockets for target in _open_files(worker))

    def rests(self, seconds: float) -> bool:
        """Whether its workers do next to nothing for so long."""
        before = sum(map(processor_seconds, self.workers()))
        time.sleep(seconds)
        return sum(map(processor_seconds, self.workers())) - before < 0.1 * seconds

    def be_nice(self) -> None:
        """Has its processes, and those still to come, take only the time that others leave."""
        for pid in (self.process.pid, *self.workers()):
            os.setpriority(os.PRIO_PROCESS, pid, 10)


@contextlib.contextmanager
def running(
    *arguments: str,
    ready: str = "/health/ready",
    workers: int = 1,
    port: int | None = None,
    patience: float = 120,
    log: IO[bytes] | None = None,
    cores: Collection[int] = (),
    **environment: str,
) -> Iterator[Server]:
    """Runs `gunicorn *arguments` from the repository's root until `ready` answers 200.

    Without arguments this is the production server just as gunicorn.conf.py describes it, on any
    core where none are named; but all that is asked comes from one address: the limit for one,
    which is counted as ever, is out of reach. What it writes to standard output goes to `log`, or
    nowhere.
    """
    port = port or free_port()
    command = ["gunicorn", "--bind", f"127.0.0.1:{port}", *arguments]
    environment = {"WEB_CONCURRENCY": str(workers), "RATE_LIMIT": OUT_OF_REACH, **environment}
    with started(command, port, ready, patience, log, cores, **environment) as server:
        yield server


@contextlib.contextmanager
def started(
    command: list[str],
    port: int,
    ready: str,
    patience: float = 120,
    log: IO[bytes] | None = None,
    cores: Collection[int] = (),
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
    if cores:
        os.sched_setaffinity(process.pid, cores)  # before it has children or threads
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


def cores_apart(workers: int) -> tuple[list[int], list[int]]:
    """A core for each worker, and the others for its clients, as far as there are so many."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[-workers:], cores[:-workers] or cores


def resident_megabytes(pid: int) -> float:
    """The memory of a process, in MB of 1,000,000 bytes, the pages that it shares included."""
    listing = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
    return int(listing.stdout) * 1024 / 1e6


def processor_seconds(pid: int) -> float:
    """What a process has taken of the processor so far: see proc(5), /proc/PID/stat."""
    after_its_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_its_name[11]) + int(after_its_name[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody has; nor will a client get it by chance before a server listens there.

    For those are given to clients that lie above.
    """
    while True:
        port = random.randrange(10_000, 32_768)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("", port))
            return port


def _established(port: int) -> list[str]:
    """The system's numbers of the connections with this local port: see proc(5), /proc/net/tcp."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return [row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"]


def _open_files(pid: int) -> Iterator[str]:
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            yield str(file.readlink())


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
