"""How a digit would have been read if it had been moved, turned, redrawn or prepared otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.ink.find import FAINTEST_INK
from classifier.ink.normalise import DIGIT_SIDE, SIDE, Field, bounding_box, place_field, resample
from classifier.ink.pen import WORKING_SIDE, redraw
from classifier.network.prediction import Reading
from classifier.network.reading import LocatedDigit
from classifier.network.runtime import Network
from classifier.parameters import check

Sheet = tuple[float, float, float, float]  # left, top, width, height in pixels of the picture
Ink = NDArray[np.float32]

RANGES = {"right": (-14, 14), "down": (-14, 14), "turn": (-180, 180), "pen": (0.25, 4)}
LARGEST_SHEET = 1e6  # pixels
# The finest drawing, in its pixels per pixel of the image, if it keeps its size on the sheet: so a
# small digit on a large sheet takes no more memory than others.
FINEST = 10

# The changes that `least_changes` tries, from the smallest to the largest.
TURNS = range(3, 46, 3)  # degrees
PENS = tuple(2 ** (step / 6) for step in range(1, 13))  # and their inverses
DIRECTIONS = [(right, down) for right in (-1, 0, 1) for down in (-1, 0, 1)]
MOVES = sorted(  # to the right and down, in pixels of the image
    {(float(right * far), float(down * far)) for far in range(15) for right, down in DIRECTIONS},
    key=lambda move: (math.hypot(*move), move),
)
ChangeKind = Literal["turned left", "turned right", "thinner", "thicker", "moved"]


@dataclass(frozen=True)
class Alteration:
    """What to change about a digit before it is read; by default, nothing.

    The sheet, or without one the picture, is as large as the 28x28 image along its longer side.

    Raises:
        ParameterError: a value is outside its range.
    """

    right: float = 0.0  # pixels of the image, -14 to 14; moved on the sheet, before all else
    down: float = 0.0  # likewise
    turn: float = 0.0  # degrees clockwise, -180 to 180, around the centre of its bounding box
    pen: float = 1.0  # width of the pen, as a multiple of the pen that drew it, 0.25 to 4
    fit: bool = True  # scale its bounding box to 20x20 pixels; otherwise keep its size on the sheet
    centre: bool = True  # centre its mass, even if moved; otherwise keep its place on the sheet
    # The sheet it was drawn on, which may reach beyond the picture: left, top, width and height in
    # pixels of the picture. None: the picture is the sheet.
    sheet: Sheet | None = None

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            is_within = _is_number(value) and least <= value <= most
            check(is_within, f"{name} to be a number from {least} to {most}", value)
        for name in ("fit", "centre"):
            value = getattr(self, name)
            check(isinstance(value, bool), f"{name} to be true or false", value)
        check(
            self.sheet is None or _is_sheet(self.sheet),
            "sheet to be left, top, width and height in pixels, at least 1 wide and high and none "
            f"above {LARGEST_SHEET:,.0f}",
            self.sheet,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the sheet in JSON types."""
        return {name: getattr(self, name) for name in (*RANGES, "fit", "centre")}


@dataclass(frozen=True)
class LeastChange:
    """The smallest change of one kind that makes the network read another digit."""

    kind: ChangeKind
    alteration: Alteration
    reading: Reading

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types."""
        changed = {"kind": self.kind, "alteration": self.alteration.as_dict()}
        return {**changed, **self.reading.as_dict()}


@dataclass(frozen=True)
class Drawing:
    """A digit's ink, cut to its bounding box."""

    ink: Ink
    unit: float  # pixels of the picture per pixel of `ink`
    centre: tuple[float, float]  # x, y of the bounding box, in pixels of the picture


def alter(digit: LocatedDigit, network: Network, alteration: Alteration) -> Reading:
    """Return how `network` reads `digit` after the alteration."""
    return network.read(_image(_drawing(digit), digit.picture_size, alteration))


