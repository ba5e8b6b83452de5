"""Synthesise numbers and cut them into digits and scraps.

A digit that is cut out of a number has lost a little ink, or kept some of its neighbour's. A scrap
is the result of a wrong cut: part of a digit, or parts of two. Reading a number means choosing
among such pieces, so the networks learn from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from classifier.ink.segment import find_lines
from classifier.ink.text_line import Line, Run
from classifier.learning.handwriting import Stroke, Writer, draw, random_writer, write_digit

DIGITS = (2, 4)  # in a number
TOUCHING = 0.75  # share of neighbours; the others stand apart
OVERLAP = 0.3  # of touching digits, at most, as a share of the pen's width
GAPS = (0.0, 8.0)  # between other neighbours, in units of the sheet of 100 by 100
WANDER = 4.0  # deviation of the baseline, in the same units
HEIGHTS = (50.0, 110.0)  # of the sheet, in pixels
THICKEST = 0.2  # pen, as a share of that height
# Intersection over union of the ink of a piece and of a digit:
SAME = 0.8  # from here on, the piece is that digit
OTHER = 0.6  # below this for every digit, it is a scrap
LOWEST = 0.6  # share of the digits' height; reading rejects lower pieces without the network
SCRAPS = 3  # of each number, at most


@dataclass(frozen=True)
class Pieces:
    """The pieces of numbers."""

    digits: NDArray[np.float32]  # (count, 28, 28, 1), ink in [0, 1]
    labels: NDArray[np.int64]  # (count,), 0 to 9
    scraps: NDArray[np.float32]  # (another count, 28, 28, 1)


def synthesise_pieces(numbers: int, seed: int, progress_bar: bool = False) -> Pieces:
    """Cut so many `numbers`, whose digits mostly touch, into pieces; a seed repeats them."""
    random = np.random.default_rng((seed, 2))
    digits, labels, scraps = [], [], []
    bar = tqdm(range(numbers), desc="Cutting up", unit=" numbers", disable=not progress_bar)
    for _ in bar:
        written, inks = _number(random)
        wrong = []
        for line in find_lines(np.maximum.reduce(inks)):
            cut = line.cut(range(len(line)))
            runs = cut.runs()
            shared = _shared_ink(cut, runs, inks)
            for label, share in zip(written, shared.T, strict=True):
                if share.max() >= SAME:
                    digits.append(cut.candidate(*runs[share.argmax()]).image)
                    labels.append(label)
            wrong += [
                (cut, run)
                for run, share in zip(runs, shared, strict=True)
                if share.max() < OTHER and cut.size(*run)[1] >= LOWEST
            ]
        for k in random.permutation(len(wrong))[:SCRAPS]:
            cut, run = wrong[k]
            scraps.append(cut.candidate(*run).image)
    shape = (-1, 28, 28, 1)
    return Pieces(
        np.array(digits, np.float32).reshape(shape),
        np.array(labels, np.int64),
        np.array(scraps, np.float32).reshape(shape),
    )


def _number(random: np.random.Generator) -> tuple[list[int], list[NDArray[np.float32]]]:
    """Return a number's digits and the ink of each, on a picture of the whole number."""
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
    """Return how far right `strokes` must move for their ink to just touch that of `before`.

    The pen's width is in the units of the strokes.
    """
    one, other = _dense(before, pen / 4), _dense(strokes, pen / 4)
    apart = np.abs(one[:, None, 1] - other[None, :, 1])
    reach = np.sqrt(np.maximum(pen**2 - apart**2, 0))
    offsets = np.where(apart < pen, one[:, None, 0] - other[None, :, 0] + reach, -np.inf)
    found = float(offsets.max())
    return found if np.isfinite(found) else edge(before, max) - edge(strokes, min)


def edge(strokes: list[Stroke], outermost: Callable[[NDArray[np.float64]], float]) -> float:
    """Return the leftmost x of the strokes if `outermost` is min, the rightmost if it is max."""
    return outermost(np.concatenate(strokes)[:, 0])


def _moved(strokes: list[Stroke], right: float, down: float) -> list[Stroke]:
    return [stroke + np.array((right, down)) for stroke in strokes]


def _dense(strokes: list[Stroke], spacing: float) -> NDArray[np.float64]:
    """Return points along strokes, at most about `spacing` apart."""
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
    points = np.concatenate([stroke for strokes in placed for stroke in strokes])
    corner, margin = points.min(axis=0), pen / 2 + 2
    width, tall = np.ceil((points.max(axis=0) - corner) * scale + 2 * margin).astype(int)

    def ink_of(strokes: list[Stroke]) -> NDArray[np.float32]:
        on_picture = [(stroke - corner) * scale + margin for stroke in strokes]
        picture = draw(on_picture, (int(width), int(tall)), pen)
        return np.asarray(picture, np.float32) / np.float32(255)

    return [ink_of(strokes) for strokes in placed]


def _shared_ink(
    line: Line, runs: list[Run], inks: list[NDArray[np.float32]]
) -> NDArray[np.float64]:
    """Return the intersection over union of each run's and each digit's ink: (runs, digits)."""
    piece = line.labels.ravel() + 1  # 0 stands for no piece

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
