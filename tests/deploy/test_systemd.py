"""The systemd units are valid and restrictive, and leave the server what it needs."""

from __future__ import annotations

import re
import runpy
import subprocess
from pathlib import Path

import pytest

from tests.server.servers import ROOT

SERVICE = (ROOT / "deploy" / "digits.service").read_text()
# Ten times the exposure that `systemd-analyze security` reports, from 0 to 100. It is 4.
MOST_EXPOSED = 5


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
