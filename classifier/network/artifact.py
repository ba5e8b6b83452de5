"""Where a trained network lies on disk, and how it is taken up for answering."""

from __future__ import annotations

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


def load_network(path: Path) -> Network:
    """Returns the network in the LiteRT file at `path`.

    Raises:
        ModelFileError: no such file, or not a LiteRT network that reads digits.
    """
    return Network(read_model_file(path), path.stem)


def read_model_file(path: Path) -> bytes:
    """Returns the bytes at `path`; raises a ModelFileError that says what to do where it cannot."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"Expected a model at {path}, received: {error.strerror}. "
            "`python train.py` makes one, in models/."
        ) from error


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
