"""Occlusion: which ink of a digit speaks for which of the ten digits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ink.normalise import SIDE
from classifier.network.prediction import DigitReading, as_tensor
from classifier.network.runtime import Network

# In pixels of the 28x28 image: the side of the square that is erased, and the step to the next one.
# Among squares of 3 to 7 pixels and soft-edged ones, this finds best what the answer depends on. It
# was chosen by erasing the hottest 15 % of the ink of synthesised digits.
PATCH = 4
STRIDE = 2
MIN_INK = 1.0  # in fully inked pixels: erasing less changes next to nothing
MIN_PROBABILITY = 1e-6  # keeps the logarithms finite


@dataclass(frozen=True)
class HeatMap:
    """Which ink speaks for which digit, and which against.

    `heat` is how far each digit's log odds fall, in nats, when the ink around a pixel of
    `reading.image` is erased. Above 0, the ink speaks for the digit; below 0, against it; without
    ink, it is 0. The odds of the answer are against all other digits together; the odds of each
    other digit are against the geometric mean of those nine.
    """

    reading: DigitReading  # from predict()
    heat: NDArray[np.float32] = field(compare=False)  # (10, 28, 28) float32

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types."""
        return {
            "digit": self.reading.digit,
            "probabilities": self.reading.probabilities,
            "heat": as_tensor(self.heat),
        }


def heat(image: NDArray[np.float32], network: Network) -> NDArray[np.float32]:
    """Return how far each digit's log odds fall when the ink around a pixel is erased.

    A blank patch covers one inked place after another, and the network reads the rest. The heat of
    a pixel is the mean over the patches that covered it (Zeiler and Fergus, "Visualizing and
    understanding convolutional networks", 2014, section 4.2).

    Args:
        image: (28, 28) float32, ink in [0, 1].

    Returns:
        (10, 28, 28) float32, in nats; 0 without ink.
    """
    patches = _patches(image)
    probabilities, *erased = network.probabilities([image, *(image * (1 - patches))])
    answer = int(probabilities.argmax())
    odds = _log_odds(probabilities, answer)
    falls = np.array([odds - _log_odds(each, answer) for each in erased]).reshape(-1, 10)
    total = np.einsum("nd,nyx->dyx", falls, patches)  # without BLAS, which would start threads
    covered = np.maximum(patches.sum(axis=0), 1)
    return np.where(image > 0, total / covered, 0).astype(np.float32)


def _patches(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (patches, 28, 28): 1 inside each patch that covers ink, 0 outside."""
    offsets = np.arange(SIDE) - np.arange(STRIDE - PATCH, SIDE, STRIDE)[:, None]
    spans = (offsets >= 0) & (offsets < PATCH)  # (places along one axis, 28)
    patches = (spans[:, None, :, None] & spans[:, None]).reshape(-1, SIDE, SIDE).astype(np.float32)
    is_inked: NDArray[np.bool_] = (image * patches).sum(axis=(1, 2)) >= MIN_INK
    return patches[is_inked]


def _log_odds(probabilities: NDArray[np.float32], answer: int) -> NDArray[np.float64]:
    """Return (10,) log odds: the answer's against all others, each other's against their mean.

    That mean is the geometric mean of the nine. Odds against everything else would move all nine
    together whenever the answer gains or loses, and say nothing about each of them.
    """
    clipped = np.maximum(probabilities.astype(np.float64), MIN_PROBABILITY)
    odds: NDArray[np.float64] = np.log(clipped)
    odds -= odds[np.arange(10) != answer].mean()
    odds[answer] = math.log(clipped[answer] / (clipped.sum() - clipped[answer]))
    return odds
