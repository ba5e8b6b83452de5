"""Where a trained network lies on disk, and how it is taken up for answering."""

from __future__ import annotations

from pathlib import Path

from classifier.errors import ModelFileError
from classifier.network.runtime import Network

MODELS_FOLDER = Path(__file__).resolve().parents[2] / "models"
NAME = "mnist-cnn"
KERAS_FILE = f"{NAME}.keras"  # to train on with
LITERT_FILE = f"{NAME}.tflite"  # to answer with
REPORT_FILE = "report.json"  # what it was made from, and how well it reads


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
