"""A folder of pictures, and the command run in it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from classifier.command.main import main
from tests.handwriting import draw


class Ended(NamedTuple):
    """What a command left behind."""

    status: int
    stdout: bytes
    stderr: bytes


Command = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: 3.png, 7.png, further/blank.gif and an empty folder."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "further").mkdir()
    for digit in (3, 7):
        draw(digit, side=60, pen=5).save(tmp_path / f"{digit}.png")
    draw(1, side=60, pen=5, ink=255).save(tmp_path / "further" / "blank.gif")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Command:
    """Runs the command in the folder, in this process."""

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(list(arguments))
        return Ended(status, *capfdbinary.readouterr())

    return run
