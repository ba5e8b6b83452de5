"""A picture -> a prediction: find the ink, segment it, read the digits, weigh the answer."""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.errors import DigitError
from classifier.ink.decode import Pixels, reduced, size_of
from classifier.ink.find import find_ink
from classifier.ink.marks import Sign
from classifier.ink.normalise import DIGIT_SIDE, bounding_box
from classifier.ink.segment import Segments, segment
from classifier.ink.text_line import Line, Run
from classifier.network.number import read_line
from classifier.network.prediction import DigitReading, Prediction
from classifier.network.runtime import Network
from classifier.parameters import check_whole

# In pixels. The network reads digits 20 pixels tall: larger ones only take time.
MAX_SIDE = 1000
MAX_HEIGHT = 300  # of a digit
MAX_DIGITS = 20
# A disc fills pi / 4 of its bounding box.
SPOT_ASPECT = 0.8
SPOT_FILLED = 0.72
# As confidences are calibrated, three in five of the answers just above this threshold are right.
# Chosen on the development strokes: it rejects under 1 % of the digits and nearly all non-digits.
MIN_CONFIDENCE = 0.6
# If the two likeliest digits share this much probability, the reason for "unsure" names both. With
# more on the others, the ink does not look like any digit.
TWO_CANDIDATES = 0.8

Chains = list[tuple[Line, dict[Run, DigitReading]]]  # of each line, its digits


class LocatedDigit(NamedTuple):
    """One digit of a picture: how it was read, and its ink alone."""

    reading: DigitReading
    ink: NDArray[np.float32]  # (height, width) in [0, 1], cut to its bounding box
    corner: tuple[int, int]  # left, top of `ink` in the reduced picture
    factor: int  # how many times the picture was reduced
    picture_size: tuple[int, int]  # width, height before that

    def ink_in_picture(self) -> NDArray[np.float32]:
        """Return `ink` at its place in the reduced picture."""
        width, height = (math.ceil(side / self.factor) for side in self.picture_size)
        left, top = self.corner
        rows, columns = self.ink.shape
        return np.pad(self.ink, ((top, height - top - rows), (left, width - left - columns)))


def read(picture: Pixels, network: Network) -> Prediction:
    """Return what `network` reads in `picture`, as `decode` returns it."""
    return _read(picture, network)[0]


def locate_digit(picture: Pixels, network: Network, number: int) -> tuple[Prediction, LocatedDigit]:
    """Return what `read` returns, and digit `number`, counted from 0, with its ink.

    Raises:
        ParameterError: `number` is not a whole number of at least 0.
        DigitError: there is no such digit.
    """
    check_whole("digit", number, 0)
    prediction, chains, factor = _read(picture, network)
    if not prediction.digits:
        raise DigitError(
            f"Expected a picture with a digit, received one that is {prediction.verdict}: "
            f"{prediction.reason}"
        )
    if number >= len(prediction.digits):
        raise DigitError(f"Expected digit to be below {len(prediction.digits)}, received {number}.")
    line, run = [(line, run) for line, readings in chains for run in readings][number]
    ink, corner = line.ink_of(*run)
    left, top, right, bottom = bounding_box(ink)
    return prediction, LocatedDigit(
        reading=prediction.digits[number],
        ink=ink[top:bottom, left:right],
        corner=(corner[0] + left, corner[1] + top),
        factor=factor,
        picture_size=size_of(picture),
    )


def _read(picture: Pixels, network: Network) -> tuple[Prediction, Chains, int]:
    segments, factor = _segments_in(picture)
    if segments.obstacle is not None:
        return Prediction("unsure", None, segments.obstacle, ()), [], factor
    chains = [read_line(line, network, MIN_CONFIDENCE) for line in segments.lines]
    return _weigh(chains, segments.signs, factor, size_of(picture)), chains, factor


def _segments_in(picture: Pixels) -> tuple[Segments, int]:
    """Return what is in `picture`, and how many times it was reduced for that."""
    factor = math.ceil(max(size_of(picture)) / MAX_SIDE)
    ink = find_ink(reduced(picture, factor))
    segments = segment(ink)
    further = math.ceil(max((line.height for line in segments.lines), default=0) / MAX_HEIGHT)
    if further > 1:
        segments = segment(np.asarray(Image.fromarray(ink).reduce(further)))
    return segments, factor * max(further, 1)


