"""A digit's ink, moved, turned, drawn or prepared otherwise -> how it would have been read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.errors import ParameterError
from classifier.ink.find import FAINTEST_INK
from classifier.ink.normalise import DIGIT_SIDE, SIDE, Field, bounding_box, place, see
from classifier.ink.pen import WORKING_SIDE, redraw
from classifier.network.prediction import Reading
from classifier.network.reading import LocatedDigit
from classifier.network.runtime import Network

Sheet = tuple[float, float, float, float]  # left, top, width, height: pixels of the picture
Ink = NDArray[np.float32]

RANGES = {"right": (-14, 14), "down": (-14, 14), "turn": (-180, 180), "pen": (0.25, 4)}
LARGEST_SHEET = 1e6  # pixels
# Pixels of a drawing for one of the field, where that does not follow from its size: a small digit
# on a large sheet takes no more memory than others.
FINEST = 10

# What is tried, from the least to the most.
TURNS = range(3, 46, 3)  # degrees
PENS = tuple(2 ** (step / 6) for step in range(1, 13))  # and their inverses
MOVES = sorted(  # pixels of the field, to the right and down
    {
        (float(right * far), float(down * far))
        for far in range(15)
        for right in (-1, 0, 1)
        for down in (-1, 0, 1)
    },
    key=lambda move: (math.hypot(*move), move),
)
ChangeKind = Literal["turned left", "turned right", "thinner", "thicker", "moved"]


@dataclass(frozen=True)
class Alteration:
    """What is changed about a digit before it is read; by default, nothing.

    Raises:
        ParameterError: a value outside its range.
    """

    right: float = 0.0  # pixels of the 28x28 field, -14 to 14; moved on the sheet, before all else
    down: float = 0.0  # the same
    turn: float = 0.0  # degrees clockwise, -180 to 180, around the middle of its box
    pen: float = 1.0  # how wide its strokes are, over how wide they were; 0.25 to 4
    # Scales its box into 20x20 pixels; else it keeps the size that it has on the sheet, the longer
    # side of the sheet being the 28 pixels of the field.
    fit: bool = True
    # Puts its centre of mass on the centre, wherever it was moved; else it lies on the field where
    # the middle of its box lies on the sheet.
    centre: bool = True
    # Left, top, width, height of the sheet it was drawn on, in pixels of the picture, beyond which
    # it may reach; None: the picture is the sheet.
    sheet: Sheet | None = None

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            if not (_is_number(value) and least <= value <= most):
                raise ParameterError(
                    f"Expected {name} to be a number from {least} to {most}, received {value!r}."
                )
        for name in ("fit", "centre"):
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise ParameterError(f"Expected {name} to be true or false, received {value!r}.")
        if self.sheet is not None and not _is_sheet(self.sheet):
            raise ParameterError(
                "Expected sheet to be left, top, width and height in pixels, at least 1 wide and "
                f"high and none above {LARGEST_SHEET:,.0f}, received {self.sheet!r}."
            )

    def as_dict(self) -> dict[str, Any]:
        """What is changed, in the types of JSON; without the sheet."""
        return {name: getattr(self, name) for name in (*RANGES, "fit", "centre")}


@dataclass(frozen=True)
class LeastChange:
    """The least change of one kind that makes the answer another digit."""

    kind: ChangeKind
    alteration: Alteration
    reading: Reading

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON."""
        return {
            "kind": self.kind,
            "alteration": self.alteration.as_dict(),
            **self.reading.as_dict(),
        }


@dataclass(frozen=True)
class Drawing:
    """A digit's ink, cut to its box."""

    ink: Ink
    unit: float  # pixels of the picture for one of its own
    middle: tuple[float, float]  # x, y, of its box: pixels of the picture


def alter(digit: LocatedDigit, network: Network, alteration: Alteration) -> Reading:
    """Return how `network` reads `digit` after the alteration."""
    return network.read(_image(_drawing(digit), digit.picture_size, alteration))


def least_changes(
    digit: LocatedDigit, network: Network, sheet: Sheet | None
) -> tuple[LeastChange, ...]:
    """Return the smallest change of each kind that makes `network` read another digit."""
    drawing = _drawing(digit)
    changes = []
    for kind, alterations in _ever_larger(Alteration(sheet=sheet)):
        for alteration in alterations:
            reading = network.read(_image(drawing, digit.picture_size, alteration))
            if reading.digit != digit.reading.digit and reading.image.any():
                changes.append(LeastChange(kind, alteration, reading))
                break
    return tuple(changes)


