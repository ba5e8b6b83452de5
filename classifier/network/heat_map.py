"""A digit -> which of its ink speaks for which of the ten digits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.ink.normalise import SIDE
from classifier.network.explanation import HeatMap
from classifier.network.reading import find_digit
from classifier.network.runtime import Network

# Pixels of the 28x28 image: the side of the square that is erased, and how far it moves on.
PATCH = 4
STRIDE = 2
LEAST = 1e-6  # a probability below this counts as this: logarithms of nothing are infinite


def heat_map(picture: Image.Image, network: Network, digit: int) -> HeatMap:
    """Returns which ink of the digit of this number in `picture` speaks for which digit."""
    reading = find_digit(picture, network, digit).reading
    return HeatMap(reading, heat(reading.image, network))


def heat(image: NDArray[np.float32], network: Network) -> NDArray[np.float32]:
    """Returns by how much the log-odds of each digit fall where the ink around a pixel is erased.

    By occlusion (Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014,
    section 4.2): a patch of paper is laid over every place where there is ink, and the network
    asked what it reads then. The heat of a pixel is the mean over the patches that covered it.

    Args:
        image: (28, 28) float32, ink in [0, 1].

    Returns:
        (10, 28, 28) float32, in nats; 0 where there is no ink.
    """
    patches = _patches(image)
    answers = network.probabilities(np.concatenate((image[None], image * (1 - patches))))
    odds = _log_odds(answers)
    falls = odds[0] - odds[1:]  # (patches, 10)
    # Without BLAS, which would start threads.
    summed = np.einsum("nd,nyx->dyx", falls, patches)
    covered = np.maximum(patches.sum(axis=0), 1)
    return np.where(image > 0, summed / covered, 0).astype(np.float32)


def _patches(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """(patches, 28, 28): 1 in the patch, 0 elsewhere; those that cover any ink."""
    starts = range(1 - PATCH, SIDE, STRIDE)
    patches = np.zeros((len(starts), len(starts), SIDE, SIDE), np.float32)
    for row, top in enumerate(starts):
        for column, left in enumerate(starts):
            window = slice(max(top, 0), top + PATCH), slice(max(left, 0), left + PATCH)
            patches[row, column][window] = 1
    return patches[(patches * image).any(axis=(2, 3))]


def _log_odds(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    shares = np.clip(probabilities.astype(np.float64), LEAST, 1 - LEAST)
    return np.log(shares / (1 - shares))
