"""Synthesised handwriting -> the 28x28 images that a network sees of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

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

CHARACTERS = 20  # that one writer writes before the next takes the pen
SIDES = (50.0, 110.0)  # pixels: the longer side of a drawing, without the pen's width
OTHERS = {"signs": 0.5, "scribbles": 0.25, "pairs": 0.25}  # shares of what is no digit
DRAWINGS: dict[str, Callable[[Writer, np.random.Generator], list[Stroke]]] = {
    "signs": functools.partial(write_sign, SIGNS),
    "unseen": functools.partial(write_sign, UNSEEN_SIGNS),  # to evaluate with, never to train on
    "scribbles": scribble,
    "pairs": write_pair,
}


def synthesise_digits(
    count: int, seed: int, progress: Callable[[int], object] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Returns `count` digits, 0 to 9 in turn: (count, 28, 28, 1) in [0, 1], and (count,).

    Args:
        count: how many.
        seed: the same one gives the same images.
        progress: called with 1 after each image.
    """
    labels = np.arange(count) % 10
    images = _images(
        count,
        (seed, 0),
        lambda k, writer, random: write_digit(int(labels[k]), writer, random),
        progress,
    )
    return images, labels.astype(np.int64)


def synthesise_others(
    count: int,
    seed: int,
    progress: Callable[[int], object] | None = None,
    kinds: Mapping[str, float] = OTHERS,
) -> NDArray[np.float32]:
    """Returns `count` drawings that are no digit: letters, signs, scribbles and pairs of digits.

    Shape and arguments as for `synthesise_digits`; `kinds` gives the share of each.
    """

    def other(k: int, writer: Writer, random: np.random.Generator) -> list[Stroke]:
        kind = random.choice(list(kinds), p=list(kinds.values()))
        return DRAWINGS[str(kind)](writer, random)

    return _images(count, (seed, 1), other, progress)


def image_of(strokes: list[Stroke], side: float, pen: float) -> NDArray[np.float32]:
    """Draws strokes and prepares the picture just as a visitor's drawing is: (28, 28).

    Args:
        strokes: in any unit.
        side: pixels of the strokes' longer side.
        pen: pixels of the pen's width.
    """
    margin = pen / 2 + 2
    placed = fit(strokes, side, margin)
    size = np.ceil(np.concatenate(placed).max(axis=0) + margin).astype(int)
    prepared = normalise(find_ink(decode(draw(placed, (int(size[0]), int(size[1])), pen))))
    if prepared is None:
        raise ValueError("Expected strokes that leave ink, received none that do.")
    return prepared.image


def _images(
    count: int,
    seed: tuple[int, int],
    drawing: Callable[[int, Writer, np.random.Generator], list[Stroke]],
    progress: Callable[[int], object] | None,
) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    images = np.empty((count, 28, 28, 1), np.float32)
    for k in range(count):
        if k % CHARACTERS == 0:
            writer = random_writer(random)
        side = random.uniform(*SIDES)
        images[k, ..., 0] = image_of(drawing(k, writer, random), side, max(side * writer.pen, 1.0))
        if progress:
            progress(1)
    return images
