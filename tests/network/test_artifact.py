"""The network that answers is the one that the report beside it is on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from classifier.network.artifact import LITERT_FILE, MODELS_FOLDER, REPORT_FILE

SHA256: str = json.loads((MODELS_FOLDER / REPORT_FILE).read_text())["files"][LITERT_FILE]["sha256"]
OTHER = "0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the model that comes along, and the report on it."""
    for name in (LITERT_FILE, REPORT_FILE):
        shutil.copy(MODELS_FOLDER / name, tmp_path)
    return tmp_path


def load(path: Path, sha256: str | None = None) -> HandwrittenDigitsClassifier:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(path, sha256)
    return classifier


def test_the_one_in_the_report_is_taken(folder: Path) -> None:
    assert load(folder).network.sha256 == SHA256
    assert load(folder, SHA256).report == load(folder).report


def test_another_one_is_refused_before_anything_parses_it(folder: Path) -> None:
    with (folder / LITERT_FILE).open("r+b") as file:
        file.write(b"no LiteRT file any more")
    with pytest.raises(ModelFileError) as raised:
        load(folder)
    message = str(raised.value)
    assert message.startswith(f"Expected {folder / LITERT_FILE} to have the SHA-256 {SHA256}, ")
    assert "`git checkout models`" in message
    assert "`python train.py`" in message


@pytest.mark.parametrize("name", ["folder", "file"])
def test_one_with_another_sha256_than_asked_for_is_refused(folder: Path, name: str) -> None:
    path = folder if name == "folder" else folder / LITERT_FILE
    with pytest.raises(ModelFileError, match=f"SHA-256 {OTHER}, received {SHA256}"):
        load(path, OTHER)


def test_a_keras_file_is_held_to_it_too() -> None:
    with pytest.raises(ModelFileError, match=f"SHA-256 {OTHER}, received"):
        load(MODELS_FOLDER / "mnist-cnn.keras", OTHER)


def test_without_a_report_only_a_file_by_itself_is_taken(folder: Path) -> None:
    (folder / REPORT_FILE).unlink()
    with pytest.raises(ModelFileError, match=r"in the report beside it, received no report\. `git"):
        load(folder)
    assert load(folder / LITERT_FILE).network.sha256 == SHA256


@pytest.mark.parametrize("report", [{"name": "x"}, {"files": []}, {"files": {LITERT_FILE: None}}])
def test_a_report_that_does_not_say_is_named(folder: Path, report: dict[str, Any]) -> None:
    (folder / REPORT_FILE).write_text(json.dumps(report))
    with pytest.raises(ModelFileError, match="received no such entry"):
        load(folder)
