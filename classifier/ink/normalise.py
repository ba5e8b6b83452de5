"""Ink anywhere in a picture -> the 28x28 image that the network was trained to read."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 28  # pixels: the side of MNIST's images
DIGIT_SIDE = 20  # pixels: the box that MNIST's digits were scaled to fit
# Where MNIST's images have their centre of mass, in pixels from the left and the top edge: between
# 14.0 and 15.0, as tests/test_real_data.py measures. It is half a pixel off the middle, because
# MNIST's authors used the middle of pixel 14, counted from 0.
CENTRE = 14.5
PIXEL_CENTRES = np.arange(SIDE, dtype=np.float32)[:, None] + np.float32(0.5)

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels; right and bottom are outside


class NormalisedInk(NamedTuple):
    """The network's input, and where its ink is in the picture."""

    image: NDArray[np.float32]  # (28, 28), ink in [0, 1]
    box: Box


class Field(NamedTuple):
    """The 28x28 pixels of the image laid over ink, in pixels of the ink."""

    left: float  # of the field, from the left edge of the ink
    top: float
    pixel: float  # side of one pixel of the field


# Takes the sums of the ink along one axis, and the side of the field's pixels in pixels of the ink.
# Returns where the field starts, in pixels from the edge of the ink.
Centring = Callable[[NDArray[np.float32], float], float]


def by_mass(profile: NDArray[np.float32], pixel: float) -> float:
    """Put the centre of mass where MNIST's images have it."""
    return centre_of_mass(profile) - CENTRE * pixel


def by_box(profile: NDArray[np.float32], pixel: float) -> float:
    """Put the bounding box in the middle, as demos do that ignore the centre of mass."""
    return (len(profile) - SIDE * pixel) / 2


def centre_of_mass(profile: NDArray[np.float32]) -> float:
    """Return the mean place of the ink in pixels from the edge, from its sums along an axis."""
    places = np.arange(0.5, len(profile), dtype=np.float32)
    return float(profile @ places) / float(profile.sum())


def normalise(ink: NDArray[np.float32], centring: Centring = by_mass) -> NormalisedInk:
    """Prepare ink as MNIST was prepared.

    The bounding box of the ink is scaled to fit 20x20 pixels, keeping its aspect, with
    antialiasing. Its centre of mass is placed at the centre of the 28x28 image (LeCun, Bottou,
    Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998, section
    III.A). Scaling and placing are a single resampling, so that thin strokes are blurred once.

    Args:
        ink: (height, width) float32 in [0, 1], as `find_ink` returns it.
        centring: how to place the ink; others than the default show why this one is used.

    Raises:
        ValueError: there is no ink.
    """
    box = left, top, right, bottom = bounding_box(ink)
    if right == 0:
        raise ValueError("Expected ink, received none.")
    crop = ink[top:bottom, left:right]
    field = place_field(crop, max(crop.shape) / DIGIT_SIDE, centring)
    return NormalisedInk(resample(crop, field), box)


def place_field(crop: NDArray[np.float32], pixel: float, centring: Centring = by_mass) -> Field:
    """Return the field with pixels of this size; the ink must reach all four edges of `crop`."""
    profiles = crop.sum(axis=0), crop.sum(axis=1)
    starts = ((centring(profile, pixel), len(profile) - SIDE * pixel) for profile in profiles)
    # A long thin tail can pull the centre so far that ink would leave the field: keep it inside.
    left, top = (min(max(start, first), 0.0) for start, first in starts)
    return Field(left, top, pixel)


def resample(ink: NDArray[np.float32], field: Field) -> NDArray[np.float32]:
    """Return the ink in `field`, (28, 28) float32 in [0, 1], the strongest ink being 1."""
    height, width = ink.shape
    rows = _weights(height, field.top, field.pixel)
    columns = _weights(width, field.left, field.pixel)
    image = np.asarray(rows @ ink @ columns.T, np.float32)
    strongest = image.max()
    if strongest > 0:
        image /= strongest
    return image


def bounding_box(ink: NDArray[np.float32] | NDArray[np.bool_]) -> Box:
    """Return the smallest box around all ink; (0, 0, 0, 0) if there is none."""
    left, top, width, height = cv2.boundingRect((ink > 0).view(np.uint8))
    return left, top, left + width, top + height


def _weights(length: int, start: float, pixel: float) -> NDArray[np.float32]:
    """Return (28, length): the weights of the ink's pixels in those of the field, along one axis.

    The weight falls linearly with the distance between their centres, to 0 at the larger of the two
    sides: bilinear interpolation with antialiasing, as in Pillow's `resize`. Beside the ink there
    is empty paper.
    """
    side = SIDE * pixel
    start = min(max(start, -side), length)  # further away, the field is as empty
    first, end = min(math.floor(start), 0), max(math.ceil(start + side), length)
    reach = max(pixel, 1.0)
    places = np.arange(first + 0.5, end, dtype=np.float32) / np.float32(reach)
    centres = PIXEL_CENTRES * np.float32(pixel / reach) + np.float32(start / reach)
    weights: NDArray[np.float32] = places - centres
    np.abs(weights, out=weights)
    np.subtract(1, weights, out=weights)
    np.maximum(weights, 0, out=weights)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights[:, -first : length - first]
