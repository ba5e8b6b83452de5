"""Synthesise images of handwriting in the format of MNIST."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from classifier.ink.decode import decode
from classifier.ink.find import find_ink
from classifier.ink.normalise import normalise
from classifier.learning.handwriting import (
    Stroke,
    Writer,
    draw,
    fit,
    random_writer,
    scribble,
    write_digit,
    write_pair,
    write_sign,
)
from classifier.learning.shapes import SIGNS, UNSEEN_SIGNS

CHARACTERS = 20  # of each writer
SIDES = (50.0, 110.0)  # pixels: the longer side of a drawing, without the pen's width
# Many programs scale what they cut out to a square. This share of the drawings is widened to a
# random width, as a share of the height, if it is narrower: a 1 becomes a block.
WIDENED, WIDTHS = 0.06, (0.4, 0.9)
NON_DIGITS = {"signs": 0.7, "scribbles": 0.15, "pairs": 0.15}  # shares of each kind
DRAWINGS: dict[str, Callable[[Writer, np.random.Generator], list[Stroke]]] = {
    "signs": functools.partial(write_sign, SIGNS),
    "unseen": functools.partial(write_sign, UNSEEN_SIGNS),  # for evaluation only
    "scribbles": scribble,
    "pairs": write_pair,
}


def synthesise_digits(
    count: int, seed: int, progress_bar: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return images of digits, (count, 28, 28, 1) in [0, 1], and their labels, 0 to 9 in turn.

    The same seed gives the same images.
    """
    labels = np.arange(count, dtype=np.int64) % 10

    def digit(k: int, writer: Writer, random: np.random.Generator) -> list[Stroke]:
        return write_digit(int(labels[k]), writer, random)

    return _images(count, (seed, 0), digit, progress_bar), labels


def synthesise_non_digits(
    count: int,
    seed: int,
    progress_bar: bool = False,
    kinds: Mapping[str, float] = NON_DIGITS,
) -> NDArray[np.float32]:
    """Return images of letters, signs, scribbles and pairs of digits, as `synthesise_digits` does.

    `kinds` gives the share of each kind.
    """

    def non_digit(k: int, writer: Writer, random: np.random.Generator) -> list[Stroke]:
        kind = random.choice(list(kinds), p=list(kinds.values()))
        return DRAWINGS[str(kind)](writer, random)

    return _images(count, (seed, 1), non_digit, progress_bar)


def image_of(
    strokes: list[Stroke], side: float, pen: float, width: float = 0.0
) -> NDArray[np.float32]:
    """Draw strokes and prepare the picture as the library does: (28, 28) float32.

    `side` and `pen` are the strokes' longer side and the pen's width in pixels. `width` is the
    least width of the drawing, as a share of its height.
    """
    margin = pen / 2 + 2
    placed = fit(strokes, side, margin)
    size = np.ceil(np.concatenate(placed).max(axis=0) + margin).astype(int)
    picture = draw(placed, (int(size[0]), int(size[1])), pen)
    if picture.width < width * picture.height:
        picture = picture.resize((round(width * picture.height), picture.height))
    return normalise(find_ink(decode(picture))).image


def _images(
    count: int,
    seed: tuple[int, int],
    drawing: Callable[[int, Writer, np.random.Generator], list[Stroke]],
    progress_bar: bool,
) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    images = np.empty((count, 28, 28, 1), np.float32)
    hidden = not progress_bar or count == 0
    for k in tqdm(range(count), desc="Writing", unit=" drawings", disable=hidden):
        if k % CHARACTERS == 0:
            writer = random_writer(random)
        side = random.uniform(*SIDES)
        pen = max(side * writer.pen, 1.0)
        width = random.uniform(*WIDTHS) if random.random() < WIDENED else 0.0
        images[k, ..., 0] = image_of(drawing(k, writer, random), side, pen, width)
    return images
