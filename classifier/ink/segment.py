"""Ink -> lines of text, each in connected pieces."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ink.marks import (
    SIGN_HEIGHT,
    Components,
    Parts,
    Sign,
    find_outlines,
    find_rules,
    find_signs,
    obstacle_in,
    typical_of,
)
from classifier.ink.normalise import bounding_box
from classifier.ink.text_line import MAX_PIECES, Line

# Heights and distances are relative to the typical height of the digits.
LARGE = 0.3  # a component that is smaller in both directions belongs to its neighbour ...
FAR = 0.4  # ... unless it is further away: then it is a stray dot
FLAT = 0.35  # a lower component is not a line of its own, for example the bar of a 5
SAME_LINE = 0.4  # the share of the lower one's height that two digits of a line have in common
LINE_GAP = 0.08  # components closer below each other are one line: an 8 of two circles
STACKED = 0.5  # the share of the narrower one's width that two parts of a digit have in common
SAME_PIECE = 0.1  # and how far they may overlap in height
# If nothing else is there, parts are one character up to this distance, in heights of the tallest:
# an 8 of two circles, and, if all others are lower than SMALL_DOT, a question mark.
CLOSE, CLOSE_DOT, SMALL_DOT = 0.28, 0.5, 0.65
MAX_LINES = 20  # each takes as much memory as the picture; more are read as one line
MAX_CRUMBS = 1000  # the rest is dust


class Segments(NamedTuple):
    """What is in a picture."""

    lines: list[Line]  # from top to bottom
    signs: list[Sign]  # in no line
    obstacle: str | None  # why the digits cannot be read, a sentence for the user


def find_lines(ink: NDArray[np.float32]) -> list[Line]:
    """Return the lines that `segment` finds."""
    return segment(ink).lines


def segment(ink: NDArray[np.float32]) -> Segments:
    """Split ink into lines, from top to bottom, and these into connected components.

    Frames, boxes, rings, ruled lines and specks are left out. Crumbs belong to the component beside
    them, unless they are signs.

    Args:
        ink: (height, width) float32 in [0, 1], as `find_ink` returns it.
    """
    box = left, top, right, bottom = bounding_box(ink)
    if right == 0:
        return Segments([], [], None)
    mask = (ink[top:bottom, left:right] > 0).view(np.uint8)
    count, labels = cv2.connectedComponents(mask)
    if count == 2:  # the fast way: a single component, like most drawings of one digit
        line = Line(ink, None, None, [box], [0], np.zeros((1, 1)), float(bottom - top))
        return Segments([line], [], obstacle_in(mask > 0))
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0).view(np.uint8))
    boxes = stats[:, :4].astype(np.int32)
    boxes[:, 2:] += boxes[:, :2]  # left, top, right, bottom
    components = Components(ink, np.asarray(labels, np.int32), boxes)
    parts = np.arange(1, count)  # the background comes first
    outlines, obstacle = find_outlines(parts, components)
    parts = _without(parts, outlines)
    if not len(parts):
        return Segments([], [], obstacle)
    parts = _without(parts, find_rules(parts, components))
    signs = find_signs(parts, components)
    lines = _lines(_without(parts, signs), components)
    return Segments(lines, list(dict.fromkeys(signs.values())), obstacle)


def _lines(parts: Parts, components: Components) -> list[Line]:
    """Return the lines of these components."""
    ink, labels, boxes = components
    extents = np.maximum(*(boxes[parts, 2:] - boxes[parts, :2]).T)
    is_large = extents >= LARGE * typical_of(extents)
    for k in np.flatnonzero(is_large & (extents < SIGN_HEIGHT * typical_of(extents)))[:MAX_CRUMBS]:
        is_large[k] = not components.is_pale(parts[k])
    large, crumbs = parts[is_large], parts[~is_large]
    owner = np.full(len(boxes), -1, np.int32)  # the large component that each one belongs to
    owners = large if len(large) <= MAX_PIECES else large[:1]
    owner[large] = owners
    if len(owners) < len(large):
        boxes[owners[0]] = np.concatenate((boxes[large, :2].min(0), boxes[large, 2:].max(0)))
    _assign(crumbs, owners, boxes, owner)
    groups = _group(owners, boxes)
    for group in groups if len(large) == len(owners) else ():
        _join_stacked(group, boxes, owner)
    if len(groups) > MAX_LINES:
        groups = [[owner for group in groups for owner in group]]
    lines = []
    for group in groups:
        group = sorted(group, key=lambda k: boxes[k, 0] + boxes[k, 2])
        number = np.full(len(boxes), -1, np.int32)
        number[group] = np.arange(len(group))
        numbers = np.where(owner >= 0, number[owner], np.int32(-1))
        lines.append(_uncut(ink, numbers[labels], boxes[group]))
    return lines


def _without(parts: Parts, left_out: Collection[int]) -> Parts:
    return np.setdiff1d(parts, list(left_out)) if left_out else parts


def _assign(
    crumbs: NDArray[np.int64],
    owners: NDArray[np.int64],
    boxes: NDArray[np.int32],
    owner: NDArray[np.int32],
) -> None:
    """Assign each crumb to the nearest owner, and enlarge its box; leave out those far away."""
    height = typical_of(boxes[owners, 3] - boxes[owners, 1])
    crumbs = crumbs[:MAX_CRUMBS]
    apart = np.maximum(
        boxes[crumbs, None, :2] - boxes[owners, 2:], boxes[owners, :2] - boxes[crumbs, None, 2:]
    )
    distances = np.hypot(*np.maximum(apart, 0).transpose(2, 0, 1))  # (crumbs, owners)
    near = distances.min(axis=1, initial=np.inf) <= FAR * height
    crumbs, nearest = crumbs[near], owners[distances[near].argmin(axis=1)]
    owner[crumbs] = nearest
    for side, outermost in enumerate((np.minimum, np.minimum, np.maximum, np.maximum)):
        outermost.at(boxes[:, side], nearest, boxes[crumbs, side])


def _group(owners: NDArray[np.int64], boxes: NDArray[np.int32]) -> list[list[int]]:
    """Return the owners of each line, from top to bottom."""
    height = typical_of(boxes[owners, 3] - boxes[owners, 1])
    flat = boxes[owners, 3] - boxes[owners, 1] < FLAT * height
    lines: list[list[int]] = []
    for owner in owners[~flat].tolist():
        joined = [
            line for line in lines if any(_share_line(boxes[owner], boxes[k], height) for k in line)
        ]
        lines = [line for line in lines if line not in joined]
        lines.append([owner, *(k for line in joined for k in line)])
    for owner in owners[flat].tolist():
        nearest = min(lines, key=lambda line: min(_distance(boxes[owner], boxes[k]) for k in line))
        nearest.append(owner)
    lines.sort(key=lambda line: float(np.mean(boxes[line][:, [1, 3]])))
    if len(lines) > 1 and all(len(line) == 1 for line in lines) and _is_character(boxes, lines):
        return [[line[0] for line in lines]]
    return lines


def _is_character(boxes: NDArray[np.int32], lines: list[list[int]]) -> bool:
    """Tell whether single components below each other are as close as parts of one character."""
    left, top, right, bottom = boxes[[line[0] for line in lines]].T
    heights = np.sort(bottom - top)
    close = CLOSE_DOT if heights[-2] < SMALL_DOT * heights[-1] else CLOSE
    over = np.minimum(right[1:], right[:-1]) > np.maximum(left[1:], left[:-1])
    return bool(over.all() and (top[1:] - bottom[:-1] <= close * heights[-1]).all())


def _join_stacked(group: list[int], boxes: NDArray[np.int32], owner: NDArray[np.int32]) -> None:
    """Make one piece of those that lie below each other, such as the bar and the body of a 5."""
    left, top, right, bottom = boxes[group].T
    narrower = np.minimum((right - left)[:, None], right - left)
    over = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    apart = top - bottom[:, None]
    is_below = (over >= STACKED * narrower) & (apart >= -SAME_PIECE * typical_of(bottom - top))
    for upper, lower in np.argwhere(is_below).tolist():
        one, other = owner[group[upper]], owner[group[lower]]
        boxes[one] = [
            *np.minimum(boxes[one], boxes[other])[:2],
            *np.maximum(boxes[one], boxes[other])[2:],
        ]
        owner[owner == other] = one
    group[:] = sorted(set(owner[group].tolist()))


def _distance(flat: NDArray[np.int32], tall: NDArray[np.int32]) -> int:
    """Return how far a flat component is from a tall one; below 0 if it is beside its middle."""
    (left, top, right, bottom), (x0, y0, x1, y1) = flat.tolist(), tall.tolist()
    return int(abs(top + bottom - y0 - y1) - (y1 - y0) + max(0, 2 * (x0 - right), 2 * (left - x1)))


def _share_line(one: NDArray[np.int32], other: NDArray[np.int32], height: float) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    lower = min(one[3] - one[1], other[3] - other[1])
    stacked = min(one[2], other[2]) - max(one[0], other[0]) > 0
    return bool(shared >= SAME_LINE * lower or (stacked and -shared <= LINE_GAP * height))


def _uncut(ink: NDArray[np.float32], labels: NDArray[np.int32], boxes: NDArray[np.int32]) -> Line:
    height = typical_of(boxes[:, 3] - boxes[:, 1])
    tuples = [(int(left), int(top), int(right), int(bottom)) for left, top, right, bottom in boxes]
    no_cuts = np.zeros((len(boxes), len(boxes)))
    return Line(ink, labels, None, tuples, list(range(len(boxes))), no_cuts, height)
