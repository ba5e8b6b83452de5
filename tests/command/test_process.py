"""The command as a process: signals, pipes, terminals."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest

from classifier.command.main import CLOSED_PIPE, INTERRUPTED, MANY

ROOT = Path(__file__).resolve().parents[2]
MODULE = ["-m", "classifier"]
# The same command, on two cores whatever the machine has, and with workers from the second picture.
WITH_WORKERS = [
    "-c",
    """
import sys
import classifier.command.workers as workers
from classifier.command.main import main
workers.ALONE, workers.cores = 0, lambda: 2
sys.exit(main())
""",
]
either = pytest.mark.parametrize("program", [MODULE, WITH_WORKERS], ids=["one process", "workers"])


def started(
    folder: Path, program: list[str], pictures: int = 40_000, **options: Any
) -> subprocess.Popen[bytes]:
    """Starts the command in a process group of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, *program, *["7.png"] * pictures],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        start_new_session=True,
        **{**pipes, **options},
    )


def read_lines(process: subprocess.Popen[bytes], count: int) -> None:
    assert process.stdout is not None
    for _ in range(count):
        assert process.stdout.readline() == b"7.png\t7\n"


def assert_all_end(group: int) -> None:
    """Fails unless every process of the group ends within ten seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("Expected all processes to end, but some still run.")


@pytest.mark.parametrize(
    ("program", "lines"),
    [(MODULE, 3), (WITH_WORKERS, 1), (WITH_WORKERS, 200)],
    ids=["one process", "workers starting", "workers"],
)
def test_ctrl_c_ends_it_without_a_traceback(folder: Path, program: list[str], lines: int) -> None:
    process = started(folder, program)
    read_lines(process, lines)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to the workers too
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (INTERRUPTED, b"")
    assert_all_end(process.pid)


@either
def test_it_ends_quietly_when_the_pipe_is_closed(folder: Path, program: list[str]) -> None:
    process = started(folder, program)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (CLOSED_PIPE, b"")
    assert_all_end(process.pid)


def test_workers_end_when_it_is_killed(folder: Path) -> None:
    process = started(folder, WITH_WORKERS)
    read_lines(process, 50)
    process.kill()
    process.communicate(timeout=60)
    assert_all_end(process.pid)


def test_a_full_disk_is_reported(folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        process = started(folder, MODULE, pictures=2, stdout=full)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    (error,) = errors.splitlines()
    assert error.startswith(b"python -m classifier: Expected standard output to take the answers")


@pytest.mark.parametrize(("pictures", "shown"), [(MANY, True), (MANY - 1, False)])
def test_a_terminal_shows_the_progress_of_many(folder: Path, pictures: int, shown: bool) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = started(folder, MODULE, pictures, stderr=theirs)
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # which is how a terminal's end is reported
        while content := os.read(ours, 10_000):
            seen += content
    os.close(ours)
    printed, _ = process.communicate(timeout=60)
    assert printed == b"7.png\t7\n" * pictures
    assert (f"/{pictures} [".encode() in seen) is shown
    assert seen.rpartition(b"\r")[2].strip() == b""  # the bar is removed at the end
