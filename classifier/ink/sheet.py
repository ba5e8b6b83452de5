"""A sheet of paper on a desk, or a photograph on a page: find it, and the ink on it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ink.decode import Pixels

WORKING_SIDE = 200  # pixels, the longer side of the picture in which sheets are sought
MIN_CONTRAST = 40  # of 255: how far a sheet's colour differs from that of the picture's border
SMALLEST = 0.1  # of the picture's area
LONGEST = 3.0  # sides of a sheet to each other: a bold 1 is longer
BARE = 0.6  # the share of a sheet without ink
MAX_BETWEEN = 0.06  # the share of the picture that is neither sheet nor border: the lit part of a
# page in the shade has no sharp edge
STRAIGHT = 0.03  # of the outline's length: how far the sides may bend
INSET = 0.025  # of the sheet's side: its edge and shadow are left out
EDGE = 2  # pixels of the small picture: a sheet so close to its edge goes on outside


def find_ink_on_sheet(
    pixels: Pixels, around: NDArray[np.uint8], find_ink: Callable[[Pixels], NDArray[np.float32]]
) -> NDArray[np.float32] | None:
    """Return the ink on a sheet in the picture; None if there is none, or nothing on it.

    Args:
        pixels: (height, width, channels) uint8, as `decode` returns them.
        around: the colour of the picture's border.
        find_ink: find the ink in the part of the picture that shows the sheet.
    """
    corners = _corners(pixels, around)
    if corners is None:
        return None
    sides = np.hypot(*(corners - np.roll(corners, -1, axis=0)).T)
    width, height = (max(round(float(side)), 1) for side in np.maximum(sides[:2], sides[2:]))
    if max(width, height) > LONGEST * min(width, height):
        return None
    x, y = width * INSET, height * INSET
    inset = np.array([(-x, -y), (width + x, -y), (width + x, height + y), (-x, height + y)])
    view = cv2.getPerspectiveTransform(corners, inset.astype(np.float32))
    sheet = cv2.warpPerspective(pixels, view, (width, height))
    ink = find_ink(np.asarray(sheet, np.uint8).reshape(height, width, -1))
    if not ink.any():
        return None
    size = pixels.shape[1], pixels.shape[0]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(ink, view, size, flags=flags), np.float32)


def _corners(pixels: Pixels, around: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Return the corners of the largest region with four, clockwise from the top left."""
    factor = min(WORKING_SIDE / max(pixels.shape[:2]), 1)
    width, height = (max(round(side * factor), 1) for side in (pixels.shape[1], pixels.shape[0]))
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    signed = small.reshape(height, width, -1).astype(np.int16) - around
    distance: NDArray[np.uint8] = np.abs(signed).max(axis=2).astype(np.uint8)
    _, mask = cv2.threshold(distance, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    corners = cv2.approxPolyDP(outline, STRAIGHT * cv2.arcLength(outline, True), True)[:, 0]
    area = cv2.contourArea(outline)
    x, y, across, down = cv2.boundingRect(outline)
    is_cut = min(x, y, width - x - across, height - y - down) < EDGE
    is_four_sided = len(corners) == 4 and cv2.isContourConvex(corners)
    if not is_four_sided or area < SMALLEST * mask.size or is_cut:
        return None
    inside = cv2.drawContours(np.zeros_like(mask), [outline], -1, 1, cv2.FILLED)
    typical = np.median(distance[inside > 0])
    between = np.mean(np.abs(distance / max(float(typical), 1.0) - 0.5) < 0.25)
    is_bare = cv2.mean(mask, inside)[0] > BARE
    if not is_bare or typical < MIN_CONTRAST or between > MAX_BETWEEN:
        return None
    angles = np.arctan2(*(corners - corners.mean(axis=0)).T[::-1])
    clockwise = corners[np.argsort(angles)]  # from the left, where the angle is -pi
    clockwise = np.roll(clockwise, -int(clockwise.sum(axis=1).argmin()), axis=0)
    return np.asarray((clockwise + 0.5) / factor, np.float32)
