"""Settings that mean nothing, given to the servers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from app import CANNOT_START

from benchmarks.servers import ROOT

SENSELESS = [
    ("PORT", "http"),
    ("WEB_CONCURRENCY", "0"),
    ("LOG_LEVEL", "loud"),
    ("METRICS_TOKEN", "short"),
    ("MODEL", "model.keras"),
]


@pytest.mark.parametrize("command", [["-m", "gunicorn"], ["flask/app.py"]], ids=["gunicorn", "dev"])
@pytest.mark.parametrize(("name", "value"), SENSELESS, ids=[name for name, _ in SENSELESS])
def test_the_server_ends_at_once_with_one_sentence(
    command: list[str], name: str, value: str
) -> None:
    ended = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert ended.returncode == CANNOT_START
    assert ended.stderr.startswith(f"The app cannot start. Expected {name} to be ")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
