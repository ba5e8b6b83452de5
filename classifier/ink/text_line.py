"""A line of ink in pieces, and each run of neighbouring pieces prepared as one digit."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ink.cuts import cut_apart
from classifier.ink.normalise import Box, NormalisedInk, bounding_box, normalise

# Widths are relative to the typical height of the digits.
DIGIT_WIDTH = 1.7  # the widest digit
DIGIT_PIECES = 10  # the most pieces of one digit
MAX_PIECES = 100  # a number of 20 digits has no more
NARROW = 0.35  # narrower ink is not cut ...
WIDE = 34  # ... and neither is ink wider than 20 of the widest digits
# Where two digits touch, the ink belongs to both: a piece reaches this far beyond its cuts.
SHARED = 0.03

Run = tuple[int, int]  # neighbouring pieces: the first, and the one after the last


@dataclass(frozen=True)
class Line:
    """Ink in pieces from left to right; each digit is one piece or a run of several."""

    ink: NDArray[np.float32]  # (height, width) of the whole picture
    # (height, width): the piece of each pixel, -1 for none; None if all the ink is one piece
    cut_labels: NDArray[np.int32] | None
    # (height, width): a second piece that the pixel belongs to, -1 for none; None if nothing is cut
    shared: NDArray[np.int32] | None
    boxes: list[Box]  # of the pieces
    origins: list[int]  # of each piece: the number of the piece that it was cut from
    cuts: NDArray[np.float64]  # (pieces, pieces): length of the cut between two, in heights
    height: float  # pixels: the typical height of the digits

    @property
    def labels(self) -> NDArray[np.int32]:
        """(height, width): the piece of each pixel; -1 for none."""
        return (self.ink > 0).astype(np.int32) - 1 if self.cut_labels is None else self.cut_labels

    def __len__(self) -> int:
        return len(self.boxes)

    def box(self, first: int, end: int) -> Box:
        """Return the bounding box of a run of pieces."""
        lefts, tops, rights, bottoms = zip(*self.boxes[first:end], strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def size(self, first: int, end: int) -> tuple[float, float]:
        """Return the width and height of a run of pieces, in heights."""
        left, top, right, bottom = self.box(first, end)
        return (right - left) / self.height, (bottom - top) / self.height

    def slant(self, first: int, end: int) -> float:
        """Return how far right the ink of a run of pieces leans per unit that it rises."""
        moments = cv2.moments(self.ink_of(first, end)[0])
        return -moments["mu11"] / max(moments["mu02"], 1e-9)

    def cut_off(self, first: int, end: int) -> float:
        """Return the length of the cuts around a run of pieces, in heights."""
        return float(self.cuts[first:end].sum() - self.cuts[first:end, first:end].sum())

    def ink_of(self, first: int, end: int) -> tuple[NDArray[np.float32], tuple[int, int]]:
        """Return the ink of a run of pieces alone, and its left and top in the picture."""
        left, top, right, bottom = self.box(first, end)
        more = math.ceil(SHARED * self.height)
        corner = max(left - more, 0), max(top - more, 0)
        window = slice(corner[1], bottom + more), slice(corner[0], right + more)
        ink = self.ink[window]
        if self.cut_labels is None:
            return ink, corner
        belongs = np.zeros(ink.shape, bool)
        for labels in (self.cut_labels, self.shared):
            if labels is not None:
                belongs |= (labels[window] >= first) & (labels[window] < end)
        return np.where(belongs, ink, np.float32(0)), corner

    def candidate(self, first: int, end: int) -> NormalisedInk:
        """Return a run of pieces prepared as one digit."""
        image = normalise(self.ink_of(first, end)[0]).image
        return NormalisedInk(image, self.box(first, end))

    def runs(self) -> list[Run]:
        """Return all runs of pieces that may be one digit."""
        return [
            (first, end)
            for first in range(len(self))
            for end in range(first + 1, min(first + DIGIT_PIECES, len(self)) + 1)
            if self.is_plausible(first, end)
        ]

    def wholes(self) -> list[Run]:
        """Return the runs that undo a cut, if no other pieces are in between."""
        origins = np.array(self.origins)
        found = [np.flatnonzero(origins == origin).tolist() for origin in sorted(set(self.origins))]
        runs = [(pieces[0], pieces[-1] + 1, len(pieces)) for pieces in found]
        return [(first, end) for first, end, count in runs if 1 < count == end - first]

    def is_plausible(self, first: int, end: int) -> bool:
        """Tell whether the pieces of a run are few and narrow enough for one digit."""
        is_narrow = self.size(first, end)[0] <= DIGIT_WIDTH and end - first <= DIGIT_PIECES
        return is_narrow or end - first == 1

    def cut(self, doubtful: Collection[int]) -> Line:
        """Return the line with the pieces numbered in `doubtful` cut wherever digits may touch."""
        pieces: list[tuple[Box, NDArray[np.bool_], int]] = []
        for k, (left, top, right, bottom) in enumerate(self.boxes):
            mask = self.labels[top:bottom, left:right] == k
            parts = mask.astype(np.int32) - 1
            if k in doubtful and NARROW * self.height < right - left <= WIDE * self.height:
                ink = np.where(mask, self.ink[top:bottom, left:right], np.float32(0))
                parts = cut_apart(ink, self.height)
            for number in range(parts.max() + 1):
                x0, y0, x1, y1 = bounding_box(parts == number)
                if x1:
                    box = left + x0, top + y0, left + x1, top + y1
                    pieces.append((box, parts[y0:y1, x0:x1] == number, k))
        if len(pieces) > max(MAX_PIECES, len(self)):
            return self
        pieces.sort(key=lambda piece: piece[0][0] + piece[0][2])
        labels = np.full(self.ink.shape, -1, np.int32)
        for k, ((left, top, right, bottom), mask, _) in enumerate(pieces):
            labels[top:bottom, left:right][mask] = k
        boxes, origins = [box for box, _, _ in pieces], [origin for _, _, origin in pieces]
        cuts = _contacts(labels, len(pieces)) / self.height
        shared = _shared(labels, boxes, cuts > 0, SHARED * self.height)
        return Line(self.ink, labels, shared, boxes, origins, cuts, self.height)


def _contacts(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return (count, count): how many pixels of each piece are next to one of each other piece."""
    contacts = np.zeros((count, count), np.int64)
    for one, other in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        adjacent = (one != other) & (one >= 0) & (other >= 0)
        np.add.at(contacts, (one[adjacent], other[adjacent]), 1)
    return contacts + contacts.T


def _shared(
    labels: NDArray[np.int32], boxes: list[Box], were_cut: NDArray[np.bool_], reach: float
) -> NDArray[np.int32]:
    """Return, for each pixel within `reach` of a piece that its own was cut from, that piece."""
    shared = np.full(labels.shape, -1, np.int32)
    more = math.ceil(reach)
    for k in np.flatnonzero(were_cut.any(axis=0)).tolist():
        left, top, right, bottom = boxes[k]
        window = slice(max(top - more, 0), bottom + more), slice(max(left - more, 0), right + more)
        around = labels[window]
        far = cv2.distanceTransform((around != k).astype(np.uint8), cv2.DIST_L2, 5) > reach
        shared[window][~far & (around >= 0) & were_cut[k][around]] = k
    return shared
