"""Gunicorn ends at once, with one sentence on why, where it cannot start; nothing that fails later
takes from whoever is served.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from app import CANNOT_START

from benchmarks.servers import ROOT, Server, free_port, running
from benchmarks.strokes import post
from tests.handwriting import as_png, draw
from tests.server.waiting import kill_a_worker, wait_until

SEVEN = as_png(draw(7))
DIGEST = "0" * 64


def start(
    folder: Path, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Starts two workers, whose temporary files lie in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{free_port()}"],
        cwd=ROOT,
        env={**os.environ, "WEB_CONCURRENCY": "2", "TMPDIR": str(folder), **environment},
        preexec_fn=before,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with the model that comes along, and the report on it."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("mnist-cnn.tflite", "report.json"):
        shutil.copy(ROOT / "models" / name, folder)
    return folder


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """A folder for what the server writes."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def change(model: Path) -> None:
    """Makes it another than its report says, by one byte."""
    with (model / "mnist-cnn.tflite").open("ab") as file:
        file.write(b"\0")


def check(ended: subprocess.CompletedProcess[str], *sentences: str) -> None:
    assert ended.returncode == CANNOT_START, ended.stderr
    (line,) = [line for line in ended.stderr.splitlines() if not line.startswith("INFO: ")]
    assert line.startswith("The app cannot start. Expected ")
    for sentence in sentences:
        assert sentence in line
    assert "Booting worker" not in ended.stdout


@pytest.mark.parametrize("time", range(3))
def test_with_another_model_than_the_report_is_on(model: Path, temporary: Path, time: int) -> None:
    change(model)
    check(start(temporary, MODEL=str(model)), "to have the SHA-256", "`git checkout models`")
    assert list(temporary.iterdir()) == []


def test_with_another_model_than_the_setting_names(temporary: Path) -> None:
    check(start(temporary, MODEL_SHA256=DIGEST), f"to have the SHA-256 {DIGEST}, received")


def test_without_a_model(tmp_path: Path, temporary: Path) -> None:
    check(start(temporary, MODEL=str(tmp_path)), "a model at", "`python train.py` makes one")


def test_without_room_for_what_the_workers_count(temporary: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    check(start(temporary, no_room), "room for the metrics where temporary files lie")
    assert list(temporary.iterdir()) == []


def test_what_the_workers_count_has_its_room_from_the_start(temporary: Path) -> None:
    """So that it is no matter if the disk is full later."""
    with running(workers=2, TMPDIR=str(temporary)) as server:
        wait_for_both(server)
        (folder,) = temporary.glob("metrics-*")
        before = {file: file.stat().st_size for file in folder.iterdir()}
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1000, 1000))
        kill_a_worker(server)
        wait_for_both(server)
        reload(server)
        for _ in range(20):
            assert post(server.address, SEVEN)["text"] == "7"
        for file, size in before.items():
            assert file.stat().st_size == size
            assert file.stat().st_blocks * 512 >= size
            assert struct.unpack_from("i", file.read_bytes())[0] < size
        assert set(folder.iterdir()) == set(before)


def wait_for_both(server: Server) -> None:
    """The server is ready as soon as one of them is."""

    def are_counted() -> bool:
        with urllib.request.urlopen(f"{server.address}/metrics", timeout=20) as response:
            return b"\nworkers 2.0\n" in response.read()

    wait_until(are_counted, 60)


def reload(server: Server) -> None:
    """Has the workers replaced, and waits for it."""
    workers = set(server.workers())
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: not workers & set(server.workers()), 60)
    wait_for_both(server)


def test_a_reload_that_cannot_start_leaves_the_workers(
    model: Path, temporary: Path, tmp_path: Path
) -> None:
    log, network = tmp_path / "log", model / "mnist-cnn.tflite"
    with (
        log.open("wb") as file,
        running(workers=2, log=file, MODEL=str(model), TMPDIR=str(temporary)) as server,
    ):
        wait_for_both(server)
        workers = set(server.workers())
        content = network.read_bytes()
        change(model)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: b"not reloaded: " in log.read_bytes(), 60)
        assert set(server.workers()) == workers
        assert post(server.address, SEVEN)["text"] == "7"
        network.write_bytes(content)
        reload(server)
        assert post(server.address, SEVEN)["text"] == "7"
    assert server.process.returncode == 0
    assert list(temporary.iterdir()) == []


def test_in_place_of_a_dead_worker_it_is_tried_until_it_starts(model: Path, tmp_path: Path) -> None:
    log, network = tmp_path / "log", model / "mnist-cnn.tflite"

    def attempts() -> int:
        return log.read_bytes().count(b"a worker could not start; the others go on")

    with log.open("wb") as file, running(workers=2, log=file, MODEL=str(model)) as server:
        wait_for_both(server)
        content = network.read_bytes()
        change(model)
        kill_a_worker(server)
        wait_until(lambda: attempts() >= 2, 60)
        assert post(server.address, SEVEN)["text"] == "7"
        network.write_bytes(content)
        wait_for_both(server)
    assert server.process.returncode == 0
