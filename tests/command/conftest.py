"""A folder of pictures, and the command as a shell runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.handwriting import draw

ROOT = Path(__file__).resolve().parents[2]

Ended = subprocess.CompletedProcess[bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds 3.png, 7.png, and blank.gif in a folder of its own."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "further").mkdir()
    for digit in (3, 7):
        draw(digit, side=60, pen=5).save(tmp_path / f"{digit}.png")
    draw(1, side=60, pen=5, ink=255).save(tmp_path / "further" / "blank.gif")
    return tmp_path


@pytest.fixture
def command(folder: Path) -> Callable[..., Ended]:
    """Runs `python -m classifier` in the folder, as the library's users do."""

    def run(*arguments: str | bytes, stdin: bytes = b"", program: str = "") -> Ended:
        how = ["-c", program] if program else ["-m", "classifier"]
        return subprocess.run(
            [sys.executable, *how, *arguments],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
            input=stdin,
            capture_output=True,
            timeout=120,
        )

    return run