def _weigh(chains: Chains, signs: list[Sign], factor: int, size: tuple[int, int]) -> Prediction:
    """Return the answer to these readings of a picture of this size, reduced by `factor`."""
    found = [list(readings.values()) for _, readings in chains]
    if not found:
        return Prediction("blank", None, "There is no ink here that I can find.", ())
    digits = tuple(reading for line in found for reading in line)
    if len(digits) == 1 and _is_spot(digits[0]):
        return Prediction("unsure", None, "So far this is a spot rather than a digit.", ())
    if len(digits) > MAX_DIGITS:
        reason = f"There are {len(digits)} digits here or more; I read {MAX_DIGITS} at most."
        return Prediction("unsure", None, reason, ())
    if factor > 1:
        digits = tuple(_enlarged(reading, factor, size) for reading in digits)
    doubt = _doubt(digits) or _sign_seen(signs, found)
    if doubt is not None:
        return Prediction("unsure", None, doubt, digits)
    text = "\n".join("".join(str(reading.digit) for reading in line) for line in found)
    return Prediction("digit" if len(digits) == 1 else "number", text, None, digits)


def _is_spot(reading: DigitReading) -> bool:
    """Tell a round or square blot, as a pen leaves when it is set down, from a digit.

    The network was not trained on blots and reads them as a confident 0. Fewer than one in a
    thousand of MNIST's digits are as compact; tests/test_real_data.py counts them.
    """
    left, top, right, bottom = reading.box
    shorter, longer = sorted((right - left, bottom - top))
    aspect = shorter / longer
    filled = float(reading.image.sum()) / (DIGIT_SIDE**2 * aspect)
    return aspect > SPOT_ASPECT and filled > SPOT_FILLED


def _enlarged(reading: DigitReading, factor: int, size: tuple[int, int]) -> DigitReading:
    left, top, right, bottom = (edge * factor for edge in reading.box)
    return dataclasses.replace(reading, box=(left, top, min(right, size[0]), min(bottom, size[1])))


def _doubt(digits: tuple[DigitReading, ...]) -> str | None:
    """Return what to say about the least certain digit; None if all are certain enough."""
    weakest = min(range(len(digits)), key=lambda k: digits[k].confidence)
    reading = digits[weakest]
    if reading.confidence >= MIN_CONFIDENCE:
        return None
    place = f"Digit {weakest + 1} of {len(digits)}" if len(digits) > 1 else None
    first, second = sorted(range(10), key=lambda digit: -reading.probabilities[digit])[:2]
    if reading.probabilities[first] + reading.probabilities[second] >= TWO_CANDIDATES:
        return (
            f"{place or 'It'} could be a {first} or a {second}: "
            f"{_percent(reading, first)} against {_percent(reading, second)}."
        )
    return (
        f"{place or 'This'} does not look like a digit: even the likeliest, {first}, has only "
        f"{_percent(reading, first)}."
    )


def _sign_seen(signs: list[Sign], found: list[list[DigitReading]]) -> str | None:
    """Return what to say about the first sign and the digits beside it; None without a sign."""
    if not signs:
        return None
    sign, *others = sorted(signs, key=lambda sign: sign.box[0])
    line = _line_of(sign, found)
    place, *ends = (s.box[0] + s.box[2] for s in (sign, *others) if _line_of(s, found) is line)
    places = [(digit.box[0] + digit.box[2], str(digit.digit)) for digit in line]
    before = "".join(digit for x, digit in places if x < place)
    behind = "".join(digit for x, digit in places if place <= x < min(ends, default=math.inf))
    where = f"after {before}" if before else f"before {behind}"
    if before and behind:
        where = f"between {before} and {behind}"
    return f"I see {sign.name} {where}. I read whole numbers only."


def _line_of(sign: Sign, found: list[list[DigitReading]]) -> list[DigitReading]:
    """Return the digits of the line whose middle is closest to that of the sign."""
    middle = sign.box[1] + sign.box[3]
    return min(found, key=lambda line: min(abs(d.box[1] + d.box[3] - middle) for d in line))


def _percent(reading: DigitReading, digit: int) -> str:
    # Cap below the threshold, so that a rejected 59.9 % isn't shown as 60 %.
    return f"{min(round(100 * reading.probabilities[digit]), round(100 * MIN_CONFIDENCE) - 1)}%"
