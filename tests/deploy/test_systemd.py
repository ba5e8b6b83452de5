"""The unit is sound and tight, and a restart behind its socket loses no request."""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from app import CANNOT_START
from gunicorn.config import GracefulTimeout

from benchmarks.servers import ROOT, Server
from benchmarks.strokes import post
from tests.handwriting import as_png, draw
from tests.server.waiting import wait_until

SERVICE = (ROOT / "deploy" / "digits.service").read_text()
# Ten times what `systemd-analyze security` says, from 0, wholly closed, to 100; it is 4.
MOST_EXPOSED = 5


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units in a folder, for a checkout there that has the command which they start."""
    command = tmp_path / ".venv" / "bin" / "gunicorn"
    command.parent.mkdir(parents=True)
    command.touch(mode=0o755)
    for name in ("digits.service", "digits.socket"):
        text = (ROOT / "deploy" / name).read_text()
        (tmp_path / name).write_text(text.replace("/srv/digits", str(tmp_path)))
    return tmp_path


@pytest.mark.system_packages
def test_systemd_has_nothing_to_say_against_the_units(units: Path) -> None:
    command = ["systemd-analyze", "verify", units / "digits.service", units / "digits.socket"]
    verified = subprocess.run(command, capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.system_packages
def test_the_service_is_as_closed_as_it_can_be(units: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}"]
    analysed = subprocess.run([*command, units / "digits.service"], capture_output=True, text=True)
    assert analysed.returncode == 0, analysed.stdout


def test_it_waits_for_the_workers_and_does_not_try_again_in_vain() -> None:
    patience = int(re.search(r"TimeoutStopSec=(\d+)", SERVICE)[1])  # type: ignore[index]
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert patience > configuration.get("graceful_timeout", GracefulTimeout.default)
    assert f"RestartPreventExitStatus={CANNOT_START}\n" in SERVICE


# As systemd does it: the socket is file 3, and meant for the process of this number.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@contextlib.contextmanager
def serving(listener: socket.socket, module: str = "gunicorn") -> Iterator[Server]:
    """The production server behind a socket that outlives it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HAND_OVER, str(listener.fileno()), "-m", module],
        cwd=ROOT,
        env={**os.environ, "LISTEN_FDS": "1", "WEB_CONCURRENCY": "2"},
        pass_fds=[listener.fileno()],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Server(listener.getsockname()[1], process, 0.0)
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0


def test_a_restart_behind_the_socket_loses_no_request() -> None:
    """Who asks meanwhile waits a little longer."""
    png = as_png(draw(7))
    answers: list[str] = []
    over = threading.Event()

    def ask(address: str) -> None:
        while not over.is_set():
            answers.append(post(address, png)["text"])

    with (
        ThreadPoolExecutor(4) as pool,
        socket.create_server(("127.0.0.1", 0), backlog=100) as listener,
    ):
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        clients = [pool.submit(ask, address) for _ in range(4)]
        for _ in range(2):
            before = len(answers)
            with serving(listener):
                while len(answers) < before + 100:
                    time.sleep(0.01)
                    assert not any(client.done() for client in clients)
        with serving(listener):
            over.set()
            for client in clients:
                client.result(timeout=60)
    assert set(answers) == {"7"}


@pytest.mark.system_packages
def test_it_starts_answers_and_reloads_with_what_the_unit_leaves_it() -> None:
    png = as_png(draw(7))
    with (
        socket.create_server(("127.0.0.1", 0), backlog=100) as listener,
        serving(listener, "tests.deploy.confined") as server,
    ):
        assert post(server.address, png)["text"] == "7"
        before = set(server.workers())
        assert before
        for pid in before:
            status = Path(f"/proc/{pid}/status").read_text()
            assert re.search(r"(?m)^Seccomp_filters:\s+[3-9]$", status)
        os.kill(server.process.pid, signal.SIGHUP)
        wait_until(lambda: len(server.workers()) == 2 and not before & set(server.workers()))
        assert post(server.address, png)["text"] == "7"
        question = urllib.request.Request(
            f"{server.address}/explain/heat-map", png, {"Content-Type": "image/png"}
        )
        for address in (question, f"{server.address}/health/ready", f"{server.address}/metrics"):
            with urllib.request.urlopen(address, timeout=60) as response:
                assert response.status == 200