def least_changes(
    digit: LocatedDigit, network: Network, sheet: Sheet | None
) -> tuple[LeastChange, ...]:
    """Return the smallest change of each kind that makes `network` read another digit."""
    drawing, found = _drawing(digit), dict[ChangeKind, LeastChange]()
    for kind, alteration in _changes(Alteration(sheet=sheet)):
        if kind not in found:
            reading = network.read(_image(drawing, digit.picture_size, alteration))
            if reading.digit != digit.reading.digit and reading.image.any():
                found[kind] = LeastChange(kind, alteration, reading)
    return tuple(found.values())


def _changes(unaltered: Alteration) -> Iterator[tuple[ChangeKind, Alteration]]:
    for turn in TURNS:
        yield "turned left", replace(unaltered, turn=-float(turn))
    for turn in TURNS:
        yield "turned right", replace(unaltered, turn=float(turn))
    for pen in PENS:
        yield "thinner", replace(unaltered, pen=1 / pen)
    for pen in PENS:
        yield "thicker", replace(unaltered, pen=pen)
    for right, down in MOVES:
        yield "moved", replace(unaltered, right=right, down=down, centre=False)


def _image(drawing: Drawing, picture_size: tuple[int, int], alteration: Alteration) -> Ink:
    """Return the network's input, (28, 28); empty if nothing is left of the ink."""
    altered = _redrawn(drawing, alteration)
    if altered is None:
        return np.zeros((SIDE, SIDE), np.float32)
    left, top, width, height = alteration.sheet or (0, 0, *picture_size)
    side = max(width, height)
    if not alteration.fit:
        altered = _coarsened(altered, side / SIDE / FINEST)
    ink, unit = altered.ink, altered.unit
    pixel = max(ink.shape) / DIGIT_SIDE if alteration.fit else side / SIDE / unit
    if alteration.centre:
        return resample(ink, place_field(ink, pixel))
    x, y = altered.centre
    right = (x - left - width / 2) / side * SIDE + SIDE / 2 + alteration.right
    down = (y - top - height / 2) / side * SIDE + SIDE / 2 + alteration.down
    rows, columns = ink.shape
    return resample(ink, Field(columns / 2 - right * pixel, rows / 2 - down * pixel, pixel))


def _redrawn(drawing: Drawing, alteration: Alteration) -> Drawing | None:
    """Return it with another pen, and turned; None if the pen is too thin to leave any ink."""
    if alteration.pen == 1 and alteration.turn == 0:
        return drawing
    ink = _turned(redraw(drawing.ink, alteration.pen), alteration.turn)
    left, top, right, bottom = bounding_box(ink)
    if right == 0:
        return None
    unit = drawing.unit * max(drawing.ink.shape) / WORKING_SIDE
    (height, width), (x, y) = ink.shape, drawing.centre
    centre = x + (left + right - width) / 2 * unit, y + (top + bottom - height) / 2 * unit
    return Drawing(ink[top:bottom, left:right], unit, centre)


def _turned(ink: Ink, degrees: float) -> Ink:
    height, width = ink.shape
    side = math.ceil(math.hypot(height, width))
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1)
    matrix[:, 2] += (side - width) / 2, (side - height) / 2
    turned = np.asarray(cv2.warpAffine(ink, matrix, (side, side)), np.float32)
    turned[turned < FAINTEST_INK] = 0.0
    return turned


def _coarsened(drawing: Drawing, unit: float) -> Drawing:
    """Return it with pixels of at least this size."""
    if drawing.unit >= unit:
        return drawing
    rows, columns = (max(round(side * drawing.unit / unit), 1) for side in drawing.ink.shape)
    ink = Image.fromarray(drawing.ink).resize((columns, rows), Image.Resampling.BILINEAR)
    return replace(drawing, ink=np.asarray(ink), unit=unit)


def _drawing(digit: LocatedDigit) -> Drawing:
    (left, top), unit = digit.corner, float(digit.factor)
    height, width = digit.ink.shape
    return Drawing(digit.ink, unit, ((left + width / 2) * unit, (top + height / 2) * unit))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_sheet(sheet: object) -> bool:
    return (
        isinstance(sheet, tuple)
        and len(sheet) == 4
        and all(_is_number(each) and abs(each) <= LARGEST_SHEET for each in sheet)
        and min(sheet[2:]) >= 1
    )
