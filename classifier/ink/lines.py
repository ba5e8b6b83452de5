"""Printed lines on paper, ruled or squared: found, and taken away from what is written on them."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

THICKEST_LINE = 13  # pixels
STEEPEST = 18.0  # degrees: how far lines may lie from the picture's edges
SHORTEST = 0.15  # of the picture's width: what shows of a line that leaves across a corner
CANDIDATES = 600  # straight rows of crests that are looked at: some ten for each line of a page
REACH = 4  # pixels: how far a line may bend from straight
BAND = 8  # pixels each side of a line that its print, blurred, covers
SEGMENTS = 20  # that a line across the whole picture is looked at in
MIN_CREST = 0.02  # darkness: the faintest line
SEEN = 0.75  # of a line's segments must show it, save those where ink hides it
UNHIDDEN = 0.4  # of all must show it
EVENNESS_PARTS = 16  # in which a line is held to be evenly dark
LINE_DARKNESS = 1.3  # times as dark as the line itself: what is no darker is line, not ink
STROKE_GAP = 7  # pixels: the widest gap that a line, taken away, leaves in a stroke

Picture = NDArray[np.float32]


class Line(NamedTuple):
    """A line that is more or less level: its row, in fractions of pixels, in each column."""

    columns: NDArray[np.int64]
    rows: NDArray[np.float64]


def erase_lines(darkness: Picture, noise: float) -> Picture:
    """Takes the lines that cross the picture from edge to edge out of it, and mends the strokes.

    Lines are straight rows of narrow crests, found by Hough's transform (Duda and Hart, "Use of the
    Hough transformation to detect lines and curves in pictures", 1972) and then followed, for paper
    is not flat. Strokes seldom reach from edge to edge. Each line takes the same share of the light
    all along, which is given back; what is darker than the line is ink, and keeps what it takes
    beyond. A gap in a stroke as pale as the line is closed (much as Lopresti and Kavallieratou,
    "Ruling line removal in handwritten page images", 2010, keep strokes whole).

    Args:
        darkness: (height, width), the share of the paper's light that is missing.
        noise: its standard deviation on paper.
    """
    across = np.ascontiguousarray(darkness.T)
    level, upright = _level_lines(darkness, noise), _level_lines(across, noise)
    page, covered = darkness.copy(), np.zeros(darkness.shape, bool)
    for line in level:
        _erase(page, covered, line, noise)
    for line in upright:
        _erase(page.T, covered.T, line, noise)
    if not covered.any():
        return darkness
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (STROKE_GAP, STROKE_GAP))
    mended = cv2.morphologyEx(page, cv2.MORPH_CLOSE, disc)
    return np.where(covered, mended, page)


def _level_lines(page: Picture, noise: float) -> list[Line]:
    upright = np.ones((THICKEST_LINE, 1), np.uint8)
    crests = cv2.morphologyEx(page, cv2.MORPH_TOPHAT, upright)
    thin = np.asarray(cv2.blur(crests, (9, 3)), np.float32)  # mostly along the lines
    lines = (_follow(rows, thin, page, noise) for rows in _straight_rows(thin, noise))
    return [line for line in lines if line is not None]


def _straight_rows(thin: Picture, noise: float) -> list[NDArray[np.float64]]:
    """Candidates: the row in every column, strongest first, each of them once."""
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
    """Whether lines whose ends lie `apart`, in pixels, are one: close, or crossing at a slant."""
    left, right = apart
    return bool(max(abs(left), abs(right)) < (9 if left * right <= 0 else 4))


def _follow(
    straight: NDArray[np.float64], thin: Picture, page: Picture, noise: float
) -> Line | None:
    """Follows a line along its crests; None where there is none from edge to edge."""
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
    return Line(columns, straight + np.polyval(bend, np.arange(len(columns))))


def _erase(page: Picture, covered: NDArray[np.bool_], line: Line, noise: float) -> None:
    columns = line.columns[:, None]
    nearest = np.rint(line.rows).astype(int)[:, None]
    at = np.clip(nearest + np.arange(-BAND, BAND + 1), 0, len(page) - 1)
    values, distances = page[at, columns], at - line.rows[:, None]
    centre, beside = values[:, BAND], np.maximum(values[:, 0], values[:, -1])
    is_bare = (beside < max(3 * noise, 0.06)) & (centre < 1.5 * np.median(centre) + noise)
    if is_bare.sum() < 10:
        return
    printed = _profile(values[is_bare], distances[is_bare], distances)
    printed *= _evenness(centre, float(centre[is_bare].mean()))[:, None]
    # Where the line is off by a pixel its flanks would be left over.
    widened = cv2.dilate(printed, np.ones((1, 3), np.uint8))
    inside = widened > max(0.1 * float(printed.max()), 0.015)
    ink = (values - printed) / np.maximum(1 - printed, 0.1)
    ink[values < LINE_DARKNESS * widened + 2 * noise] = 0
    page[at, columns] = np.where(inside, ink, values)
    covered[at, columns] |= inside


def _profile(
    values: Picture, distances: NDArray[np.float64], asked: NDArray[np.float64]
) -> Picture:
    """The mean darkness at each distance from the line, by half pixels, at the distances asked."""
    steps = np.rint(2 * (distances + BAND + 1)).astype(int).clip(0).ravel()
    counts = np.bincount(steps)
    met = np.flatnonzero(counts)
    means = np.bincount(steps, values.ravel())[met] / counts[met]
    return np.interp(asked, met / 2 - BAND - 1, np.maximum(means, 0)).astype(np.float32)


def _evenness(centre: Picture, mean: float) -> Picture:
    """How dark the line is in each column, next to its mean: print and focus vary."""
    columns = np.linspace(0, len(centre) - 1, EVENNESS_PARTS * 24).astype(int)
    parts = columns.reshape(EVENNESS_PARTS, -1)
    darkness = np.median(centre[parts], axis=1) / max(mean, 1e-3)
    # Ink lies over a few parts at most: the median of five leaves it out.
    neighbours = np.lib.stride_tricks.sliding_window_view(np.pad(darkness, 2, mode="edge"), 5)
    smooth = np.median(neighbours, axis=1).clip(0.5, 2)
    evenness = np.interp(np.arange(len(centre)), parts.mean(axis=1), smooth)
    return np.asarray(evenness, np.float32)
