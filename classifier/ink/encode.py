"""Ink -> a picture file."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def encode_png(ink: NDArray[np.float32]) -> bytes:
    """Returns ink, (height, width) float32 in [0, 1], as an 8-bit grey PNG, ink white on black."""
    file = io.BytesIO()
    Image.fromarray(np.rint(ink * 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
