"""What the Dockerfile copies is enough to serve; the systemd units are valid and restrictive."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.handwriting import as_png, draw
from tests.server.raw_http import wait_until
from tests.server.system import GUNICORN, ROOT, Server, free_port

TEXT = re.sub(r"\\\n\s*", "", (ROOT / "deploy" / "Dockerfile").read_text())
PACKAGES, IMAGE = re.split(r"(?m)^FROM .*\n", TEXT)[1:]
COPIED = [
    line.split()
    for line in re.findall(r"(?m)^COPY (.*)$", PACKAGES + IMAGE)
    if not line.startswith("--from=")
]
ENVIRONMENT = dict(pair.split("=") for pair in re.findall(r"(?m)^ENV (.*)$", IMAGE)[0].split())
SERVICE = (ROOT / "deploy" / "digits.service").read_text()
# Ten times the exposure that `systemd-analyze security` reports, from 0 to 100. It is 4.
MOST_EXPOSED = 5


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
    assert "--require-hashes" in PACKAGES
    assert "USER 10001:10001" in IMAGE
    environment = {**ENVIRONMENT, "PATH": os.environ["PATH"], "PORT": str(free_port())}

    def is_healthy() -> bool:
        command = [sys.executable, *check[1:]]
        return subprocess.run(command, env=environment, capture_output=True).returncode == 0

    assert not is_healthy()
    server = Server(GUNICORN, int(environment["PORT"]), cwd=image, env=environment)
    try:
        wait_until(is_healthy)
        assert server.post("/predict", as_png(draw(7))).json["text"] == "7"
        assert not list(image.rglob("*.keras")), "these are large and not needed"
    finally:
        assert server.stop() == 0


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """A folder with the units, for a checkout there."""
    command = tmp_path / ".venv" / "bin" / "gunicorn"
    command.parent.mkdir(parents=True)
    command.touch(mode=0o755)
    for name in ("digits.service", "digits.socket"):
        text = (ROOT / "deploy" / name).read_text()
        (tmp_path / name).write_text(text.replace("/srv/digits", str(tmp_path)))
    return tmp_path


@pytest.mark.system_packages
def test_the_units_are_valid(units: Path) -> None:
    command = ["systemd-analyze", "verify", units / "digits.service", units / "digits.socket"]
    verified = subprocess.run(command, capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.system_packages
def test_the_service_is_restrictive(units: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}"]
    analysed = subprocess.run([*command, units / "digits.service"], capture_output=True, text=True)
    assert analysed.returncode == 0, analysed.stdout


def test_systemd_waits_longer_for_the_end_than_gunicorn() -> None:
    (patience,) = re.findall(r"TimeoutStopSec=(\d+)", SERVICE)
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert int(patience) > configuration["graceful_timeout"]
