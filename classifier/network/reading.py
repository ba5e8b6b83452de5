"""A picture -> a prediction: find the ink, part it, ask the network, weigh what it says."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.errors import DigitError
from classifier.ink.decode import Pixels, reduced, size_of
from classifier.ink.find import find_ink
from classifier.ink.normalise import DIGIT_SIDE
from classifier.ink.segment import find_lines
from classifier.ink.text_line import Line
from classifier.network.number import read_line
from classifier.network.prediction import DigitReading, Prediction
from classifier.network.runtime import Network
from classifier.network.stopwatch import Stopwatch
from classifier.parameters import check_whole

# Pixels: a digit ends up 20 pixels tall, so what is larger than this costs time for nothing.
MAX_SIDE = 1000
MAX_HEIGHT = 300  # of a digit
MAX_DIGITS = 20
# A disc fills pi / 4 of the square around it.
SPOT_ASPECT = 0.8
SPOT_FILLED = 0.72
# Confidences being calibrated, an answer just above this would be right three times in five. Chosen
# on the development strokes: under 1 % of digits fall below it, nearly all that is no digit does.
MIN_CONFIDENCE = 0.6
# Two candidates that share this much of the probability are the reason for the doubt; where more is
# spread over the others, the network has seen no digit it knows.
TWO_CANDIDATES = 0.8


@dataclass(frozen=True)
class FoundDigit:
    """A digit of a picture: how it was read, and its ink alone."""

    reading: DigitReading
    ink: NDArray[np.float32]  # (height, width) in [0, 1]: little more than its box
    corner: tuple[int, int]  # left, top: where that lies in the picture, made smaller
    factor: int  # how many times smaller


def read(picture: Pixels, network: Network, watch: Stopwatch) -> Prediction:
    """Returns what `network` reads in `picture`, as `decode` returns it.

    `watch` is told each step.
    """
    lines, factor = _lines_in(picture, watch)
    read_lines = [
        list(read_line(line, network, MIN_CONFIDENCE, watch)[1].values()) for line in lines
    ]
    prediction = _weigh(read_lines, factor, size_of(picture))
    watch.lap("weigh_the_answer")
    return prediction


def find_digit(picture: Pixels, network: Network, number: int) -> FoundDigit:
    """Returns one of the digits of `read(picture, network)`, counted from 0.

    Raises:
        ParameterError: `number` is no number of a digit.
        DigitError: there are not so many, or none.
    """
    check_whole("digit", number, 0)
    prediction, digits = find_digits(picture, network)
    if not digits:
        raise DigitError(
            f"Expected a picture with a digit, received one that is {prediction.verdict}: "
            f"{prediction.reason}"
        )
    if number >= len(digits):
        raise DigitError(f"Expected digit to be below {len(digits)}, received {number}.")
    return digits[number]


def find_digits(picture: Pixels, network: Network) -> tuple[Prediction, tuple[FoundDigit, ...]]:
    """Returns what `network` reads in `picture`, and the ink of each of its digits."""
    watch = Stopwatch()
    lines, factor = _lines_in(picture, watch)
    read_lines, inks = [], []
    for line in lines:
        cut, readings = read_line(line, network, MIN_CONFIDENCE, watch)
        read_lines.append(list(readings.values()))
        inks += [cut.ink_of(*run) for run in readings]
    prediction = _weigh(read_lines, factor, size_of(picture))
    return prediction, tuple(
        FoundDigit(reading, ink, corner, factor)
        for reading, (ink, corner) in zip(prediction.digits, inks, strict=False)
    )


def _weigh(read_lines: list[list[DigitReading]], factor: int, size: tuple[int, int]) -> Prediction:
    """What to answer where this was read, in a picture of this size made `factor` times smaller."""
    if not read_lines:
        return Prediction("blank", None, "There is no ink here that I can find.", ())
    if _is_spot(reading for line in read_lines for reading in line):
        return Prediction("unsure", None, "So far this is a spot rather than a digit.", ())
    digits = tuple(
        _enlarged(reading, factor, size) if factor > 1 else reading
        for line in read_lines
        for reading in line
    )
    if len(digits) > MAX_DIGITS:
        reason = f"There are {len(digits)} digits here or more; I read {MAX_DIGITS} at most."
        return Prediction("unsure", None, reason, ())
    doubt = _doubt(digits)
    if doubt is not None:
        return Prediction("unsure", None, doubt, digits)
    text = "\n".join("".join(str(reading.digit) for reading in line) for line in read_lines)
    return Prediction("digit" if len(digits) == 1 else "number", text, None, digits)


def _lines_in(picture: Pixels, watch: Stopwatch) -> tuple[list[Line], int]:
    """Returns the lines of ink in `picture`, and how many times smaller they are than there."""
    factor = math.ceil(max(size_of(picture)) / MAX_SIDE)
    ink = find_ink(reduced(picture, factor))
    watch.lap("find_the_ink")
    lines = find_lines(ink)
    smaller = math.ceil(max((line.height for line in lines), default=0) / MAX_HEIGHT)
    if smaller > 1:
        lines = find_lines(np.asarray(Image.fromarray(ink).reduce(smaller)))
    watch.lap("part_it")
    return lines, factor * max(smaller, 1)


def _is_spot(digits: Iterable[DigitReading]) -> bool:
    """Tells a round or square blot, such as the pen leaves when it is set down, from strokes.

    It is read as one digit: the network never met one, and calls it a 0 with all confidence. Fewer
    than one in a thousand of MNIST's digits are as compact; tests/test_real_data.py counts.
    """
    first, *others = digits
    if others:
        return False
    left, top, right, bottom = first.box
    shorter, longer = sorted((right - left, bottom - top))
    aspect = shorter / longer
    if aspect <= SPOT_ASPECT:
        return False
    return float(first.image.sum()) / (DIGIT_SIDE**2 * aspect) > SPOT_FILLED


def _enlarged(reading: DigitReading, factor: int, size: tuple[int, int]) -> DigitReading:
    left, top, right, bottom = (edge * factor for edge in reading.box)
    return dataclasses.replace(reading, box=(left, top, min(right, size[0]), min(bottom, size[1])))


def _doubt(digits: tuple[DigitReading, ...]) -> str | None:
    """What to say of the least certain digit, if it is too uncertain to be called an answer."""
    weakest = min(range(len(digits)), key=lambda k: digits[k].confidence)
    reading = digits[weakest]
    if reading.confidence >= MIN_CONFIDENCE:
        return None
    place = f"Digit {weakest + 1} of {len(digits)}" if len(digits) > 1 else None
    first, second = sorted(range(10), key=lambda digit: -reading.probabilities[digit])[:2]
    if reading.probabilities[first] + reading.probabilities[second] >= TWO_CANDIDATES:
        return (
            f"{place or 'It'} could be a {first} or a {second}: "
            f"{_share(reading, first)} against {_share(reading, second)}."
        )
    return (
        f"{place or 'This'} does not look like a digit: even the likeliest, {first}, has only "
        f"{_share(reading, first)}."
    )


def _share(reading: DigitReading, digit: int) -> str:
    # Rounded as everywhere, save that 59.9 % are not turned away as 60 %.
    return f"{min(round(100 * reading.probabilities[digit]), round(100 * MIN_CONFIDENCE) - 1)}%"
