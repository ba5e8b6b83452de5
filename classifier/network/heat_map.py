"""A digit -> which of its ink speaks for which of the ten digits."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from classifier.ink.decode import Pixels
from classifier.ink.normalise import SIDE
from classifier.network.explanation import HeatMap
from classifier.network.reading import find_digit
from classifier.network.runtime import Network, Pause

# Pixels of the 28x28 image: the side of the square that is erased, and how far it moves on. Of
# squares of 3 to 7 pixels and of soft ones, this finds best what the answer hangs on: chosen by
# erasing the hottest 15 % of the ink of synthesised digits.
PATCH = 4
STRIDE = 2
LEAST_INK = 1.0  # full pixels: less than this in a patch says next to nothing
LEAST_SHARE = 1e-6  # a probability below this counts as this: logarithms of nothing are infinite


def heat_map(picture: Pixels, network: Network, digit: int, pause: Pause) -> HeatMap:
    """Returns which ink of the digit of this number in `picture` speaks for which digit."""
    reading = find_digit(picture, network, digit).reading
    return HeatMap(reading, heat(reading.image, network, pause))


def heat(image: NDArray[np.float32], network: Network, pause: Pause) -> NDArray[np.float32]:
    """Returns how far the odds of each digit fall where the ink around a pixel is erased.

    By occlusion (Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014,
    section 4.2): a patch of paper is laid over every place where there is ink, and the network
    asked what it reads then. The heat of a pixel is the mean over the patches that covered it.

    Args:
        image: (28, 28) float32, ink in [0, 1].

    Returns:
        (10, 28, 28) float32, in nats; 0 where there is no ink.
    """
    patches = _patches(image)
    probabilities = network.probabilities(image[None])[0]
    answer = int(probabilities.argmax())
    odds = _log_odds(probabilities, answer)
    falls = np.empty((len(patches), 10))
    for fall, patch in zip(falls, patches, strict=True):
        pause()
        erased = network.probabilities((image * (1 - patch))[None])[0]
        fall[:] = odds - _log_odds(erased, answer)
    summed = np.einsum("nd,nyx->dyx", falls, patches)  # without BLAS, which would start threads
    covered = np.maximum(patches.sum(axis=0), 1)
    return np.where(image > 0, summed / covered, 0).astype(np.float32)


def _patches(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """(patches, 28, 28): 1 in the patch, 0 elsewhere; those that cover ink."""
    windows = (
        (slice(max(top, 0), top + PATCH), slice(max(left, 0), left + PATCH))
        for top in range(STRIDE - PATCH, SIDE, STRIDE)
        for left in range(STRIDE - PATCH, SIDE, STRIDE)
    )
    inked = [window for window in windows if image[window].sum() >= LEAST_INK]
    patches = np.zeros((len(inked), SIDE, SIDE), np.float32)
    for patch, window in zip(patches, inked, strict=True):
        patch[window] = 1
    return patches


def _log_odds(probabilities: NDArray[np.float32], answer: int) -> NDArray[np.float64]:
    """(10,): the logarithm of the odds of each digit, for the answer against all others.

    For each of the others, against the geometric mean of these nine: without a stroke a drawing may
    be no digit, or a third one, and what is unlikely rises or falls alike. Odds against all that is
    left would tell no more than that, and nine times over.
    """
    shares = np.maximum(probabilities.astype(np.float64), LEAST_SHARE)
    odds: NDArray[np.float64] = np.log(shares)
    odds -= odds[np.arange(10) != answer].mean()
    odds[answer] = math.log(shares[answer] / (shares.sum() - shares[answer]))
    return odds
