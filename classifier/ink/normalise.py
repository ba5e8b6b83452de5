"""Ink anywhere in a picture -> the 28x28 image that the network was trained to read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 28  # pixels: the side of MNIST's images
DIGIT_SIDE = 20  # pixels: the box that MNIST's digits were scaled into
# Where MNIST's centres of mass lie, in pixels from the left and the top edge: between 14.0 and 15.0
# each way, as tests/test_real_data.py measures. Half a pixel off the middle, for MNIST placed them
# on the middle of pixel 14, counted from 0.
CENTRE = 14.5
MIDDLES = np.arange(SIDE, dtype=np.float32)[:, None] + np.float32(0.5)  # of the field's pixels

Box = tuple[
    int, int, int, int
]  # left, top, right, bottom: pixels of the picture, right and bottom outside


@dataclass(frozen=True)
class NormalisedInk:
    """What the network sees, and where in the picture it was."""

    image: NDArray[np.float32]  # (28, 28), ink in [0, 1]
    box: Box


class Field(NamedTuple):
    """The 28x28 field laid over ink: where it begins, and how large one of its pixels is.

    All in pixels of the ink, from its left and its top edge.
    """

    left: float
    top: float
    pixel: float


# From the ink summed along one axis, and one pixel of the field in pixels of the picture: where the
# field begins, in pixels of the picture from the edge of the ink.
Centring = Callable[[NDArray[np.float32], float], float]


def by_mass(profile: NDArray[np.float32], pixel: float) -> float:
    """Puts the centre of mass where MNIST's images have it."""
    return centre_of_mass(profile) - CENTRE * pixel


def centre_of_mass(profile: NDArray[np.float32]) -> float:
    """Returns the mean place of the ink, in pixels from the edge, from its sums along an axis."""
    places = np.arange(0.5, len(profile), dtype=np.float32)
    return float(profile @ places) / float(profile.sum())


def by_box(profile: NDArray[np.float32], pixel: float) -> float:
    """Puts the bounding box in the middle, as demos do that leave the centre of mass out."""
    return (len(profile) - SIDE * pixel) / 2


def normalise(ink: NDArray[np.float32], centring: Centring = by_mass) -> NormalisedInk | None:
    """Prepares ink as MNIST was prepared; returns None where there is no ink.

    The ink's bounding box is scaled to fit 20x20 pixels keeping its aspect, antialiased, and placed
    so that its centre of mass falls on the centre of the 28x28 field (LeCun, Bottou, Bengio and
    Haffner, "Gradient-based learning applied to document recognition", 1998, section III.A).
    Scaling and placing are one resampling, so that thin strokes blur once.

    Args:
        ink: (height, width) float32 in [0, 1], as `find_ink` returns it.
        centring: how to place it; only to show what the centre of mass is good for, another one.
    """
    box = bounding_box(ink)
    if box is None:
        return None
    left, top, right, bottom = box
    return NormalisedInk(prepare(ink[top:bottom, left:right], centring), box)


def prepare(crop: NDArray[np.float32], centring: Centring = by_mass) -> NDArray[np.float32]:
    """Prepares ink, as `normalise` does, that reaches all four edges of `crop`."""
    return see(crop, place(crop, max(crop.shape) / DIGIT_SIDE, centring))


def place(crop: NDArray[np.float32], pixel: float, centring: Centring = by_mass) -> Field:
    """Returns where a field of such pixels lies over ink that reaches all four edges of `crop`."""
    left, top = (_start(crop.sum(axis=axis), pixel, centring) for axis in (0, 1))
    return Field(left, top, pixel)


def see(ink: NDArray[np.float32], field: Field) -> NDArray[np.float32]:
    """Returns what lies in `field`, (28, 28) float32 in [0, 1], the strongest ink being 1."""
    height, width = ink.shape
    rows = _weights(height, field.top, field.pixel)
    columns = _weights(width, field.left, field.pixel)
    image = np.asarray(rows @ ink @ columns.T, np.float32)
    strongest = image.max()
    if strongest > 0:
        image /= strongest
    return image


def bounding_box(ink: NDArray[np.float32]) -> Box | None:
    """Returns the smallest box around all ink, or None where there is none."""
    return box_around((ink > 0).view(np.uint8))


def box_around(mask: NDArray[np.uint8]) -> Box | None:
    """Returns the smallest box around all that is not 0, or None where all is."""
    left, top, width, height = cv2.boundingRect(mask)
    return (left, top, left + width, top + height) if width else None


def _start(profile: NDArray[np.float32], pixel: float, centring: Centring) -> float:
    # A long thin tail can pull the centre so far that ink would leave the field: keep it inside.
    return min(max(centring(profile, pixel), len(profile) - SIDE * pixel), 0.0)


def _weights(length: int, start: float, pixel: float) -> NDArray[np.float32]:
    """How much each pixel of the ink counts for each of the field's, along one axis: (28, length).

    The nearer it lies to the middle, the more, down to nothing a field's pixel away; or one of the
    ink's, where that is larger. That is bilinear interpolation, antialiased as Pillow's `resize`
    has it. Beside the ink lies empty paper.
    """
    side = SIDE * pixel
    start = min(max(start, -side), length)  # further off, it sees nothing either
    first, end = min(math.floor(start), 0), max(math.ceil(start + side), length)
    reach = max(pixel, 1.0)
    places = np.arange(first + 0.5, end, dtype=np.float32) / np.float32(reach)
    middles = MIDDLES * np.float32(pixel / reach) + np.float32(start / reach)
    weights: NDArray[np.float32] = places - middles
    np.abs(weights, out=weights)
    np.subtract(1, weights, out=weights)
    np.maximum(weights, 0, out=weights)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights[:, -first : length - first]
