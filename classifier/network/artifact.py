"""The files of a trained network, and how they are loaded for prediction."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from classifier.errors import ModelFileError
from classifier.network.runtime import Network

PACKAGE = Path(__file__).resolve().parents[1]
# A wheel has the model inside the package, a checkout beside it.
MODELS_FOLDER = PACKAGE / "models"
if not MODELS_FOLDER.is_dir():
    MODELS_FOLDER = PACKAGE.parent / "models"
NAME = "mnist-cnn"
KERAS_FILE = f"{NAME}.keras"  # to train further
LITERT_FILE = f"{NAME}.tflite"  # to predict
REPORT_FILE = "report.json"  # how the network was trained and how well it reads
SNAPSHOTS_FOLDER = "snapshots"  # earlier steps of the training, as small LiteRT files
PLOTS_FOLDER = "plots"  # figures of the report

REMEDY = "`git checkout models` restores the model of this project, `python train.py` trains one."


def load_network(path: Path, sha256: str | None = None) -> Network:
    """Return the network in the LiteRT file at `path`.

    Raises:
        ModelFileError: there is no such file, it does not have the SHA-256 asked for, or it is not
            a LiteRT network that reads digits.
    """
    return Network(read_model_file(path, sha256), path.stem)


def load_artifact(folder: Path, sha256: str | None = None) -> tuple[Network, dict[str, Any]]:
    """Return the network in `folder`, and the report on it.

    Raises:
        ModelFileError: as for load_network(); or there is no report, or one on another network.
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
    """Return the bytes at `path`.

    Raises:
        ModelFileError: they cannot be read, or do not have the SHA-256 asked for.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"Expected a model at {path}, received: {error.strerror}. {REMEDY}"
        ) from error
    if sha256 is not None:
        _check_sha256(content, sha256, path)
    return content


def read_report(folder: Path) -> dict[str, Any] | None:
    """Return the report in `folder`, or None if there is none.

    Raises:
        ModelFileError: the file is not a report.
    """
    path = folder / REPORT_FILE
    try:
        report = json.loads(path.read_text())
    except OSError:
        return None
    except ValueError as error:
        raise ModelFileError(f"Expected a report in {path}, received no JSON: {error}.") from error
    if not isinstance(report, dict):
        raise ModelFileError(f"Expected a report in {path}, received a {type(report).__name__}.")
    return report


def _check_sha256(content: bytes, expected: str, path: Path) -> None:
    """Raise a ModelFileError unless `content` has this SHA-256; call it before parsing."""
    received = hashlib.sha256(content).hexdigest()
    if received != expected:
        raise ModelFileError(
            f"Expected {path} to have the SHA-256 {expected}, received {received}. {REMEDY}"
        )
