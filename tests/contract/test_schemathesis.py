"""schemathesis asks the real server all that the document allows, and much that it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.servers import ROOT, running

PHASES = ("Examples", "Coverage", "Fuzzing", "Stateful")
SETTINGS = Path(__file__).parent / "schemathesis.toml"


def test_the_server_does_what_the_document_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATE_LIMIT", "")  # it asks more often than one client may
    monkeypatch.setenv("MAX_WAIT", "30")  # on a busy machine, nothing is turned away
    with running(workers=2) as server:
        command = ["-m", "schemathesis.cli", "--config-file", str(SETTINGS), "run", "--no-color"]
        everything = ["--checks", "all", "--phases", ",".join(PHASES).lower()]
        asked = subprocess.run(
            [sys.executable, *command, *everything, f"{server.address}/openapi.json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=300,
        )
    assert asked.returncode == 0, asked.stdout[-20_000:] + asked.stderr
    assert "Tested: 10" in asked.stdout
    for phase in PHASES:
        assert f"✅ {phase}\n" in asked.stdout
    assert "Warnings:" not in asked.stdout
