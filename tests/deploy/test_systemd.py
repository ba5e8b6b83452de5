"""The systemd units are valid and restrictive, and leave the server what it needs."""

from __future__ import annotations

import re
import runpy
import socket
import subprocess
from pathlib import Path

import pytest

from tests.handwriting import as_png, draw
from tests.server.servers import ROOT, SERVICE
from tests.server.test_lifecycle import serving
from tests.server.waiting import wait_until

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


@pytest.mark.system_packages
def test_the_server_starts_answers_and_reloads_with_the_system_calls_it_is_left() -> None:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=100) as listener,
        serving(listener, "tests.deploy.confined") as server,
    ):
        assert server.post("/predict", as_png(draw(7))).json["text"] == "7"
        status = Path(f"/proc/{server.workers()[0].pid}/status").read_text()
        assert re.search(r"(?m)^Seccomp_filters:\s+[1-9]$", status)
        wait_until(lambda: len(server.workers()) == 2)
        server.reload()
        assert server.post("/explain/heat-map", as_png(draw(7))).status == 200
        assert server.get("/metrics").status == 200
