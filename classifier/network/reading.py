"""A picture -> a prediction: find the ink, prepare it, ask the network, weigh what it says."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.ink.find import find_ink
from classifier.ink.normalise import DIGIT_SIDE, Box, NormalisedInk, normalise
from classifier.network.prediction import DigitReading, Prediction
from classifier.network.runtime import Network

# Pixels a side: a digit ends up 20 pixels tall, so what is larger than this costs time for nothing.
MAX_SIDE = 1000
# A disc fills pi / 4 of the square around it.
SPOT_ASPECT = 0.8
SPOT_FILLED = 0.72
# Confidences being calibrated, an answer just above this would be right three times in five. Chosen
# on the development strokes: under 1 % of digits fall below it, nearly all that is no digit does.
MIN_CONFIDENCE = 0.6
# Two candidates that share this much of the probability are the reason for the doubt; where more is
# spread over the others, the network has seen no digit it knows.
TWO_CANDIDATES = 0.8


def read(picture: Image.Image, network: Network) -> Prediction:
    """Returns what `network` reads in `picture`, a PIL image as `decode` returns it."""
    ink, factor = ink_of(picture)
    normalised = normalise(ink)
    if normalised is None:
        return Prediction("blank", None, "There is nothing drawn here yet.", ())
    if is_spot(normalised):
        return Prediction("unsure", None, "So far this is a spot rather than a digit.", ())
    probabilities = network.probabilities(normalised.image[None])[0]
    reading = DigitReading(
        digit=int(probabilities.argmax()),
        probabilities=tuple(map(float, probabilities)),
        box=_enlarged(normalised.box, factor, picture.size),
        image=normalised.image,
    )
    if reading.confidence < MIN_CONFIDENCE:
        return Prediction("unsure", None, _doubt(reading), (reading,))
    return Prediction("digit", str(reading.digit), None, (reading,))


def ink_of(picture: Image.Image) -> tuple[NDArray[np.float32], int]:
    """Returns the ink in `picture`, and how many times smaller a side of it is than the picture."""
    factor = math.ceil(max(picture.size) / MAX_SIDE)
    return find_ink(picture.reduce(factor) if factor > 1 else picture), factor


def is_spot(normalised: NormalisedInk) -> bool:
    """Tells a round or square blot, such as the pen leaves when it is set down, from strokes.

    The network never met one, and calls it a 0 with all confidence. Fewer than one in a thousand of
    MNIST's digits are as compact; tests/test_real_data.py counts.
    """
    left, top, right, bottom = normalised.box
    shorter, longer = sorted((right - left, bottom - top))
    aspect = shorter / longer
    filled = float(normalised.image.sum()) / (DIGIT_SIDE**2 * aspect)
    return aspect > SPOT_ASPECT and filled > SPOT_FILLED


def _enlarged(box: Box, factor: int, size: tuple[int, int]) -> Box:
    left, top, right, bottom = (edge * factor for edge in box)
    return left, top, min(right, size[0]), min(bottom, size[1])


def _doubt(reading: DigitReading) -> str:
    ranking = sorted(range(10), key=lambda digit: -reading.probabilities[digit])
    first, second = ranking[:2]
    either = reading.probabilities[first] + reading.probabilities[second]
    if either >= TWO_CANDIDATES:
        return (
            f"It could be a {first} or a {second}: "
            f"{_share(reading, first)} against {_share(reading, second)}."
        )
    return (
        f"This does not look like a digit: even the likeliest, {first}, has only "
        f"{_share(reading, first)}."
    )


def _share(reading: DigitReading, digit: int) -> str:
    # Rounded down, lest 59.9 % be turned away as 60 %; float32 holds 45 % as a little less.
    return f"{math.floor(100 * reading.probabilities[digit] + 1e-3)}%"
