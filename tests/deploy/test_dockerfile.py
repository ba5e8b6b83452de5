"""What the Dockerfile copies is enough to serve. Docker itself is not needed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.handwriting import as_png, draw
from tests.server.raw_http import wait_until
from tests.server.servers import GUNICORN, ROOT, Server, free_port

TEXT = re.sub(r"\\\n\s*", "", (ROOT / "deploy" / "Dockerfile").read_text())
PACKAGES, IMAGE = re.split(r"(?m)^FROM .*\n", TEXT)[1:]
COPIED = [
    line.split()
    for line in re.findall(r"(?m)^COPY (.*)$", PACKAGES + IMAGE)
    if not line.startswith("--from=")
]
ENVIRONMENT = dict(pair.split("=") for pair in re.findall(r"(?m)^ENV (.*)$", IMAGE)[0].split())


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder that the COPY instructions make."""
    for *sources, target in COPIED:
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, tmp_path / target)
            else:
                (tmp_path / target).mkdir(exist_ok=True)
                shutil.copy(ROOT / source, tmp_path / target)
    return tmp_path


def test_its_command_serves_and_its_health_check_agrees(image: Path) -> None:
    command, check = (json.loads(text) for text in re.findall(r"CMD (\[.*\])", IMAGE)[::-1])
    assert command == ["gunicorn"]
    environment = {**ENVIRONMENT, "PATH": os.environ["PATH"], "PORT": str(free_port())}

    def is_healthy() -> bool:
        command = [sys.executable, *check[1:]]
        return subprocess.run(command, env=environment, capture_output=True).returncode == 0

    assert not is_healthy()
    server = Server(GUNICORN, int(environment["PORT"]), cwd=image, env=environment)
    try:
        wait_until(is_healthy)
        assert server.post("/predict", as_png(draw(7))).json["text"] == "7"
    finally:
        assert server.stop() == 0


def test_it_copies_no_keras_file_and_only_what_is_sent_to_the_builder(image: Path) -> None:
    assert not list(image.rglob("*.keras"))
    sent = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    for *sources, _ in COPIED:
        assert all(f"!{source.split('/')[0]}" in sent for source in sources)


def test_it_installs_pinned_packages_and_runs_without_root() -> None:
    (install,) = re.findall(r"(?m)^RUN (.* install .*)$", PACKAGES)
    assert "--require-hashes" in install
    assert install.endswith("--requirement requirements-serve.txt")
    assert re.findall(r"(?m)^USER (.*)$", IMAGE) == ["10001:10001"]
