"""Where a trained network lies on disk, and how it is taken up for answering."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from classifier.errors import ModelFileError
from classifier.network.runtime import Network

MODELS_FOLDER = Path(__file__).resolve().parents[2] / "models"
NAME = "mnist-cnn"
KERAS_FILE = f"{NAME}.keras"  # to train on with
LITERT_FILE = f"{NAME}.tflite"  # to answer with
REPORT_FILE = "report.json"  # what it was made from, and how well it reads
SNAPSHOTS_FOLDER = "snapshots"  # the network on its way, in small LiteRT files
PLOTS_FOLDER = "plots"  # the report in pictures

REMEDY = (
    "`git checkout models` brings back the model that came along, `python train.py` makes another."
)


def load_network(path: Path, sha256: str | None = None) -> Network:
    """Returns the network in the LiteRT file at `path`.

    Raises:
        ModelFileError: no such file, not one with that SHA-256 where one is given, or not a LiteRT
            network that reads digits.
    """
    return Network(read_model_file(path, sha256), path.stem)


def load_artifact(folder: Path, sha256: str | None = None) -> tuple[Network, dict[str, Any]]:
    """Returns the network in `folder`, and the report on it.

    Raises:
        ModelFileError: as for load_network(); or no report, or one on another network.
    """
    path = folder / LITERT_FILE
    content = read_model_file(path, sha256)
    report = read_report(folder) or {}
    try:
        reported = report["files"][LITERT_FILE]["sha256"]
    except (KeyError, TypeError) as error:
        raise ModelFileError(
            f"Expected the SHA-256 of {path} in the report beside it, received "
            f"{'no such entry' if report else 'no report'}. {REMEDY}"
        ) from error
    _check_sha256(content, reported, path)
    return Network(content, path.stem), report


def read_model_file(path: Path, sha256: str | None = None) -> bytes:
    """Returns the bytes at `path`.

    Raises:
        ModelFileError: they cannot be read, or have another SHA-256 where one is given; it says
            what to do.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"Expected a model at {path}, received: {error.strerror}. "
            "`python train.py` makes one, in models/."
        ) from error
    if sha256 is not None:
        _check_sha256(content, sha256, path)
    return content


def read_report(folder: Path) -> dict[str, Any] | None:
    """Returns the report on the artifact in `folder`, or None where there is none.

    Raises:
        ModelFileError: what is there is no report.
    """
    try:
        report = json.loads((folder / REPORT_FILE).read_text())
    except OSError:
        return None
    except ValueError as error:
        raise ModelFileError(
            f"Expected a report in {folder / REPORT_FILE}, received what is no JSON: {error}."
        ) from error
    if not isinstance(report, dict):
        raise ModelFileError(
            f"Expected a report in {folder / REPORT_FILE}, received a {type(report).__name__}."
        )
    return report


def _check_sha256(content: bytes, expected: str, path: Path) -> None:
    """Raises a ModelFileError unless `content` is what it should be; before anything parses it."""
    received = hashlib.sha256(content).hexdigest()
    if received != expected:
        raise ModelFileError(
            f"Expected {path} to have the SHA-256 {expected}, received {received}. {REMEDY}"
        )
