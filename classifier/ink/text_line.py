"""A line of pieces of ink, and what a run of neighbouring pieces would look like as one digit."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ink.cuts import part
from classifier.ink.normalise import Box, NormalisedInk, bounding_box, normalise, prepare

# Widths are in units of the height of the digits around.
DIGIT_WIDTH = 1.7  # the widest digit
DIGIT_PIECES = 10  # the most pieces that one digit was torn into
MAX_PIECES = 100  # more than this are no number of 20 digits
NARROW = 0.35  # what is narrower is not cut ...
WIDE = 34  # ... nor what is wider than 20 of the widest digits
# Where two digits touch, the ink belongs to both: a piece takes so much of those it was cut off.
SHARED = 0.03

Run = tuple[int, int]  # pieces from the first to before the second


@dataclass(frozen=True)
class Line:
    """Ink in pieces from left to right; each digit is one of them or several that lie together."""

    ink: NDArray[np.float32]  # (height, width) of the whole picture
    # (height, width): the piece that each pixel belongs to, -1 for none; None where all the ink
    # is one piece
    parted: NDArray[np.int32] | None
    # (height, width): another piece that it belongs to, or -1; None where nothing was cut
    shared: NDArray[np.int32] | None
    boxes: list[Box]  # of the pieces
    origins: list[int]  # of each piece, the number of that which it was before it was cut
    # (pieces, pieces): how long the cut between each two of them is; in heights
    cuts: NDArray[np.float64]
    height: float  # pixels: of its digits

    @property
    def labels(self) -> NDArray[np.int32]:
        """(height, width): the piece that each pixel belongs to; -1 for none."""
        if self.parted is None:
            return (self.ink > 0).astype(np.int32) - 1
        return self.parted

    def __len__(self) -> int:
        return len(self.boxes)

    def box(self, first: int, end: int) -> Box:
        """The box around the pieces from `first` to before `end`."""
        lefts, tops, rights, bottoms = zip(*self.boxes[first:end], strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def size(self, first: int, end: int) -> tuple[float, float]:
        """Width and height of the pieces from `first` to before `end`, in heights."""
        left, top, right, bottom = self.box(first, end)
        return (right - left) / self.height, (bottom - top) / self.height

    def cut_off(self, first: int, end: int) -> float:
        """How far the pieces from `first` to before `end` were cut off the others, in heights."""
        return float(self.cuts[first:end].sum() - self.cuts[first:end, first:end].sum())

    def ink_of(self, first: int, end: int) -> tuple[NDArray[np.float32], tuple[int, int]]:
        """The ink of the pieces from `first` to before `end` alone, and where its corner lies.

        That is left and top, in pixels of the picture.
        """
        left, top, right, bottom = self.box(first, end)
        more = math.ceil(SHARED * self.height)
        corner = max(left - more, 0), max(top - more, 0)
        return self._ink_within(first, end, (*corner, right + more, bottom + more)), corner

    def candidate(self, first: int, end: int) -> NormalisedInk:
        """The pieces from `first` to before `end`, as the network would see them alone."""
        if self.parted is None:
            left, top, right, bottom = self.boxes[0]
            return NormalisedInk(prepare(self.ink[top:bottom, left:right]), self.boxes[0])
        prepared = normalise(self.ink_of(first, end)[0])
        if prepared is None:
            raise ValueError(f"Expected pieces with ink, received {first} to {end} without any.")
        return NormalisedInk(prepared.image, self.box(first, end))

    def runs(self) -> list[Run]:
        """All neighbouring pieces that may be one digit."""
        return [
            (first, end)
            for first in range(len(self))
            for end in range(first + 1, min(first + DIGIT_PIECES, len(self)) + 1)
            if self.is_plausible(first, end)
        ]

    def wholes(self) -> list[Run]:
        """What was cut, as if it had not been; without what other pieces lie in between."""
        found: dict[int, list[int]] = {origin: [] for origin in self.origins}
        for piece, origin in enumerate(self.origins):
            found[origin].append(piece)
        return [
            (pieces[0], pieces[-1] + 1)
            for pieces in found.values()
            if 1 < len(pieces) == pieces[-1] + 1 - pieces[0]
        ]

    def is_plausible(self, first: int, end: int) -> bool:
        """Whether the pieces from `first` to before `end` are few and narrow enough for a digit."""
        few = end - first <= DIGIT_PIECES
        return end - first == 1 or (few and self.size(first, end)[0] <= DIGIT_WIDTH)

    def cut(self, doubtful: Collection[int]) -> Line:
        """Parts the pieces numbered in `doubtful` wherever two digits may touch."""
        pieces: list[tuple[Box, NDArray[np.bool_], int]] = []
        labels = self.labels
        for k, box in enumerate(self.boxes):
            left, top, right, bottom = box
            mask = labels[top:bottom, left:right] == k
            if k in doubtful and NARROW * self.height < right - left <= WIDE * self.height:
                parts = _cut(mask, self.ink[top:bottom, left:right], box, self.height)
                pieces += [(*each, k) for each in parts]
            else:
                pieces.append((box, mask, k))
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

    def _ink_within(self, first: int, end: int, window: Box) -> NDArray[np.float32]:
        left, top, right, bottom = window
        if self.parted is None:
            return self.ink[top:bottom, left:right]

        def belongs(to: NDArray[np.int32]) -> NDArray[np.bool_]:
            pieces = to[top:bottom, left:right]
            return (pieces >= first) & (pieces < end)

        mine = belongs(self.parted)
        if self.shared is not None:
            mine |= belongs(self.shared)
        return np.where(mine, self.ink[top:bottom, left:right], np.float32(0))


def _cut(
    mask: NDArray[np.bool_], ink: NDArray[np.float32], box: Box, height: float
) -> list[tuple[Box, NDArray[np.bool_]]]:
    """Parts one piece; returns the boxes and masks of what comes of it."""
    parts = part(np.where(mask, ink, np.float32(0)), height)
    pieces = []
    for number in range(parts.max() + 1):
        left, top, right, bottom = bounding_box(parts == number)
        if right:
            placed = box[0] + left, box[1] + top, box[0] + right, box[1] + bottom
            pieces.append((placed, parts[top:bottom, left:right] == number))
    return pieces


def _contacts(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """How many pixels of each piece lie beside one of each other piece: (count, count)."""
    contacts = np.zeros((count, count), np.int64)
    for one, other in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        beside = (one != other) & (one >= 0) & (other >= 0)
        np.add.at(contacts, (one[beside], other[beside]), 1)
    return contacts + contacts.T


def _shared(
    labels: NDArray[np.int32], boxes: list[Box], were_cut: NDArray[np.bool_], reach: float
) -> NDArray[np.int32]:
    """For each pixel within `reach` of a piece that its own was cut off from, that piece."""
    shared = np.full(labels.shape, -1, np.int32)
    more = math.ceil(reach)
    for k in np.flatnonzero(were_cut.any(axis=0)).tolist():
        left, top, right, bottom = boxes[k]
        window = slice(max(top - more, 0), bottom + more), slice(max(left - more, 0), right + more)
        around = labels[window]
        far = cv2.distanceTransform((around != k).astype(np.uint8), cv2.DIST_L2, 5) > reach
        shared[window][~far & (around >= 0) & were_cut[k][around]] = k
    return shared
