"""Synthesised numbers -> what comes of parting them: digits cut out, and scraps.

A digit cut off the one it touched has lost a little, or kept something of its neighbour; a scrap is
what a wrong cut leaves, or two digits in one. The network that reads numbers has to choose among
them, so it learns from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.ink.segment import find_lines
from classifier.ink.text_line import Line, Run
from classifier.learning.handwriting import Stroke, Writer, draw, random_writer, write_digit

DIGITS = (2, 4)  # in a number
TOUCHING = 0.75  # of neighbours; the others stand apart
OVERLAP = 0.3  # of the pen's width, at most, that touching digits share
GAPS = (0.0, 8.0)  # between the boxes of the others, in units of the sheet of 100 by 100
WANDER = 4.0  # deviation of the baseline, in the same units
HEIGHTS = (50.0, 110.0)  # pixels, of the sheet
THICKEST = 0.2  # of that height: the pen
# How much of the ink of a digit and of a piece is the same, over all the ink of both:
SAME = 0.8  # at least, for the piece to be that digit
OTHER = 0.6  # less, for it to be a scrap
LOWEST = 0.6  # of the digits' height: what is lower, the reader of numbers knows for a scrap
SCRAPS = 3  # of each number, at most


@dataclass(frozen=True)
class Pieces:
    """What was cut out of numbers."""

    digits: NDArray[np.float32]  # (count, 28, 28, 1), ink in [0, 1]
    labels: NDArray[np.int64]  # (count,), 0 to 9
    scraps: NDArray[np.float32]  # (another count, 28, 28, 1)


def synthesise_pieces(
    numbers: int, seed: int, progress: Callable[[int], object] | None = None
) -> Pieces:
    """Returns what comes of parting `numbers` numbers, whose digits mostly touch.

    Args:
        numbers: how many.
        seed: the same one gives the same pieces.
        progress: called with 1 after each number.
    """
    random = np.random.default_rng((seed, 2))
    digits, labels, scraps = [], [], []
    for _ in range(numbers):
        written, inks = _number(random)
        wrong = []
        for line in find_lines(np.maximum.reduce(inks)):
            cut = line.cut(range(len(line)))
            runs = cut.runs()
            shares = _compare(cut, runs, inks)
            for k, share in enumerate(shares.T):
                if share.max() >= SAME:
                    digits.append(cut.candidate(*runs[share.argmax()]).image)
                    labels.append(written[k])
            wrong += [
                (cut, run)
                for run, share in zip(runs, shares, strict=True)
                if share.max() < OTHER and cut.size(*run)[1] >= LOWEST
            ]
        for k in random.permutation(len(wrong))[:SCRAPS]:
            cut, run = wrong[k]
            scraps.append(cut.candidate(*run).image)
        if progress:
            progress(1)
    shape = (-1, 28, 28, 1)
    return Pieces(
        np.array(digits, np.float32).reshape(shape),
        np.array(labels, np.int64),
        np.array(scraps, np.float32).reshape(shape),
    )


def _number(random: np.random.Generator) -> tuple[list[int], list[NDArray[np.float32]]]:
    """A number, and the ink of each of its digits on the picture of them all."""
    writer = random_writer(random)
    written = random.integers(0, 10, random.integers(DIGITS[0], DIGITS[1] + 1)).tolist()
    placed: list[list[Stroke]] = []
    pen = 100 * min(writer.pen, THICKEST)
    for digit in written:
        strokes = _moved(write_digit(digit, writer, random), 0.0, random.normal(0, WANDER))
        offset = 0.0
        if placed and random.random() < TOUCHING:
            offset = touching(placed[-1], strokes, pen) - random.uniform(0, OVERLAP) * pen
        elif placed:
            offset = edge(placed[-1], max) - edge(strokes, min) + pen + random.uniform(*GAPS)
        placed.append(_moved(strokes, offset, 0.0))
    return written, _inks(placed, writer, random)


def touching(before: list[Stroke], strokes: list[Stroke], pen: float) -> float:
    """How far right `strokes` must go for their ink to just touch that of `before`.

    Args:
        pen: its width, in the units of the strokes.
    """
    one, other = _dense(before, pen / 4), _dense(strokes, pen / 4)
    apart = np.abs(one[:, None, 1] - other[None, :, 1])
    reach = np.sqrt(np.maximum(pen**2 - apart**2, 0))
    offsets = np.where(apart < pen, one[:, None, 0] - other[None, :, 0] + reach, -np.inf)
    found = float(offsets.max())
    return found if np.isfinite(found) else edge(before, max) - edge(strokes, min)


def _moved(strokes: list[Stroke], right: float, down: float) -> list[Stroke]:
    return [stroke + np.array((right, down)) for stroke in strokes]


def edge(strokes: list[Stroke], outermost: Callable[[NDArray[np.float64]], float]) -> float:
    """How far left strokes reach, if `outermost` is min, or right, if it is max."""
    return outermost(np.concatenate(strokes)[:, 0])


def _dense(strokes: list[Stroke], spacing: float) -> NDArray[np.float64]:
    """Points along strokes, about `spacing` apart or closer."""
    points = [strokes[0][:1]]
    for stroke in strokes:
        for a, b in pairwise(stroke):
            steps = max(int(np.hypot(*(b - a)) / spacing), 1)
            points.append(a + (b - a) * (np.arange(1, steps + 1) / steps)[:, None])
    return np.concatenate(points)


def _inks(
    placed: list[list[Stroke]], writer: Writer, random: np.random.Generator
) -> list[NDArray[np.float32]]:
    height = random.uniform(*HEIGHTS)
    scale, pen = height / 100, max(min(writer.pen, THICKEST) * height, 1.0)
    every = np.concatenate([stroke for strokes in placed for stroke in strokes])
    corner, margin = every.min(axis=0), pen / 2 + 2
    width, tall = np.ceil((every.max(axis=0) - corner) * scale + 2 * margin).astype(int)

    def ink_of(strokes: list[Stroke]) -> NDArray[np.float32]:
        on_picture = [(stroke - corner) * scale + margin for stroke in strokes]
        picture = draw(on_picture, (int(width), int(tall)), pen)
        return np.asarray(picture, np.float32) / np.float32(255)

    return [ink_of(strokes) for strokes in placed]


def _compare(line: Line, runs: list[Run], inks: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    """How much of its ink each run of pieces shares with each digit: (runs, digits)."""
    piece = line.labels.ravel() + 1  # the first stands for no piece

    def of_pieces(ink: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.bincount(piece, ink.ravel(), minlength=len(line) + 1)[1:].astype(np.float64)

    whole = of_pieces(line.ink)
    shares = np.empty((len(runs), len(inks)))
    for k, ink in enumerate(inks):
        common, of_digit = of_pieces(np.minimum(line.ink, ink)), float(ink.sum())
        for row, (first, end) in enumerate(runs):
            both = common[first:end].sum()
            shares[row, k] = both / (whole[first:end].sum() + of_digit - both)
    return shares
