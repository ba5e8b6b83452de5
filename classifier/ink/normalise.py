"""Ink anywhere in a picture -> the 28x28 image that the network was trained to read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 28  # pixels: the side of MNIST's images
DIGIT_SIDE = 20  # pixels: the box that MNIST's digits were scaled into
# Where MNIST's centres of mass lie, in pixels from the left and the top edge: between 14.0 and 15.0
# each way, as tests/test_real_data.py measures. Half a pixel off the middle, for MNIST placed them
# on the middle of pixel 14, counted from 0.
CENTRE = 14.5

Box = tuple[
    int, int, int, int
]  # left, top, right, bottom: pixels of the picture, right and bottom outside


@dataclass(frozen=True)
class NormalisedInk:
    """What the network sees, and where in the picture it was."""

    image: NDArray[np.float32]  # (28, 28), ink in [0, 1]
    box: Box


# From the ink summed along one axis, and one pixel of the field in pixels of the picture: where the
# field begins, in pixels of the picture from the edge of the ink.
Centring = Callable[[NDArray[np.float32], float], float]


def by_mass(profile: NDArray[np.float32], pixel: float) -> float:
    """Puts the centre of mass where MNIST's images have it."""
    centre_of_mass = float(profile @ (np.arange(len(profile)) + 0.5)) / float(profile.sum())
    return centre_of_mass - CENTRE * pixel


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
    crop = ink[top:bottom, left:right]
    height, width = crop.shape
    pixel = max(width, height) / DIGIT_SIDE  # one pixel of the field, in pixels of the picture
    columns, field_left = _place(crop.sum(axis=0), pixel, centring)
    rows, field_top = _place(crop.sum(axis=1), pixel, centring)
    padded = Image.fromarray(cv2.copyMakeBorder(crop, *rows, *columns, cv2.BORDER_CONSTANT))
    side = SIDE * pixel
    field = (field_left, field_top, field_left + side, field_top + side)
    image = np.asarray(padded.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=field))
    return NormalisedInk(np.clip(image / image.max(), 0.0, 1.0), box)


def bounding_box(ink: NDArray[np.float32]) -> Box | None:
    """Returns the smallest box around all ink, or None where there is none."""
    left, top, width, height = cv2.boundingRect((ink > 0).view(np.uint8))
    return (left, top, left + width, top + height) if width else None


def _place(
    profile: NDArray[np.float32], pixel: float, centring: Centring
) -> tuple[tuple[int, int], float]:
    """Places the field along one axis, in pixels of the picture.

    Returns how much empty paper to add before and behind the crop, so that the field lies within,
    and where in the result the field begins.
    """
    length, start = len(profile), centring(profile, pixel)
    # A long thin tail can pull the centre so far that ink would leave the field: keep it inside.
    start = min(max(start, length - SIDE * pixel), 0.0)
    before = math.ceil(-start)
    behind = max(math.ceil(start + SIDE * pixel) - length, 0)
    return (before, behind), before + start
