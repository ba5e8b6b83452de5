"""One digit's way through the network: its preparation and the output of each layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.ink.normalise import DIGIT_SIDE, centre_of_mass, place_field
from classifier.network.layers import Layer
from classifier.network.prediction import DigitReading, as_tensor
from classifier.network.reading import LocatedDigit

MAX_INK_SIDE = 100  # pixels: the longer side of a digit's ink in JSON


@dataclass(frozen=True)
class Preparation:
    """How a digit's ink became the network's input. All images are float32 in [0, 1].

    `fitted` only illustrates: the digit is scaled and placed in a single resampling.
    """

    ink: NDArray[np.float32] = field(compare=False)  # (height, width): cut to its bounding box
    fitted: NDArray[np.float32] = field(compare=False)  # scaled to fit 20x20, keeping its aspect
    image: NDArray[np.float32] = field(compare=False)  # (28, 28): the network's input
    centre_of_mass: tuple[float, float]  # x, y in pixels of `fitted`
    offset: tuple[float, float]  # x, y in pixels of `image`: the top left corner of `fitted`

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types, `ink` at most 100 pixels a side."""
        factor = -(-max(self.ink.shape) // MAX_INK_SIDE)
        return {
            "ink": as_tensor(np.asarray(Image.fromarray(self.ink).reduce(factor))),
            "fitted": as_tensor(self.fitted),
            "centre_of_mass": self.centre_of_mass,
            "offset": self.offset,
            "image": as_tensor(self.image),
        }


@dataclass(frozen=True)
class FeatureMaps:
    """One digit's way through the network.

    The network may average its answers to the image and to four copies shifted by one pixel
    (test-time augmentation). `layers` show the image itself and end in its own ten probabilities.
    """

    reading: DigitReading  # from predict()
    preparation: Preparation
    layers: tuple[Layer, ...]  # from the image to the answer
    is_digit: float | None  # probability from the rejection network; None without one

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types."""
        return {
            "digit": self.reading.digit,
            "probabilities": self.reading.probabilities,
            "is_digit": self.is_digit,
            "box": self.reading.box,
            "preparation": self.preparation.as_dict(),
            "layers": [layer.as_dict() for layer in self.layers],
        }


def prepare(digit: LocatedDigit) -> Preparation:
    """Return how the ink of `digit` became the network's input."""
    ink = digit.ink
    pixel = max(ink.shape) / DIGIT_SIDE
    rows, columns = (max(round(side / pixel), 1) for side in ink.shape)
    fitted = np.asarray(Image.fromarray(ink).resize((columns, rows), Image.Resampling.BILINEAR))
    field = place_field(ink, pixel)
    x, y = (centre_of_mass(ink.sum(axis=axis)) / pixel for axis in (0, 1))
    return Preparation(
        ink=ink,
        fitted=np.clip(fitted / fitted.max(), 0.0, 1.0),
        image=digit.reading.image,
        centre_of_mass=(x, y),
        offset=(-field.left / pixel, -field.top / pixel),
    )
