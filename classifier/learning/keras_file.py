"""Save and load a network and its rejection network as one Keras file."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import keras

from classifier.errors import ModelFileError
from classifier.ink.normalise import SIDE

# A Keras file is a ZIP archive. Keras reads only its own entries, and finds the network. The
# rejection network is one more entry, a Keras file itself.
REJECTION_FILE = "rejection.keras"


def write(path: Path, network: keras.Model, rejection: keras.Model | None) -> None:
    """Write both networks to `path`."""
    network.save(path)
    if rejection is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / REJECTION_FILE
        rejection.save(part)
        with zipfile.ZipFile(path, "a") as archive:
            archive.write(part, REJECTION_FILE)


def read(path: Path) -> tuple[keras.Model, keras.Model | None]:
    """Read both networks from `path`; the second is None if the file has none.

    A Keras file may contain Python code. It is read in safe mode, which refuses such a file.

    Raises:
        ModelFileError: not a Keras file, one with code, or not a network that reads digits.
    """
    rejection = None
    try:
        network = keras.saving.load_model(path, safe_mode=True)
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
            if REJECTION_FILE in archive.namelist():
                part = archive.extract(REJECTION_FILE, folder)
                rejection = keras.saving.load_model(part, safe_mode=True)
    # Keras raises many kinds of errors, depending on how much of a foreign file it can read.
    except Exception as error:
        raise ModelFileError(
            f"Expected a Keras model at {path}, received another kind of file: {error}"
        ) from error
    shapes = (network.input_shape, network.output_shape)
    if shapes != ((None, SIDE, SIDE, 1), (None, 10)):
        raise ModelFileError(
            f"Expected a network from (n, {SIDE}, {SIDE}, 1) to (n, 10), received {path}, which "
            f"goes from {shapes[0]} to {shapes[1]}."
        )
    return network, rejection