def _ever_larger(unaltered: Alteration) -> Iterator[tuple[ChangeKind, Iterable[Alteration]]]:
    yield "turned left", (replace(unaltered, turn=-float(turn)) for turn in TURNS)
    yield "turned right", (replace(unaltered, turn=float(turn)) for turn in TURNS)
    yield "thinner", (replace(unaltered, pen=1 / pen) for pen in PENS)
    yield "thicker", (replace(unaltered, pen=pen) for pen in PENS)
    moves = (replace(unaltered, right=right, down=down, centre=False) for right, down in MOVES)
    yield "moved", moves


def _image(drawing: Drawing, size: tuple[int, int], alteration: Alteration) -> Ink:
    """What the network sees of a digit once it is altered; `size` is that of the picture."""
    altered = _redrawn(drawing, alteration)
    if altered is None:
        return np.zeros((SIDE, SIDE), np.float32)
    left, top, width, height = alteration.sheet or (0, 0, *size)
    side = max(width, height)
    if not alteration.fit:
        altered = _coarser(altered, side / SIDE / FINEST)
    ink, unit = altered.ink, altered.unit
    pixel = max(ink.shape) / DIGIT_SIDE if alteration.fit else side / SIDE / unit
    if alteration.centre:  # wherever it lies on the sheet
        return see(ink, place(ink, pixel))
    x, y = altered.middle
    right = (x - left - width / 2) / side * SIDE + SIDE / 2 + alteration.right
    down = (y - top - height / 2) / side * SIDE + SIDE / 2 + alteration.down
    rows, columns = ink.shape
    return see(ink, Field(columns / 2 - right * pixel, rows / 2 - down * pixel, pixel))


def _redrawn(drawing: Drawing, alteration: Alteration) -> Drawing | None:
    """By another pen, and turned; None where a pen so thin leaves nothing."""
    if alteration.pen == 1 and alteration.turn == 0:
        return drawing
    ink = _turned(redraw(drawing.ink, alteration.pen), alteration.turn)
    return _cut(ink, drawing.unit * max(drawing.ink.shape) / WORKING_SIDE, drawing.middle)


def _turned(ink: Ink, degrees: float) -> Ink:
    height, width = ink.shape
    side = math.ceil(math.hypot(height, width))
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1)
    matrix[:, 2] += (side - width) / 2, (side - height) / 2
    turned = np.asarray(cv2.warpAffine(ink, matrix, (side, side)), np.float32)
    turned[turned < FAINTEST_INK] = 0.0
    return turned


def _coarser(drawing: Drawing, unit: float) -> Drawing:
    """At a scale of `unit`, unless it is as coarse already."""
    if drawing.unit >= unit:
        return drawing
    rows, columns = (max(round(side * drawing.unit / unit), 1) for side in drawing.ink.shape)
    ink = Image.fromarray(drawing.ink).resize((columns, rows), Image.Resampling.BILINEAR)
    return replace(drawing, ink=np.asarray(ink), unit=unit)


def _drawing(found: LocatedDigit) -> Drawing:
    (left, top), factor = found.corner, float(found.factor)
    height, width = found.ink.shape
    drawing = _cut(found.ink, factor, ((left + width / 2) * factor, (top + height / 2) * factor))
    if drawing is None:
        raise ValueError("Expected a digit with ink, received one without any.")
    return drawing


def _cut(ink: Ink, unit: float, middle: tuple[float, float]) -> Drawing | None:
    """Cuts ink to its box; `middle` is that of all of `ink`."""
    box = bounding_box(ink)
    if box is None:
        return None
    left, top, right, bottom = box
    height, width = ink.shape
    x = middle[0] + (left + right - width) / 2 * unit
    y = middle[1] + (top + bottom - height) / 2 * unit
    return Drawing(ink[top:bottom, left:right], unit, (x, y))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_sheet(sheet: object) -> bool:
    if not isinstance(sheet, tuple) or len(sheet) != 4:
        return False
    if not all(_is_number(each) and abs(each) <= LARGEST_SHEET for each in sheet):
        return False
    return bool(min(sheet[2:]) >= 1)
