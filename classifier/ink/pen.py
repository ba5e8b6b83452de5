"""Ink -> the ink that a thinner or a thicker pen would have left."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.ink.find import FAINTEST_INK
from classifier.ink.normalise import bounding_box

# Pixels: the longer side of the ink while its pen is changed, five for one of the 28x28 image. This
# is as fine as the drawings that the network was trained on; thick pens take milliseconds.
WORKING_SIDE = 100


def redraw(ink: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Return the ink of a pen `factor` times as wide, at a scale of its own.

    The width of the strokes is measured, and greyscale dilation with a disc widens them; erosion
    narrows them (Castro, Tan, Kainz, Konukoglu and Glocker, "Morpho-MNIST: Quantitative Assessment
    and Diagnostics for Representation Learning", JMLR 20, 2019, section 3). Strokes thinner than
    the erosion vanish, so that no ink may be left.

    Args:
        ink: (height, width) float32 in [0, 1], as `find_ink` returns it; some of it above 0.
        factor: above 0.

    Returns:
        (height, width) float32 in [0, 1], just large enough.
    """
    drawing = _at_working_scale(ink)
    radius = abs(factor - 1) * stroke_width(drawing) / 2
    change = cv2.dilate if factor > 1 else cv2.erode
    drawing = np.pad(drawing, math.ceil(radius) + 1)
    # Discs have whole radii: mix the results of the next smaller and the next larger one.
    share, inner = math.modf(radius)
    sides = (2 * int(inner) + 1, 2 * int(inner) + 3)
    discs = (cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)) for side in sides)
    inner_ink, outer_ink = (change(drawing, disc) for disc in discs)
    redrawn: NDArray[np.float32] = ((1 - share) * inner_ink + share * outer_ink).astype(np.float32)
    redrawn[redrawn < FAINTEST_INK] = 0.0
    return redrawn


def stroke_width(ink: NDArray[np.float32]) -> float:
    """Return the width of the strokes in pixels, on average over all ink.

    Across a stroke, the distance to the nearer edge rises from 0 to half the width: on average, it
    is a quarter of the width.
    """
    is_ink = np.pad(ink >= ink.max() / 2, 1).astype(np.uint8)
    distances = cv2.distanceTransform(is_ink, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # OpenCV measures to the centre of the first pixel without ink, half a pixel beyond the edge.
    return 4 * (float(distances[is_ink > 0].mean()) - 0.5)


def _at_working_scale(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    box = left, top, right, bottom = bounding_box(ink)
    scale = WORKING_SIDE / max(right - left, bottom - top)
    size = (max(round((right - left) * scale), 1), max(round((bottom - top) * scale), 1))
    drawing = np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BILINEAR, box=box))
    full: NDArray[np.float32] = np.clip(drawing / drawing.max(), 0.0, 1.0)
    return full
