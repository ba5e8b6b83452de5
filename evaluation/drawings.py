"""Real pen drawings, and pictures of them on a canvas like the page's.

A file of drawings is JSON: {"digits": [{"label": 7, "writer": 0, "strokes": [[[x, y], ...], ...]},
...], "not_digits": [{"label": "+", "strokes": ...}, ...]}, with lengths in any unit.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from classifier.learning.handwriting import draw

CANVAS = 280  # pixels, the side of the canvas
SIZES = (80, 240)  # pixels, the longer side of the strokes; the brush adds to it
BRUSHES = (6, 30)  # pixels
ROUNDS = 3  # number of random pictures of each drawing

Stroke = NDArray[np.float64]  # (points, 2): x, y, with y downwards


class Drawing(NamedTuple):
    """A character written by a person."""

    label: str
    strokes: list[Stroke]
    writer: int = 0


class Drawings(NamedTuple):
    """Drawings of digits, and of other characters."""

    digits: list[Drawing]
    others: list[Drawing]


def load_drawings(path: Path) -> Drawings:
    """Read a file of drawings."""
    content = json.loads(path.read_text())
    return Drawings(*(list(map(_parse, content[kind])) for kind in ("digits", "not_digits")))


def _parse(drawing: dict[str, Any]) -> Drawing:
    strokes = [np.array(stroke, float) for stroke in drawing["strokes"]]
    return Drawing(str(drawing["label"]), strokes, drawing.get("writer", 0))


def on_random_canvas(strokes: list[Stroke], chance: random.Random) -> Image.Image:
    """Draw strokes in a random size and place, with a random brush."""
    size, brush = chance.uniform(*SIZES), chance.uniform(*BRUSHES)
    return on_canvas(strokes, size, brush, (chance.random(), chance.random()))


def on_canvas(
    strokes: list[Stroke], size: float, brush: float, place: tuple[float, float]
) -> Image.Image:
    """Draw strokes on a canvas with a round brush, black on white.

    Args:
        strokes: in any unit.
        size: pixels, the longer side of the strokes; the brush adds to it.
        brush: pixels.
        place: from (0, 0), the top left corner, to (1, 1), the bottom right one.
    """
    placed = placed_in((CANVAS, CANVAS), strokes, size, brush / 2, place)
    return ImageOps.invert(draw(placed, (CANVAS, CANVAS), brush))


def placed_in(
    sheet: tuple[int, int],
    strokes: list[Stroke],
    size: float,
    margin: float,
    place: tuple[float, float] | NDArray[np.float64],
) -> list[Stroke]:
    """Scale strokes to `size` and move them to `place` on a sheet of (width, height) pixels."""
    points = np.concatenate(strokes)
    corner, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = size / max(extent.max(), 1)
    room = np.maximum(np.array(sheet) - extent * scale - 2 * margin, 0)
    offset = margin + room * place
    return [(stroke - corner) * scale + offset for stroke in strokes]
