"""Writes the page's gallery: digits, numbers and what is neither, by writers that do not exist.

python -m benchmarks.gallery              static/gallery.json

A list of {"room", "name", "text", "isWide", "strokes"}: where it hangs, what it is called, what
the network is to answer (null: that it is unsure), whether it needs the wide sheet, and each stroke
as x, y, and then the steps from one point to the next, in units of the page's sheet (280 high). The
same code writes the same file.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from benchmarks.servers import ROOT
from classifier import HandwrittenDigitsClassifier
from classifier.learning import handwriting
from classifier.learning.handwriting import Stroke, Writer, parse, random_writer, write
from classifier.learning.shapes import DIGITS, SIGNS, UNSEEN_SIGNS

FILE = ROOT / "static" / "gallery.json"
HEIGHT, SQUARE, WIDE = 280, 280, 560  # units of the sheet
SIDE = 190.0  # units: the longer side of a drawing, without the pen
PEN = 16.0  # units
GAP = 16.0  # units between the digits of a number, beside their pen
EVERY = 5  # of the synthesis's points, one is kept

Sketch = Callable[[np.random.Generator], list[Stroke]]


class Exhibit(NamedTuple):
    """A drawing to be made, and what is promised of it."""

    room: str
    name: str
    text: str | None
    sketch: Sketch
    is_wide: bool = False


def digit(value: int, shape: int, name: str) -> Exhibit:
    """One of the ways of `shapes` to write a digit."""
    skeleton = parse(DIGITS[value][shape].strokes)
    return Exhibit(
        "digits", name, str(value), lambda random: write(skeleton, _hand(random), random)
    )


def number(text: str, name: str, is_wide: bool) -> Exhibit:
    """Digits beside each other in one hand."""

    def sketch(random: np.random.Generator) -> list[Stroke]:
        hand = _hand(random)
        strokes: list[Stroke] = []
        end = 0.0
        for character in text:
            parts = handwriting.write_digit(int(character), hand, random)
            left, right = np.concatenate(parts)[:, 0].min(), np.concatenate(parts)[:, 0].max()
            strokes += [part + np.array((end - left, 0.0)) for part in parts]
            end += right - left + 2 * GAP
        return strokes

    return Exhibit("numbers", name, text, sketch, is_wide)


def other(name: str, skeleton: str) -> Exhibit:
    """What is no digit."""
    parsed = parse(skeleton)
    return Exhibit("others", name, None, lambda random: write(parsed, _hand(random), random))


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
    number("42", "forty-two", False),
    number("2026", "a year", True),
    number("31415", "the start of pi", True),
    other("the letter A", SIGNS["A"]),
    other("a question mark", SIGNS["question mark"]),
    other("the euro sign", SIGNS["euro"]),
    other("Chinese for tree", UNSEEN_SIGNS["Chinese tree"]),
    other("a heart", SIGNS["heart"]),
    other("a star", SIGNS["star"]),
    other("a spiral", SPIRAL),
)


def main() -> None:
    """Writes the file."""
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    drawings = [hang(exhibit, place, classifier) for place, exhibit in enumerate(EXHIBITS)]
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in drawings)
    FILE.write_text(f"[\n{lines}\n]\n")


def hang(exhibit: Exhibit, seed: int, classifier: HandwrittenDigitsClassifier) -> dict[str, Any]:
    """The first drawing by chance that is answered as promised, as the file has it."""
    for attempt in itertools.count():
        strokes = _place(exhibit.sketch(np.random.default_rng((seed, attempt))), exhibit.is_wide)
        drawing = {
            "room": exhibit.room,
            "name": exhibit.name,
            "text": exhibit.text,
            "isWide": exhibit.is_wide,
            "strokes": [_steps(stroke) for stroke in strokes],
        }
        if classifier.predict(picture(drawing)).text == exhibit.text:
            return drawing
    raise AssertionError("count() ends")


def picture(drawing: dict[str, Any]) -> Image.Image:
    """A drawing of the file, dark on light."""
    strokes = [np.array(steps, float).reshape(-1, 2).cumsum(axis=0) for steps in drawing["strokes"]]
    size = (WIDE if drawing["isWide"] else SQUARE, HEIGHT)
    return ImageOps.invert(handwriting.draw(strokes, size, PEN))


def _hand(random: np.random.Generator) -> Writer:
    """Somebody who takes his time: what the exhibit is called is what one is to see."""
    return replace(
        random_writer(random),
        looseness=random.uniform(0.5, 1.8),
        bend=random.uniform(0.0, 2.5),
        tremor=0.0,
        joins=0.0,
        hooks=0.0,
    )


def _place(strokes: list[Stroke], is_wide: bool) -> list[Stroke]:
    """In the middle of the sheet, as large as is good."""
    every = np.concatenate(strokes)
    corner, extent = every.min(axis=0), np.ptp(every, axis=0)
    width = WIDE if is_wide else SQUARE
    scale = min(SIDE / extent[1], (width - HEIGHT + SIDE) / extent[0])
    offset = (np.array((width, HEIGHT)) - extent * scale) / 2
    return [(stroke - corner) * scale + offset for stroke in strokes]


def _steps(stroke: Stroke) -> list[int]:
    """The first point and the steps between those kept: some of all, both ends, sharp corners."""
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
