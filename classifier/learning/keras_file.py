"""A network and the one that tells it what is no digit <-> one Keras file."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import keras

from classifier.errors import ModelFileError

# A Keras file is a ZIP archive. Keras reads its own parts of it, and finds the network as it was
# asked for; the second network lies beside them, a Keras file of its own.
REJECTION_FILE = "rejection.keras"


def write(path: Path, network: keras.Model, rejection: keras.Model | None) -> None:
    """Writes both to `path`."""
    network.save(path)
    if rejection is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / REJECTION_FILE
        rejection.save(part)
        with zipfile.ZipFile(path, "a") as archive:
            archive.write(part, REJECTION_FILE)


def read(path: Path) -> tuple[keras.Model, keras.Model | None]:
    """Returns both from `path`; the second is None where there is none.

    A Keras file may hold Python code. Safe mode, in which alone it is read, refuses such a file.

    Raises:
        ModelFileError: not a Keras file, or one with code.
    """
    try:
        network = keras.saving.load_model(path, safe_mode=True)
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
            if REJECTION_FILE not in archive.namelist():
                return network, None
            part = archive.extract(REJECTION_FILE, folder)
            return network, keras.saving.load_model(part, safe_mode=True)
    # What a foreign file makes Keras raise depends on how far into it Keras comes.
    except Exception as error:
        raise ModelFileError(
            f"Expected a Keras model at {path}, received another kind of file: {error}"
        ) from error
