"""Components of ink that are no digits: boxes, rings, ruled lines, and signs such as a point."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ink.normalise import Box
from classifier.ink.pen import stroke_width

# The limits leave real digits and numbers as they are, and were tried on drawings of every mark.
# Of the picture's width or height:
FRAME, EDGE = 0.85, 0.05  # a line along the edge is as long and, with its distance, as thick
HIGHER = 1.15  # ... and higher than the digits by this factor, unlike a 1 in a picture cut close
# Of an outline's own width or height:
SIDE, STRAIGHT = 0.12, 0.85  # the sides of a box are as near to its edges along this share of them
INSIDE, IN_BOX = 0.3, 0.08  # what is in a ring or box is as tall; less may be dust in a 0
TOUCHED = 0.25  # what touches the outline reaches as far into it
DIRECTIONS, AROUND = 36, 0.9  # the outline is in this share of all directions from its inside
STRUCK = 1.4  # width, in heights, of a digit with a line through it
LEVEL = 0.3  # how far that line rises or falls, in its widths, at most
THIN = 0.25  # width of a straight stroke, in lengths, at most
# A slash leans this far in heights, is as tall as the tallest digit, and the sum is as large. Real
# 1s between digits are lower or upright.
LEAN, TALL, LEAN_AND_TALL, LIKE_ONES = 0.08, 0.95, 1.2, 1.15
# The upright lines of a box are as much taller than the digits, and end alike, in their heights.
DIVIDER, ALIKE = 1.3, 0.04
# Relative to the typical height of the digits:
RULE, LONG_RULE = 0.7, 1.8  # a ruled line is as long; and if it is as long as the second ...
UNDER, OVER = 0.1, 0.25  # ... it need not be as far below one digit or above it: 5s have bars
SIGN_WIDTH, SIGN_HEIGHT, POINT_HEIGHT = 0.3, 0.65, 0.4  # of a point or comma at most
HANGING = 0.5  # how far a comma may be below the digits
BESIDE = 0.15  # the rows above and below a sign where digits are on either side of it
# Where a sign is, from the top to the bottom of the digits beside it: the bar of a 5 is higher.
MINUS, POINT = (0.28, 0.75), (0.3, 1.6)
RAISED, ROUND = 0.6, 0.8  # the lower end of a degree sign or an exponent; height in widths
COMMA, LAST_POINT = 0.75, 1.3  # a tall comma is lower, a point that follows a digit higher
FLAT_MINUS, FLAT_RULE = 0.6, 0.2  # heights in widths at most
SPECK = 0.5  # of the pen's width: what is narrower is dust ...
PALE = 0.4  # of the strongest ink: ... and so is what is paler everywhere
# At most so many components, points of a hole's outline, components inside boxes, and digits
# beside a sign are examined.
MAX_PARTS, MAX_POINTS, MOST, NEAREST = 40, 200, 1000, 3

Boxes = NDArray[np.int32]  # (components, 4): left, top, right, bottom
Parts = NDArray[np.int64]  # numbers of components


class Sign(NamedTuple):
    """A sign between or beside digits."""

    name: str  # with its article
    box: Box


class Components(NamedTuple):
    """The connected components of ink; component 0 is the background."""

    ink: NDArray[np.float32]  # (height, width) of the picture
    labels: NDArray[np.int32]  # likewise
    boxes: Boxes

    def window(self, part: int) -> NDArray[np.bool_]:
        """Return the pixels of a component, in its bounding box."""
        left, top, right, bottom = self.boxes[part]
        window: NDArray[np.bool_] = self.labels[top:bottom, left:right] == part
        return window

    def is_pale(self, part: int) -> bool:
        """Tell whether all of a component is much paler than the strongest ink."""
        left, top, right, bottom = self.boxes[part]
        return bool(self.ink[top:bottom, left:right][self.window(part)].max() < PALE)


def obstacle_in(part: NDArray[np.bool_]) -> str | None:
    """Return what is in the way of reading a component, given in its bounding box."""
    if _is_struck(part):
        return "There is a line through it."
    if is_box(part) and is_touched(part):
        return "The digit touches a box."
    return None


def _is_struck(part: NDArray[np.bool_]) -> bool:
    """Tell whether a nearly level line, from end to end, crosses the component."""
    height, width = part.shape
    if width < STRUCK * height:
        return False
    near_end = width // 12
    ends = [np.flatnonzero(column) for column in (part[:, near_end], part[:, -1 - near_end])]
    if not all(map(len, ends)):
        return False
    (y0, y1), thick = (end.mean() for end in ends), max(map(np.ptp, ends))
    if abs(y1 - y0) > LEVEL * width:
        return False  # the slash of a 0
    columns = np.arange(near_end, width - near_end)
    rows = np.linspace(y0, y1, len(columns)).round().astype(int)
    on_line = part[rows, columns].mean()
    beyond = min(y0, y1), height - max(y0, y1)
    return bool(on_line > 0.95 and thick < 0.2 * height and min(beyond) > BESIDE * height)


def is_box(outline: NDArray[np.bool_]) -> bool:
    """Tell whether a component, in its bounding box, is along all four edges."""
    y, x = (max(int(SIDE * side), 1) for side in outline.shape)
    sides = outline[:y].any(0), outline[-y:].any(0), outline[:, :x].any(1), outline[:, -x:].any(1)
    return all(side.mean() > STRAIGHT for side in sides)


def is_touched(outline: NDArray[np.bool_]) -> bool:
    """Tell whether anything reaches from an outline far into it."""
    contours, hierarchy = cv2.findContours(
        outline.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
    )
    for contour, (_, _, _, parent) in zip(contours, hierarchy[0], strict=True):
        side = min(cv2.boundingRect(contour)[2:])
        if parent >= 0 and side > INSIDE * min(outline.shape):
            hull = cv2.convexHull(contour)
            points = contour[:: len(contour) // MAX_POINTS + 1, 0].tolist()
            depths = (cv2.pointPolygonTest(hull, point, True) for point in points)
            if max(depths) > TOUCHED * side:
                return True
    return False


def find_outlines(parts: Parts, ink: Components) -> tuple[list[int], str | None]:
    """Return the frames, boxes and rings around digits, and what is in the way of reading."""
    heights = ink.boxes[parts, 3] - ink.boxes[parts, 1]
    tallest = np.argsort(-heights)[:MOST]
    parts, heights, boxes = parts[tallest], heights[tallest], ink.boxes[parts[tallest]]
    outlines, empty, obstacle = [], [], None
    for k in range(min(len(parts), MAX_PARTS)):
        outline = ink.window(parts[k])
        boxed = is_box(outline)
        inside = (boxes[:, :2] > boxes[k, :2]).all(1) & (boxes[:, 2:] < boxes[k, 2:]).all(1)
        inside &= heights >= (IN_BOX if boxed else INSIDE) * heights[k]
        if not inside.any():
            if heights[k] >= SIGN_HEIGHT * heights.max():
                obstacle = obstacle or obstacle_in(outline)
            if boxed:
                empty.append(k)
            continue
        low, high = boxes[inside, :2].min(0), boxes[inside, 2:].max(0)
        if not _is_around(outline, (low + high) / 2 - boxes[k, :2]):
            continue
        outlines.append(k)
        if is_touched(outline):
            obstacle = f"The digit touches a {'box' if boxed else 'ring'}."
        elif not boxed and inside.sum() == 1 and _is_stroke(ink.window(parts[inside][0])):
            obstacle = "This could be a 1 in a ring or a 0 with a stroke in it."
    outlines += [k for k in empty if (abs(heights[outlines] / heights[k] - 1) < SIDE).any()]
    if len(outlines) == len(parts):
        obstacle = "I find nothing in the box."
    return parts[outlines].tolist(), obstacle


def _is_around(outline: NDArray[np.bool_], middle: NDArray[np.float64]) -> bool:
    """Tell whether the outline is in nearly all directions from there (x, y)."""
    rows, columns = np.nonzero(outline)
    angles = np.arctan2(rows - middle[1], columns - middle[0]) / (2 * np.pi)
    directions = np.unique(np.floor(angles * DIRECTIONS) % DIRECTIONS)
    return len(directions) >= AROUND * DIRECTIONS


def _is_stroke(part: NDArray[np.bool_]) -> bool:
    """Tell whether a component is straight and thin."""
    contours, _ = cv2.findContours(
        part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    _, sides, _ = cv2.minAreaRect(contours[0])
    return bool(min(sides) <= THIN * max(sides))


def find_rules(parts: Parts, ink: Components) -> list[int]:
    """Return the lines along the edges of the picture and those around digits."""
    left, top, right, bottom = ink.boxes[parts].T
    width, height = right - left, bottom - top
    rows, columns = ink.ink.shape
    is_rule = (height >= FRAME * rows) | (width >= FRAME * columns)
    y, x = (max(int(EDGE * side), 1) for side in ink.ink.shape)
    for k in np.flatnonzero(is_rule):
        is_rule[k] = not (ink.labels[y:-y, x:-x] == parts[k]).any()
    if is_rule.all():
        return []
    is_rule &= (width >= FRAME * columns) | (height > HIGHER * height[~is_rule].max())
    typical = typical_of(height[~is_rule])
    tall = ~is_rule & (height >= SIGN_HEIGHT * typical)
    for k in np.flatnonzero((width >= RULE * typical) & (height <= FLAT_RULE * width) & ~tall):
        over = tall & (left < right[k]) & (right > left[k])
        below, above = top[k] - bottom[over], top[over] - bottom[k]
        apart = np.maximum(below / UNDER, above / OVER)
        gap = 0 if over.sum() > 1 and width[k] >= LONG_RULE * typical else typical
        is_rule[k] |= over.any() and (apart >= gap).all()
    narrow = ~is_rule & (width <= SIDE * height)
    if 1 < narrow.sum() < tall.sum():
        is_rule |= _are_dividers(narrow, tall & ~narrow, ink.boxes[parts])
    return [int(part) for part in parts[is_rule]]


def _are_dividers(
    narrow: NDArray[np.bool_], digits: NDArray[np.bool_], boxes: Boxes
) -> NDArray[np.bool_]:
    """Tell which narrow components are the upright lines of boxes: alike, and around digits."""
    left, top, right, bottom = boxes.T
    height = bottom - top
    is_line = narrow & (height >= DIVIDER * height[digits].max())
    if is_line.sum() < 2:
        return np.zeros_like(is_line)
    alike = np.ptp(top[is_line]) + np.ptp(bottom[is_line]) <= ALIKE * height[is_line].min()
    around = left[is_line].min() < left[digits].min() and right[is_line].max() > right[digits].max()
    return np.asarray(is_line & (alike and around))


def typical_of(extents: NDArray[np.int32]) -> float:
    """Return the median of those that are not much smaller than the largest."""
    return float(np.median(extents[extents >= 0.3 * extents.max()]))


def find_signs(parts: Parts, ink: Components) -> dict[int, Sign]:
    """Return the signs between, before and behind digits, by their component."""
    boxes = ink.boxes
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    typical = typical_of(height[parts])
    low = height[parts] < SIGN_HEIGHT * typical
    digits, small = parts[~low], parts[low]
    if len(small):
        small = small[np.minimum(width, height)[small] > SPECK * stroke_width(ink.ink)]
    found = {k: Sign("a slash", tuple(boxes[k].tolist())) for k in _slashes(digits, ink)}
    digits = np.setdiff1d(digits, list(found))
    for k in small[:MAX_PARTS].tolist():
        name = None if ink.is_pale(k) else _name(k, digits, ink, typical)
        if name is None:
            continue
        found[k] = Sign(name, tuple(boxes[k].tolist()))
        left, _, right, _ = boxes[k]
        for other in set(found) - {k}:
            if boxes[other, 0] < right and boxes[other, 2] > left:  # one above the other
                is_equals = name == found[other].name == "a minus"
                name = "an equals sign" if is_equals else "a colon"
                found[k] = found[other] = Sign(name, found[other].box)
    return found


def _slashes(digits: Parts, ink: Components) -> list[int]:
    """Return the straight slanted strokes between digits that are at least about as tall."""
    if not 3 <= len(digits) <= MAX_PARTS:
        return []
    boxes = ink.boxes[digits]
    places, heights = boxes[:, 0] + boxes[:, 2], boxes[:, 3] - boxes[:, 1]
    slants = np.array([_slant(ink.window(k)) for k in digits.tolist()])
    is_between = (slants >= LEAN) & (places > places.min()) & (places < places.max())
    # At an end, such a stroke is a 1: those between that are no taller are 1s, too.
    likely = np.where(slants >= LEAN, LIKE_ONES, 1.0) * heights
    slashes = []
    for k in np.flatnonzero(is_between):
        middle = (boxes[k, 1] + boxes[k, 3]) / 2
        line = ~is_between & (boxes[:, 1] < middle) & (boxes[:, 3] > middle)
        tall = heights[k] / likely[line].max(initial=1)
        if line.any() and tall >= TALL and tall + slants[k] >= LEAN_AND_TALL:
            slashes.append(int(digits[k]))
    return slashes


def _slant(part: NDArray[np.bool_]) -> float:
    """Return how far a straight stroke leans to the right, in heights; 0 if it is not straight."""
    moments = cv2.moments(part.astype(np.uint8))
    return -moments["mu11"] / max(moments["mu02"], 1e-9) if _is_stroke(part) else 0.0


def _name(k: int, digits: Parts, ink: Components, typical: float) -> str | None:
    """Return which sign a small component is, or None if it belongs to a digit."""
    left, top, right, bottom = ink.boxes[k].tolist()
    lefts, tops, rights, bottoms = ink.boxes[digits].T
    near_by = (tops < bottom) & (bottoms > top - HANGING * typical)
    rows = slice(max(int(top - BESIDE * typical), 0), bottom + int(BESIDE * typical))
    for digit in digits[near_by & (lefts < right) & (rights > left)]:
        x0, x1 = ink.boxes[digit, [0, 2]]
        columns = np.flatnonzero((ink.labels[rows, x0:x1] == digit).any(axis=0))
        if len(columns):
            x0, x1 = x0 + columns[0], x0 + columns[-1] + 1
        if min(right, x1) - max(left, x0) > INSIDE * (right - left):
            return None
    middles = lefts + rights - left - right
    near = digits[near_by][np.argsort(abs(middles[near_by]))[:NEAREST]]
    if not len(near):
        return None
    is_last = not (middles[near_by] > 0).any()
    width, height = right - left, bottom - top
    is_flat = height <= FLAT_MINUS * width
    near = near[:2] if is_flat else near
    upper, lower = ink.boxes[near, 1].min(), ink.boxes[near, 3].max()
    place = ((top + bottom) / 2 - upper) / (lower - upper)
    if is_flat:
        return "a minus" if MINUS[0] < place < MINUS[1] else None
    if place < POINT[0] or width > SIGN_WIDTH * typical:
        is_raised = (bottom - upper) / (lower - upper) < RAISED and height >= ROUND * width
        return "a raised sign" if is_raised and is_last else None
    if place > POINT[1] or (height > POINT_HEIGHT * typical and place < COMMA):
        return None
    if (is_last or (middles[near_by] > 0).all()) and place > LAST_POINT:
        return None
    return "a comma" if height > 1.3 * width else "a point"
