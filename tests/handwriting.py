"""Digits for the tests, drawn by the project's own synthesis."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray
from PIL import Image, ImageOps

from classifier.learning import handwriting
from classifier.learning.handwriting import Writer, parse, write
from classifier.learning.shapes import DIGITS as SHAPES
from classifier.learning.synthesis import synthesise_digits

Point = tuple[float, float]
Stroke = list[Point]

# A writer who forms every character exactly as its skeleton.
CAREFUL = Writer(
    slant=0, aspect=1, turn=0, looseness=0, bend=0, tremor=0, overshoot=0, joins=0, hooks=0, pen=0.1
)


def _fewer(stroke: NDArray[Any]) -> Stroke:
    """Return every fourth point, and the sharp corners."""
    ways = np.diff(stroke, axis=0)
    ways /= np.hypot(*ways.T)[:, None]
    keep = np.arange(len(stroke)) % 4 == 0
    keep[1:-1] |= (ways[:-1] * ways[1:]).sum(axis=1) < 0.8
    keep[-1] = True
    return [(float(x), float(y)) for x, y in stroke[keep]]


# On a sheet of 100 by 100.
DIGITS: dict[int, list[Stroke]] = {
    digit: [_fewer(stroke) for stroke in write(parse(shape.strokes), CAREFUL, default_rng(0))]
    for digit, (shape, *_) in SHAPES.items()
}


def draw(
    digit: int,
    side: int = 280,
    pen: float = 20,
    ink: Any = 0,
    paper: Any = 255,
    mode: str = "L",
    box: tuple[float, float, float] | None = None,
) -> Image.Image:
    """Return a digit on a square picture; `box` is left, top and side of the sheet in it."""
    left, top, size = box or (0, 0, side)
    strokes = [np.array(stroke) * size / 100 + (left, top) for stroke in DIGITS[digit]]
    return Image.composite(
        Image.new(mode, (side, side), ink),
        Image.new(mode, (side, side), paper),
        handwriting.draw(strokes, (side, side), pen),
    )


def as_png(picture: Image.Image) -> bytes:
    """Return the picture as a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def draw_number(
    *lines: str, height: float = 100, gap: float = 20, pen: float = 10, margin: float = 15
) -> Image.Image:
    """Return a picture of lines of digits, dark on light; all lengths are in pixels.

    `height` is that of each digit's sheet, and `gap` separates the bounding boxes of two digits'
    strokes: digits may touch if it is less than `pen`.
    """
    placed = []
    for row, line in enumerate(lines):
        right = 0.0
        for digit in line:
            strokes = [np.array(stroke) * height / 100 for stroke in DIGITS[int(digit)]]
            left = min(stroke[:, 0].min() for stroke in strokes)
            placed += [stroke + np.array((right - left, 1.4 * height * row)) for stroke in strokes]
            right = max(stroke[:, 0].max() for stroke in placed[-len(strokes) :]) + gap
    corner = np.concatenate(placed).min(axis=0) - margin - pen / 2
    size = np.ceil(np.concatenate(placed).max(axis=0) - corner + margin + pen / 2).astype(int)
    strokes = [stroke - corner for stroke in placed]
    return ImageOps.invert(handwriting.draw(strokes, (int(size[0]), int(size[1])), pen))


def mnist_like(count: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return `count` images (count, 28, 28, 1) uint8, white on black, and their labels."""
    images, labels = synthesise_digits(count, seed)
    order = default_rng(seed).permutation(count)
    return np.round(images[order] * 255).astype(np.uint8), labels[order]
