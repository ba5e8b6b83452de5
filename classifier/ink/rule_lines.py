"""Printed lines on ruled or squared paper: find them and erase them from the writing."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

THICKEST_LINE = 13  # pixels
STEEPEST = 18.0  # degrees: the largest angle between a line and the edges of the picture
SHORTEST = 0.15  # of the picture's width: the visible part of a line that leaves across a corner
CANDIDATES = 600  # straight rows of crests that are examined, some ten for each line of a page
REACH = 4  # pixels: how far a line may bend from straight
BAND = 8  # pixels on each side of a line that its blurred print covers
SEGMENTS = 20  # into which a line across the whole picture is divided
MIN_CREST = 0.02  # darkness of the faintest line
SEEN = 0.75  # the share of a line's segments that must show it, without those that ink hides ...
UNHIDDEN = 0.4  # ... and with them
LINE_LEVEL = 97  # percent: print and focus vary, and the row may be off by a pixel
LINE_DARKNESS = 1.3  # as a multiple of the line's own: anything darker is ink
STROKE_GAP = 7  # pixels: the widest gap that an erased line leaves in a stroke

Picture = NDArray[np.float32]


class RuleLine(NamedTuple):
    """A nearly horizontal line: its row in each of its columns, in fractions of pixels."""

    columns: NDArray[np.int64]
    rows: NDArray[np.float64]


def erase_rule_lines(darkness: Picture, noise: float) -> tuple[Picture, NDArray[np.bool_]]:
    """Erase the lines that cross the picture from edge to edge, and mend the strokes.

    Lines are straight rows of narrow crests, which strokes seldom are from edge to edge. Hough's
    transform finds them (Duda and Hart, "Use of the Hough transformation to detect lines and curves
    in pictures", 1972); because paper is not flat, each is then followed. It is erased except where
    it is darker than a line: there is ink. Gaps in strokes as pale as the line are closed (similar
    to Lopresti and Kavallieratou, "Ruling line removal in handwritten page images", 2010).

    Args:
        darkness: (height, width), the share of the paper's light that is missing.
        noise: its standard deviation on paper.
    """
    transposed = np.ascontiguousarray(darkness.T)
    horizontal, vertical = _horizontal(darkness, noise), _horizontal(transposed, noise)
    page, covered = darkness.copy(), np.zeros(darkness.shape, bool)
    for line in horizontal:
        _erase(page, covered, line, noise)
    for line in vertical:
        _erase(page.T, covered.T, line, noise)
    if not covered.any():
        return darkness, covered
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (STROKE_GAP, STROKE_GAP))
    mended = cv2.morphologyEx(page, cv2.MORPH_CLOSE, disc)
    return np.where(covered, mended, page), covered


def _horizontal(page: Picture, noise: float) -> list[RuleLine]:
    """Return the nearly horizontal lines."""
    crests = cv2.morphologyEx(page, cv2.MORPH_TOPHAT, np.ones((THICKEST_LINE, 1), np.uint8))
    thin = np.asarray(cv2.blur(crests, (9, 3)), np.float32)  # mostly along the lines
    lines = (_follow(rows, thin, page, noise) for rows in _straight_rows(thin, noise))
    return [line for line in lines if line is not None]


def _straight_rows(thin: Picture, noise: float) -> list[NDArray[np.float64]]:
    """Return the candidates, strongest first, each once: the row in every column."""
    width = thin.shape[1]
    crest = thin > max(1.7 * noise, MIN_CREST)
    crest[1:-1] &= (thin[1:-1] >= thin[:-2]) & (thin[1:-1] > thin[2:])
    tilt = math.radians(STEEPEST)
    found = cv2.HoughLines(
        crest.astype(np.uint8),
        rho=1,
        theta=math.radians(0.4),
        threshold=int(SHORTEST * width),
        min_theta=math.pi / 2 - tilt,
        max_theta=math.pi / 2 + tilt,
    )
    if found is None:
        return []
    rho, theta = found[:CANDIDATES, 0, :2].T[..., None].astype(float)
    ends = (rho - np.array([0, width - 1]) * np.cos(theta)) / np.sin(theta)
    distinct: list[NDArray[np.float64]] = []
    for end in ends:
        if not any(_is_same(end - other) for other in distinct):
            distinct.append(end)
    return [np.linspace(left, right, width) for left, right in distinct]


def _is_same(apart: NDArray[np.float64]) -> bool:
    """Tell whether two lines are one, from the distances between their ends in pixels."""
    left, right = apart
    crossing = left * right <= 0
    return bool(max(abs(left), abs(right)) < (9 if crossing else 4))


def _follow(
    straight: NDArray[np.float64], thin: Picture, page: Picture, noise: float
) -> RuleLine | None:
    """Follow a line along its crests; return None if it does not reach from edge to edge."""
    height, width = thin.shape
    columns = np.flatnonzero((straight > 1) & (straight < height - 2))
    if len(columns) < max(SHORTEST * width, SEGMENTS):
        return None
    straight = straight[columns]
    nearest = np.rint(straight).astype(int)
    offsets = np.arange(-REACH, REACH + 1)
    around = thin[np.clip(nearest[:, None] + offsets, 0, height - 1), columns[:, None]]
    starts = np.linspace(0, len(columns), max(SEGMENTS * len(columns) // width, 5) + 1).astype(int)
    sizes, starts = np.diff(starts), starts[:-1]
    profiles = np.add.reduceat(around, starts) / sizes[:, None]
    crest = profiles.max(axis=1)
    place = offsets[profiles.argmax(axis=1)] + np.add.reduceat(nearest - straight, starts) / sizes
    typical = np.median(crest)
    is_seen = crest > max(0.5 * typical, 0.6 * MIN_CREST, 0.8 * noise)
    beneath = np.add.reduceat(page[nearest, columns], starts) / sizes
    is_hidden = ~is_seen & (beneath > 1.5 * typical)
    if is_seen.sum() < 5:
        return None
    middles = starts + sizes / 2
    degree = 2 if len(starts) > 8 else 1
    bend = np.polyfit(middles[is_seen], place[is_seen], degree)
    is_seen &= np.abs(place - np.polyval(bend, middles)) < 1.5
    if is_seen.sum() < max(SEEN * (~is_hidden).sum(), UNHIDDEN * len(starts), degree + 1):
        return None
    if not is_seen[:2].any() or not is_seen[-2:].any():
        return None
    bend = np.polyfit(middles[is_seen], place[is_seen], degree)
    return RuleLine(columns, straight + np.polyval(bend, np.arange(len(columns))))


def _erase(page: Picture, covered: NDArray[np.bool_], line: RuleLine, noise: float) -> None:
    """Erase `line` from `page` except where it is crossed, and add its pixels to `covered`."""
    columns = line.columns[:, None]
    nearest = np.rint(line.rows).astype(int)[:, None]
    at = np.clip(nearest + np.arange(-BAND, BAND + 1), 0, len(page) - 1)
    values = page[at, columns]
    beside = np.maximum(values[:, 0], values[:, -1])
    is_bare = beside < max(3 * noise, 0.06)
    if is_bare.sum() < 10:
        return
    printed = np.percentile(values[is_bare], LINE_LEVEL, axis=0)
    inside = printed > max(0.1 * float(printed.max()), 0.015)
    is_line = inside & (values < LINE_DARKNESS * printed + 2 * noise)
    page[at, columns] = np.where(is_line, 0, values)
    covered[at, columns] |= is_line
