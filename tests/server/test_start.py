"""Gunicorn ends at once, with one sentence on why, where the model is not the right one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.servers import ROOT, free_port


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{free_port()}"],
        cwd=ROOT,
        env={**os.environ, "WEB_CONCURRENCY": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def changed_model(tmp_path: Path) -> Path:
    """A folder whose model is another than its report says, by one byte."""
    for name in ("mnist-cnn.tflite", "report.json"):
        shutil.copy(ROOT / "models" / name, tmp_path)
    with (tmp_path / "mnist-cnn.tflite").open("ab") as file:
        file.write(b"\0")
    return tmp_path


def test_with_another_model_than_the_report_is_on(changed_model: Path) -> None:
    ended = start(MODEL=str(changed_model))
    assert ended.returncode != 0
    assert "The app cannot start. Expected" in ended.stderr
    assert "to have the SHA-256" in ended.stderr
    assert "`git checkout models`" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_with_another_model_than_the_setting_names() -> None:
    ended = start(MODEL_SHA256="0" * 64)
    assert ended.returncode != 0
    assert f"to have the SHA-256 {'0' * 64}, received" in ended.stderr
    assert "Traceback" not in ended.stderr
