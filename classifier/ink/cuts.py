"""Ink of digits that touch -> the parts left after cutting it wherever two strokes may meet."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

ROWS = 80  # pixels: the height of a digit while corners are sought
THIN, FINER = 6.0, 1.5  # if the pen is thinner than the first (pixels), scale by the second
PAPER = 6  # pixels of margin
# The following are multiples of the pen's width, unless they are in pixels.
DISC, SMALLEST_DISC = 0.6, 3.0  # radius of the disc that finds corners; its minimum in pixels
BETWEEN, ACROSS = 3.0, 1.6  # the longest cut between two corners, and to the opposite edge ...
MORE = 5.0  # ... plus this many pixels
DOUBLE = 0.4  # two cuts whose ends are closer than this are one
CRUMB = 0.5  # times the width squared: a smaller part belongs to its neighbour
# The share of that disc that is ink: half at a straight edge of a stroke, three quarters where two
# strokes meet at a right angle.
CORNER = 0.6
MOST_CORNERS = 400  # of 20 digits; a scribble with more is not cut
CONE = 0.5  # cosine of the largest angle between a cut to the opposite edge and the ink's direction

Point = NDArray[np.int64]  # x, y


def cut_apart(ink: NDArray[np.float32], height: float) -> NDArray[np.int32]:
    """Cut ink wherever two strokes may meet; return the part that each pixel is in.

    Where two strokes meet, their edges form corners that point into the ink. Each corner is joined
    by a cut to the corners near it and to the nearest opposite edge (Strathy, Suen and Krzyzak,
    "Segmentation of handwritten digits using contour features", 1993). Strokes of one digit meet,
    too: there are too many parts, and the network chooses which belong together.

    Args:
        ink: (rows, columns) float32 in [0, 1], connected; some of it above 0.
        height: of a digit, in pixels.

    Returns:
        (rows, columns) int32: the number of the part, from 0; -1 without ink.
    """
    mask = _scaled(ink, ROWS / height)
    pen = _pen(mask)
    if pen < THIN:
        mask = _scaled(ink, FINER * ROWS / height)
        pen = _pen(mask)
    cut = mask.copy()
    for start, end in _cuts(mask, pen).astype(int).tolist():
        cv2.line(cut, start, end, 0)
    count, labels = cv2.connectedComponents(cut, connectivity=4)
    large = np.bincount(labels.ravel(), minlength=count) >= CRUMB * pen**2
    large[0] = False
    if not large.any():
        large[1:] = True
    numbers = np.cumsum(large) - 1
    is_part = large[labels]
    _, nearest = cv2.distanceTransformWithLabels(  # each pixel belongs to the nearest part
        (~is_part).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    part_of = np.zeros(nearest.max() + 1, np.int32)
    part_of[nearest[is_part]] = numbers[labels[is_part]]
    parts = part_of[nearest][PAPER:-PAPER, PAPER:-PAPER]
    y, x = (
        np.arange(full) * side // full for full, side in zip(ink.shape, parts.shape, strict=True)
    )
    return np.where(ink > 0, parts[y[:, None], x], -1).astype(np.int32)


def _scaled(ink: NDArray[np.float32], scale: float) -> NDArray[np.uint8]:
    """Return the scaled picture with a margin: 1 where there is ink, 0 elsewhere."""
    rows, columns = (max(round(side * scale), 1) for side in ink.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(ink, (columns, rows), interpolation=method)
    scaled = cv2.copyMakeBorder(scaled, PAPER, PAPER, PAPER, PAPER, cv2.BORDER_CONSTANT)
    mask: NDArray[np.uint8] = (scaled >= scaled.max() / 2).astype(np.uint8)
    return mask


def _pen(mask: NDArray[np.uint8]) -> float:
    """Return the width of the pen in pixels, as classifier/ink/pen.py measures it."""
    return 4 * float(cv2.distanceTransform(mask, cv2.DIST_L2, 5)[mask > 0].mean()) - 2


def _cuts(mask: NDArray[np.uint8], pen: float) -> NDArray[np.float64]:
    """Return where to cut: (count, 2 ends, x and y)."""
    edge = (cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0) & (mask == 0)
    radius = max(DISC * pen + 1.2, SMALLEST_DISC)
    share = _share_around(mask, radius)
    edge_share = np.where(edge, share, np.float32(0))
    window = np.ones((2 * round(radius / 4) + 3,) * 2)
    is_corner = (edge_share > CORNER) & (edge_share == cv2.dilate(edge_share, window))
    corners = np.argwhere(is_corner)[:, ::-1]
    if len(corners) > MOST_CORNERS:
        return np.empty((0, 2, 2))
    inwards = np.stack((cv2.Sobel(share, cv2.CV_32F, 1, 0), cv2.Sobel(share, cv2.CV_32F, 0, 1)), -1)
    between, across = BETWEEN * pen + MORE, ACROSS * pen + MORE
    found: list[tuple[Point, Point]] = []
    for corner in corners:
        lengths = np.hypot(*(corners - corner).T)
        others = corners[(lengths > 2) & (lengths <= between)]
        found += [(corner, other) for other in others[_through_ink(mask, corner, others)]]
        left, top = np.maximum(corner - math.ceil(across), 0)
        right, bottom = corner + math.ceil(across) + 1
        edges = np.argwhere(edge[top:bottom, left:right])[:, ::-1] + (left, top)
        ways = edges - corner
        lengths = np.hypot(*ways.T)
        inward = inwards[corner[1], corner[0]]
        ahead = ways @ inward > CONE * lengths * np.hypot(*inward)
        near = np.flatnonzero(ahead & (lengths > 2.5) & (lengths <= across))
        opposite = edges[near[np.argsort(lengths[near])]]
        found += [(corner, end) for end in opposite[_through_ink(mask, corner, opposite)][:1]]
    return _distinct(np.array(found, np.float64).reshape(-1, 2, 2), max(DOUBLE * pen, 2.0))


def _distinct(cuts: NDArray[np.float64], distance: float) -> NDArray[np.float64]:
    """Return the shortest of each group of cuts whose ends are close, (count, 2 ends, x and y)."""
    cuts = cuts[np.argsort(np.hypot(*(cuts[:, 1] - cuts[:, 0]).T), kind="stable")]
    kept: list[int] = []
    for k, cut in enumerate(cuts):
        apart = [((cuts[kept] - ends) ** 2).sum(axis=2).max(axis=1) for ends in (cut, cut[::-1])]
        if np.minimum(*apart).min(initial=np.inf) >= distance**2:
            kept.append(k)
    return cuts[kept]


def _share_around(ink: NDArray[np.uint8], radius: float) -> NDArray[np.float32]:
    """Return the share of ink in a disc around each pixel."""
    reach = math.ceil(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    share = cv2.filter2D(ink, cv2.CV_32F, disc / disc.sum(), borderType=cv2.BORDER_CONSTANT)
    return share.astype(np.float32, copy=False)


def _through_ink(
    mask: NDArray[np.uint8], start: Point, ends: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell for each end whether the straight way to it is all ink, apart from its two ends."""
    ways = (ends - start)[:, None]  # (ends, 1, x and y)
    lengths = np.hypot(*ways.T).T
    steps = np.arange(1.5, lengths.max(initial=0) - 1.5, 0.5)
    x, y = np.round(start + np.minimum(steps / lengths, 1)[..., None] * ways).astype(int).T
    is_through: NDArray[np.bool_] = ((mask[y, x].T > 0) | (steps >= lengths - 1.5)).all(axis=1)
    return is_through
