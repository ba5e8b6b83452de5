"""Loading networks: which files are accepted."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from classifier.network.artifact import LITERT_FILE, MODELS_FOLDER, REPORT_FILE
from classifier.network.runtime import Network
from tests.handwriting import DIGITS, draw

SHA256: str = json.loads((MODELS_FOLDER / REPORT_FILE).read_text())["files"][LITERT_FILE]["sha256"]
OTHER = "0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the model of the project and its report."""
    for name in (LITERT_FILE, REPORT_FILE):
        shutil.copy(MODELS_FOLDER / name, tmp_path)
    return tmp_path


def load(path: Path, sha256: str | None = None) -> HandwrittenDigitsClassifier:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(path, sha256)
    return classifier


def test_threads_get_the_same_answers_as_one(classifier: HandwrittenDigitsClassifier) -> None:
    pictures = [draw(digit, side=60, pen=5) for digit in DIGITS] * 40
    expected = [classifier.predict(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(classifier.predict, pictures)) == expected


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\3\4" + b"\0" * 100])
def test_another_kind_of_file_is_refused(content: bytes) -> None:
    with pytest.raises(ModelFileError, match=r"Expected a LiteRT file .* received odd"):
        Network(content, "odd")


@pytest.mark.parametrize("length", [8, 100, 5_000, 200_000])
def test_half_a_file_is_refused(classifier: HandwrittenDigitsClassifier, length: int) -> None:
    with pytest.raises(ModelFileError, match="received half, which is broken"):
        Network(classifier.network.content[:length], "half")


def test_a_damaged_file_is_refused_or_answers_with_probabilities(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    content = classifier.network.content
    refused = 0
    for start in range(100, 1_100, 20):
        try:
            Network(content[:start] + bytes(20) + content[start + 20 :], "damaged")
        except ModelFileError:
            refused += 1
    assert refused


def test_the_model_in_a_folder_must_be_the_one_in_the_report(folder: Path) -> None:
    assert load(folder, SHA256).report == load(folder).report
    assert load(folder).network.sha256 == SHA256
    with (folder / LITERT_FILE).open("r+b") as file:
        file.write(b"no LiteRT file any more")
    with pytest.raises(ModelFileError, match=f"to have the SHA-256 {SHA256}, received"):
        load(folder)


@pytest.mark.parametrize("name", ["", LITERT_FILE])
def test_a_model_must_have_the_sha256_asked_for(folder: Path, name: str) -> None:
    with pytest.raises(ModelFileError, match=f"SHA-256 {OTHER}, received {SHA256}"):
        load(folder / name, OTHER)
    with pytest.raises(ModelFileError, match=f"SHA-256 {OTHER}, received"):
        load(MODELS_FOLDER / "mnist-cnn.keras", OTHER)


def test_a_folder_needs_a_report_and_a_file_does_not(folder: Path) -> None:
    (folder / REPORT_FILE).unlink()
    with pytest.raises(ModelFileError, match="in the report beside it, received no report"):
        load(folder)
    assert load(folder / LITERT_FILE).network.sha256 == SHA256
    with pytest.raises(ModelFileError, match="Expected a model at"):
        load(folder / "nothing.tflite")


@pytest.mark.parametrize("report", [{"name": "x"}, {"files": []}, {"files": {LITERT_FILE: None}}])
def test_a_report_without_the_sha256_is_refused(folder: Path, report: dict[str, Any]) -> None:
    (folder / REPORT_FILE).write_text(json.dumps(report))
    with pytest.raises(ModelFileError, match="received no such entry"):
        load(folder)
