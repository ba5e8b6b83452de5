"""Digits for the tests, as strokes on a sheet of 100 x 100: no dataset is needed to try the app."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.pen import write

Point = tuple[float, float]
Stroke = list[Point]

DIGITS: dict[int, list[Stroke]] = {
    0: [[(50, 10), (32, 20), (25, 50), (32, 80), (50, 90), (68, 80), (75, 50), (68, 20), (50, 10)]],
    1: [[(50, 10), (50, 90)]],
    2: [[(28, 28), (38, 13), (58, 11), (70, 27), (62, 47), (28, 88), (75, 88)]],
    3: [[(30, 15), (55, 10), (68, 26), (45, 47), (70, 66), (58, 87), (28, 85)]],
    4: [[(32, 12), (25, 52), (72, 52)], [(62, 15), (60, 90)]],
    5: [[(70, 12), (35, 12), (32, 45), (60, 45), (70, 67), (55, 88), (28, 84)]],
    6: [[(62, 10), (38, 35), (28, 65), (42, 88), (65, 82), (68, 60), (45, 53), (30, 68)]],
    7: [[(25, 12), (75, 12), (45, 90)]],
    8: [
        [(50, 48), (32, 30), (48, 11), (66, 28), (50, 48), (30, 70), (50, 89), (70, 70), (50, 48)],
    ],
    9: [[(68, 30), (50, 11), (32, 28), (45, 48), (67, 36), (68, 30), (64, 90)]],
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
    """Draws a digit on a square picture; `box` is left, top and side of the sheet in it."""
    left, top, size = box or (0, 0, side)
    strokes = [
        [(left + x * size / 100, top + y * size / 100) for x, y in stroke]
        for stroke in DIGITS[digit]
    ]
    return Image.composite(
        Image.new(mode, (side, side), ink),
        Image.new(mode, (side, side), paper),
        write(strokes, (side, side), pen),
    )


def mnist_like(count: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """`count` images (count, 28, 28, 1) uint8, white on black, and their labels."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, count)
    images = [
        np.asarray(
            draw(
                int(label),
                side=28,
                pen=random.uniform(1.5, 3.5),
                ink=255,
                paper=0,
                box=(random.uniform(2, 6), random.uniform(2, 6), random.uniform(18, 22)),
            )
        )
        for label in labels
    ]
    return np.stack(images)[..., None], labels
