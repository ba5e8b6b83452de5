"""What the Dockerfile copies is there, and is enough to serve. (Docker itself is not asked.)"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.servers import ROOT, free_port
from benchmarks.strokes import post
from tests.handwriting import as_png, draw

TEXT = (ROOT / "deploy" / "Dockerfile").read_text()
PACKAGES, IMAGE = re.split(r"(?m)^FROM .*\n", re.sub(r"\\\n\s*", "", TEXT))[1:]


def instructions(name: str, stage: str = IMAGE) -> list[str]:
    return re.findall(rf"(?m)^\s*{name} (.*)$", stage)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder that the image's COPY instructions make."""
    for line in instructions("COPY"):
        *sources, target = line.split()
        if sources[0].startswith("--from="):
            continue
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, tmp_path / target)
            else:
                (tmp_path / target).mkdir(exist_ok=True)
                shutil.copy(ROOT / source, tmp_path / target)
    return tmp_path


@pytest.fixture
def environment() -> dict[str, str]:
    """The image's environment, but for the port and for where the packages are."""
    pairs = [pair.split("=") for pair in " ".join(instructions("ENV")).split()]
    return {**dict(pairs), "PATH": os.environ["PATH"], "PORT": str(free_port())}


@pytest.fixture
def server(image: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of the server that the image's command starts in that folder."""
    (command,) = instructions("CMD", re.sub(r"HEALTHCHECK .*", "", IMAGE))
    assert json.loads(command) == ["gunicorn"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn"],
        cwd=image,
        env={**environment, "WEB_CONCURRENCY": "1"},
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{environment['PORT']}"
    process.terminate()
    assert process.wait(timeout=60) == 0


def is_healthy(environment: dict[str, str]) -> bool:
    """What the image's own health check says."""
    (check,) = re.findall(r"HEALTHCHECK .*CMD (.*)", IMAGE)
    _, *arguments = json.loads(check)
    return (
        subprocess.run(
            [sys.executable, *arguments], env=environment, stderr=subprocess.DEVNULL
        ).returncode
        == 0
    )


def test_it_serves_and_its_health_check_says_so(server: str, environment: dict[str, str]) -> None:
    end = time.monotonic() + 30
    while not is_healthy(environment):
        assert time.monotonic() < end
    assert post(server, as_png(draw(7)))["text"] == "7"


def test_where_nobody_serves_the_health_check_says_so(environment: dict[str, str]) -> None:
    assert not is_healthy(environment)


def test_it_holds_no_keras_file_and_no_test(image: Path) -> None:
    names = {path.name for path in image.rglob("*")}
    assert "mnist-cnn.tflite" in names
    assert not {name for name in names if name.endswith(".keras") or name.startswith("test_")}


def test_what_it_copies_is_sent_to_the_builder() -> None:
    allowed = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    for line in instructions("COPY", PACKAGES + IMAGE):
        if not line.startswith("--from="):
            for source in line.split()[:-1]:
                assert f"!{source.split('/')[0]}" in allowed


def test_it_installs_what_is_pinned_and_runs_as_nobody() -> None:
    (install,) = [line for line in instructions("RUN", PACKAGES) if "install" in line]
    assert "--require-hashes" in install
    assert install.endswith("--requirement requirements-serve.txt")
    assert instructions("USER") == ["10001:10001"]
