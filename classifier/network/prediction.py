"""What `predict` returns."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from classifier.ink.png import encode_png

Verdict = Literal["digit", "number", "unsure", "blank"]


@dataclass(frozen=True)
class Reading:
    """One 28x28 image and the network's answer to it."""

    digit: int  # the most likely one, 0 to 9
    probabilities: tuple[float, ...]  # of the digits 0 to 9; they add up to 1
    # (28, 28), ink in [0, 1]: the network's input. Arrays have no single truth value to compare by.
    image: NDArray[np.float32] = field(compare=False)

    @property
    def confidence(self) -> float:
        """The probability of `digit`, in [0, 1]."""
        return self.probabilities[self.digit]

    def png(self) -> bytes:
        """Return `image` as a PNG file, white ink on black."""
        return encode_png(self.image)

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types, `image` as a data URL."""
        return {
            "digit": self.digit,
            "probabilities": self.probabilities,
            "image": f"data:image/png;base64,{base64.b64encode(self.png()).decode()}",
        }


@dataclass(frozen=True)
class DigitReading(Reading):
    """One digit of a picture and the network's answer to it."""

    # Left, top, right and bottom of its ink, in pixels of the upright picture: the EXIF orientation
    # is applied.
    box: tuple[int, int, int, int]

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types, `image` as a data URL."""
        return {
            "digit": self.digit,
            "confidence": self.confidence,
            "probabilities": self.probabilities,
            "box": self.box,
            **super().as_dict(),
        }


@dataclass(frozen=True)
class Prediction:
    """The answer to one picture.

    `verdict` is one of:

    - "digit";
    - "number": several digits; `text` has one line for each line of them;
    - "unsure": the ink is a non-digit, or the network's best guess is too weak;
    - "blank": there is no ink.

    The first two have a `text`. The others have a `reason` instead, a sentence for the user.
    """

    verdict: Verdict
    text: str | None
    reason: str | None
    digits: tuple[DigitReading, ...]  # in reading order; may be empty for "unsure" and "blank"

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types."""
        return {**vars(self), "digits": [reading.as_dict() for reading in self.digits]}


def as_tensor(
    array: NDArray[np.float32], dtype: Literal["float16", "float32"] = "float16"
) -> dict[str, Any]:
    """Return an array in JSON types: its little-endian bytes in C order, as base64."""
    content = np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<")).tobytes()
    data = base64.b64encode(content).decode()
    return {"dtype": dtype, "shape": list(array.shape), "data": data}
