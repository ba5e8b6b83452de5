"""Write the page's gallery: digits, numbers and other characters by invented writers.

    python -m tools.gallery

writes static/gallery.json, a list of {"room", "name", "text", "isWide", "strokes"}: the part of the
gallery, the name of the drawing, the expected answer (null: unsure), whether it needs the wide
sheet, and its strokes. Each stroke is x, y and then the steps from point to point, in units of the
page's sheet, which is 280 high. The same code writes the same file.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from classifier import HandwrittenDigitsClassifier
from classifier.learning import handwriting
from classifier.learning.handwriting import Stroke, Writer, parse, random_writer, write
from classifier.learning.shapes import DIGITS, SIGNS, UNSEEN_SIGNS

FILE = Path(__file__).resolve().parents[1] / "static" / "gallery.json"
HEIGHT, SQUARE, WIDE = 280, 280, 560  # units of the sheet
SIDE = 190.0  # units, the longer side of a drawing, without the pen
PEN = 16.0  # units
GAP = 16.0  # units between the ink of two digits
EVERY = 5  # one point of so many is kept

Sketch = Callable[[np.random.Generator], list[Stroke]]


class Exhibit(NamedTuple):
    """A drawing to make, and the expected answer."""

    room: str
    name: str
    text: str | None
    sketch: Sketch
    is_wide: bool = False


def digit(value: int, shape: int, name: str) -> Exhibit:
    """Return a digit in one of the shapes of `classifier.learning.shapes`."""
    skeleton = parse(DIGITS[value][shape].strokes)
    return Exhibit(
        "digits", name, str(value), lambda random: write(skeleton, _careful(random), random)
    )


def number(text: str, name: str, is_wide: bool = True) -> Exhibit:
    """Return digits side by side, by one writer."""

    def sketch(random: np.random.Generator) -> list[Stroke]:
        writer = _careful(random)
        strokes: list[Stroke] = []
        end = 0.0
        for character in text:
            parts = handwriting.write_digit(int(character), writer, random)
            left, right = np.concatenate(parts)[:, 0].min(), np.concatenate(parts)[:, 0].max()
            strokes += [part + np.array((end - left, 0.0)) for part in parts]
            end += right - left + 2 * GAP
        return strokes

    return Exhibit("numbers", name, text, sketch, is_wide)


def other(name: str, skeleton: str) -> Exhibit:
    """Return a non-digit."""
    parsed = parse(skeleton)
    return Exhibit("others", name, None, lambda random: write(parsed, _careful(random), random))


SPIRAL = (
    "50,50 57,44 64,52 58,64 42,64 34,50 40,34 58,28 "
    "74,38 78,58 66,76 44,80 26,68 20,46 30,24 52,14"
)
EXHIBITS = (
    digit(0, 0, "a plain 0"),
    digit(0, 6, "a slashed 0"),
    digit(0, 10, "a dotted 0"),
    digit(1, 0, "a plain 1"),
    digit(1, 5, "a 1 with a long upstroke"),
    digit(1, 13, "a 1 with a foot"),
    digit(2, 2, "a looped 2"),
    digit(3, 3, "a flat-topped 3"),
    digit(4, 0, "an open 4"),
    digit(4, 5, "a closed 4"),
    digit(4, 7, "a 4 like lightning"),
    digit(5, 3, "a 5 in two strokes"),
    digit(6, 4, "a 6 with a wide bowl"),
    digit(7, 0, "a plain 7"),
    digit(7, 3, "a crossed 7"),
    digit(7, 7, "a 7 with a serif"),
    digit(8, 4, "an 8 of two rings"),
    digit(9, 2, "a straight 9"),
    digit(9, 4, "a 9 with a hook"),
    number("42", "forty-two", is_wide=False),
    number("2026", "a year"),
    number("31415", "the start of pi"),
    other("the letter A", SIGNS["A"][0]),
    other("a question mark", SIGNS["question mark"][0]),
    other("the euro sign", SIGNS["euro"][0]),
    other("Chinese for tree", UNSEEN_SIGNS["Chinese tree"][0]),
    other("a heart", SIGNS["heart"][0]),
    other("a star", SIGNS["star"][0]),
    other("a spiral", SPIRAL),
)


def main() -> None:
    """Write the file."""
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    drawings = [draw(exhibit, seed, classifier) for seed, exhibit in enumerate(EXHIBITS)]
    lines = ",\n".join(json.dumps(drawing, separators=(",", ":")) for drawing in drawings)
    FILE.write_text(f"[\n{lines}\n]\n")


def draw(exhibit: Exhibit, seed: int, classifier: HandwrittenDigitsClassifier) -> dict[str, Any]:
    """Return the first random drawing of an exhibit that gets the expected answer."""
    for attempt in itertools.count():
        strokes = _centre(exhibit.sketch(np.random.default_rng((seed, attempt))), exhibit.is_wide)
        drawing = {
            "room": exhibit.room,
            "name": exhibit.name,
            "text": exhibit.text,
            "isWide": exhibit.is_wide,
            "strokes": [_steps(stroke) for stroke in strokes],
        }
        if classifier.predict(picture(drawing)).text == exhibit.text:
            break
    return drawing


def picture(drawing: dict[str, Any]) -> Image.Image:
    """Return a picture of a drawing of the file, dark on light."""
    strokes = [np.array(steps, float).reshape(-1, 2).cumsum(axis=0) for steps in drawing["strokes"]]
    size = (WIDE if drawing["isWide"] else SQUARE, HEIGHT)
    return ImageOps.invert(handwriting.draw(strokes, size, PEN))


def _careful(random: np.random.Generator) -> Writer:
    """Return a writer who keeps to the shape that the exhibit is named after."""
    return replace(
        random_writer(random),
        looseness=random.uniform(0.5, 1.8),
        bend=random.uniform(0.0, 2.5),
        tremor=0.0,
        joins=0.0,
        hooks=0.0,
    )


def _centre(strokes: list[Stroke], is_wide: bool) -> list[Stroke]:
    """Scale strokes and move them to the middle of the sheet."""
    points = np.concatenate(strokes)
    corner, extent = points.min(axis=0), np.ptp(points, axis=0)
    width = WIDE if is_wide else SQUARE
    scale = min(SIDE / extent[1], (width - HEIGHT + SIDE) / extent[0])
    offset = (np.array((width, HEIGHT)) - extent * scale) / 2
    return [(stroke - corner) * scale + offset for stroke in strokes]


def _steps(stroke: Stroke) -> list[int]:
    """Return the first point and the steps between some: both ends, corners, one in `EVERY`."""
    ways = np.diff(stroke, axis=0)
    ways = ways / np.maximum(np.hypot(*ways.T), 1e-6)[:, None]
    keep = np.arange(len(stroke)) % EVERY == 0
    keep[1:-1] |= (ways[:-1] * ways[1:]).sum(axis=1) < math.cos(0.6)
    keep[-1] = True
    points = np.round(stroke[keep]).astype(int)
    steps: list[int] = np.diff(points, axis=0, prepend=0).ravel().tolist()
    return steps


if __name__ == "__main__":
    main()
