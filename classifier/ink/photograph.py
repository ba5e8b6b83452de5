"""A photograph or scan of paper -> the amount of ink on each of its pixels.

Unlike a canvas, a photographed page has no single colour: light falls off, there are shadows and
grain, and often printed lines.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ink.decode import Pixels
from classifier.ink.rule_lines import erase_rule_lines

# Pixels: the longer side of the picture in which ink is sought. A digit a tenth as tall still has
# 64, three times as many as the network reads, and noise is averaged out.
WORKING_SIDE = 640
SMALLEST_SIDE = 160  # pixels: a smaller picture is enlarged, so that its strokes have edges
# Shares of the picture's shorter side:
THICKEST_STROKE = 0.25  # of the thickest marker, where strokes cross
THIN_STROKE = 0.065  # of pencils and ballpoints, where strokes cross
CHALK_STROKE = 0.12  # of the thickest chalk
CHALK_LIGHTNESS = 1.3  # at least, as a multiple of the board's
PREFERENCE = 2.0  # the factor by which another channel must be better than the darker of red, green
DARKEST_PAPER = 8  # of 255: nearly black corners are not divided by almost nothing
# Darkness is the share of the light that the paper would reflect, and the picture lacks.
THICK_INK = 0.4  # of thick markers
PAPER_DARKNESS = 0.06  # anything lighter is paper: a hard pencil has about 0.2
MIN_DARKNESS = 0.14  # of the strongest ink; the edge of a shadow has less
MIN_CONTRAST = 8  # of 255: compression leaves less, which may be much where it is very dark
NOISE_LEVELS = 4.5  # standard deviations of the paper's noise: anything lighter may be noise
MARGIN = 0.015  # of the longer side: anything flat so close to the edge leaves the picture
# What makes a stroke. In imitated photographs, 99 % of the digits are well within these limits:
# slenderness 18, sharpness 0.155, clear share 0.79.
SHORTEST_STROKE = 0.045  # of the picture's longer side: anything shorter is a speck
MIN_SLENDERNESS = 7.0  # length over width
MAX_PRINTED = 0.6  # the share on printed lines: more is what is left of a line
SMALLEST_OF_TYPICAL = 0.4  # the extent of a stroke beside others, relative to the typical one
MIN_SLOPE = 0.04  # of an edge, in darkness per pixel: shadows are softer
CLEARLY, MIN_CLEAR = 1.5, 0.35  # this share of it is above this multiple of the threshold
# Which crumbs belong to a broken stroke.
SMALLEST_CRUMB = 5  # pixels
CRUMB_REACH = 0.2  # of the picture's shorter side: twice the largest distance from the stroke
STRONG_INK = 0.5  # of the strongest ink: each crumb reaches it somewhere
LIGHTEST = 0.02  # of the ink of the heaviest stroke: anything less is a speck
FAINTEST_INK = 0.12  # of the strongest ink: the blurred edge of a stroke

Array = NDArray[Any]  # OpenCV's functions do not declare the type of the numbers


def find_ink_in_photograph(pixels: Pixels) -> NDArray[np.float32]:
    """Return the ink on each pixel of a picture, (height, width) float32 in [0, 1].

    The paper is what remains after a morphological closing fills everything narrower than a pen's
    stroke with its surroundings. It is corrected by the pixels that this shows to be paper (Gatos,
    Pratikakis and Perantonis, "Adaptive degraded document image binarization", 2006). Ink takes a
    share of the paper's light; printed lines are erased. Ink is what exceeds the noise of the
    paper, relative to the strongest ink in the picture.

    Args:
        pixels: (height, width, channels) uint8, as `decode` returns them.
    """
    grey = _plane(pixels)
    darkness, paper = _darkness(grey)
    noise = _noise(darkness * paper) / paper
    threshold = np.maximum(np.maximum(NOISE_LEVELS * noise, MIN_CONTRAST / paper), PAPER_DARKNESS)
    darkness, lines = erase_rule_lines(darkness, float(np.median(noise[::4, ::4])))
    ink = _strokes(darkness, threshold, lines)
    size = pixels.shape[1], pixels.shape[0]
    way = cv2.INTER_AREA if size[0] < ink.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ink, size, interpolation=way), np.float32)


def _plane(pixels: Pixels) -> Array:
    """Return the colour channel in which the ink differs most from the paper, as dark on light.

    The darker of red and green shows black, blue, green and red pens, with little noise. Another
    channel, or light ink on dark paper, must be clearly better.
    """
    longer = max(pixels.shape[:2])
    factor = np.clip(longer, SMALLEST_SIDE, WORKING_SIDE) / longer
    if pixels.shape[2] == 1:
        planes = [_resized(pixels[:, :, 0], factor)]
    else:
        red, green, blue = cv2.split(_resized(pixels, factor))[:3]
        planes = [cv2.min(red, green), red, green, blue]
    scores = np.array([_contrasts(plane) for plane in planes])  # of dark ink, of light ink
    scores[0] *= PREFERENCE
    best, is_light = np.unravel_index(scores.argmax(), scores.shape)
    plane = cv2.GaussianBlur(planes[best], (3, 3), 0.7)
    return 255 - plane if is_light else plane


def _contrasts(plane: Array) -> tuple[float, float]:
    """Return how much narrow things are darker than the page, and how much lighter."""
    small = _resized(plane, 0.25)
    near_by = cv2.medianBlur(small, _odd(THICKEST_STROKE * min(small.shape)))
    page = np.median(small)
    # The paper inside a thick stroke is narrow, too, but no lighter than the page. Paper beside a
    # shadow is not as light as chalk.
    darker = np.clip(np.minimum(near_by, page) - small, 0, 255).astype(np.uint8)
    lighter = np.clip(small - CHALK_LIGHTNESS * np.maximum(near_by, page), 0, 255).astype(np.uint8)
    hollows = cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, _square(small, THICKEST_STROKE))
    peaks = cv2.morphologyEx(small, cv2.MORPH_TOPHAT, _square(small, CHALK_STROKE))
    return cv2.norm(cv2.min(hollows, darker)), cv2.norm(cv2.min(peaks, lighter))


def _resized(picture: Array, factor: float) -> Array:
    height, width = (max(round(side * factor), 1) for side in picture.shape[:2])
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return picture if factor == 1 else cv2.resize(picture, (width, height), interpolation=way)


def _odd(size: float) -> int:
    return max(int(size) // 2 * 2 + 1, 3)


def _square(grey: Array, size: float) -> Array:
    side = _odd(size * min(grey.shape))
    return np.ones((side, side), np.uint8)


def _darkness(grey: Array) -> tuple[Array, Array]:
    """Return the share of the paper's light that is missing, around 0 on paper; and that light."""
    large = _closing(grey, THICKEST_STROKE)
    paper = _closing(grey, THIN_STROKE)
    # The large closing also fills the narrow ends of shadows. It counts only around strokes that
    # are certain, because they are thick, dark and have sharp edges.
    missing = (1 - grey / np.maximum(large, DARKEST_PAPER)).astype(np.float32)
    parts = _Parts(missing, THICK_INK)
    is_sharp = parts.slope(parts.strongest(~parts.are_at_the_edge)) > MIN_SLOPE
    sure = (is_sharp & ~parts.are_at_the_edge)[parts.labels].astype(np.uint8)
    thick = cv2.erode(sure, _square(grey, THIN_STROKE / 2))
    near_ink = cv2.dilate(thick, _square(grey, THIN_STROKE))
    paper = np.maximum(np.where(near_ink, large, paper), DARKEST_PAPER).astype(np.float32)
    darkness = 1 - grey / paper
    # The closing follows the lightest grains: subtract its error on the paper near by.
    is_paper = (darkness < PAPER_DARKNESS).astype(np.float32)
    size = _odd(THIN_STROKE * min(grey.shape))
    share = cv2.blur(is_paper, (size, size))
    excess = cv2.blur(is_paper * darkness, (size, size)) / np.maximum(share, 1e-3)
    return np.asarray((darkness - excess) / (1 - excess), np.float32), paper


def _closing(grey: Array, size: float) -> Array:
    """Fill everything narrower than `size`, a share of the picture's shorter side.

    Outside, the picture counts as black. Where light falls off towards the edge, the paper is
    otherwise taken to be as light as further inside.
    """
    kernel = _square(grey, size)
    margin = len(kernel) // 2
    closed = cv2.morphologyEx(np.pad(grey, margin), cv2.MORPH_CLOSE, kernel)
    return closed[margin:-margin, margin:-margin]


def _noise(darkness: Array) -> float:
    """Return the standard deviation on paper, from the median, so that ink hardly counts."""
    sample = darkness[::3, ::3]
    return float(1.4826 * np.median(np.abs(sample - np.median(sample))))


def _strokes(darkness: Array, threshold: Array, lines: Array) -> NDArray[np.float32]:
    """Return the ink of whole strokes, with their soft edges, and nothing else."""
    parts = _Parts(darkness, threshold)
    is_clear = ~parts.are_at_the_edge & (parts.share(darkness > CLEARLY * threshold) > MIN_CLEAR)
    is_stroke = is_clear & (parts.extent > SHORTEST_STROKE * max(darkness.shape))
    if is_stroke.any():
        strongest = parts.strongest(is_stroke)
        is_sharp = parts.slope(strongest) > MIN_SLOPE
        is_stroke &= is_sharp & (parts.slenderness() > MIN_SLENDERNESS)
        is_stroke &= parts.share(lines) < MAX_PRINTED
    if not is_stroke.any() or parts.strongest(is_stroke) < MIN_DARKNESS:
        return np.zeros_like(darkness)
    strongest = parts.strongest(is_stroke)
    is_strong = parts.share(darkness > STRONG_INK * strongest) > 0
    smallest = SMALLEST_OF_TYPICAL * np.median(parts.extent[is_stroke])
    is_stroke |= is_clear & is_strong & is_sharp & (parts.extent > smallest)
    is_crumb = is_strong & ~parts.are_at_the_edge & (parts.extent > SMALLEST_CRUMB)
    is_kept = (is_stroke | is_crumb & parts.are_near(is_stroke)) & (
        parts.mass > LIGHTEST * parts.mass[is_stroke].max()
    )
    near = cv2.dilate(is_kept[parts.labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    ink = np.clip(darkness / strongest, 0, 1)
    ink[(near == 0) | (ink < FAINTEST_INK)] = 0
    return ink.astype(np.float32)


class _Parts:
    """The connected parts above a threshold, and what distinguishes strokes from shadows.

    Every array has one value per part; the first part is the paper and never counts.
    """

    def __init__(self, darkness: Array, threshold: Array | float) -> None:
        self.mask = (darkness > threshold).astype(np.uint8)
        self.count, self.labels, stats, _ = cv2.connectedComponentsWithStats(self.mask)
        self.pixels = np.flatnonzero(self.mask)
        self.part = self.labels.ravel()[self.pixels]
        self.picture = darkness
        self.dark = darkness.ravel()[self.pixels]
        self.mass = self._sum(self.dark)
        left, top, width, height, area = stats.T
        self.area = np.maximum(area, 1)  # there may be no paper at all
        self.extent = np.maximum(width, height)
        rows, columns = darkness.shape
        edge = MARGIN * max(rows, columns)
        touch = (np.minimum(left, top) < edge) | (left + width > columns - edge)
        touch |= top + height > rows - edge
        # A line that leaves across a corner or the end of a shadow is flat, unlike a cropped digit.
        self.are_at_the_edge = touch & (np.minimum(width, height) < 0.1 * min(rows, columns))
        self.are_at_the_edge[0] = True

    def _sum(self, values: Array) -> Array:
        total: Array = np.bincount(self.part, values, self.count)
        return total

    def strongest(self, chosen: Array) -> float:
        """Return the darkness of the darkest ink of the chosen parts, without a few pixels."""
        dark = self.dark[chosen[self.part]]
        return float(np.percentile(dark, 85)) if len(dark) else 1.0

    def share(self, where: Array) -> Array:
        """Return the share of each part that lies `where` a mask is true."""
        share: Array = self._sum(where.ravel()[self.pixels]) / self.area
        return share

    def are_near(self, chosen: Array) -> Array:
        """Tell which parts are as close to the chosen ones as a crumb must be."""
        near = cv2.dilate(chosen[self.labels].astype(np.uint8), _square(self.mask, CRUMB_REACH))
        is_near: Array = self._sum(near.ravel()[self.pixels]) > 0
        return is_near

    def slenderness(self) -> Array:
        """Return length over width, as of a ribbon: half the outline, squared, over the area."""
        inner = cv2.erode(self.mask, np.ones((3, 3), np.uint8))
        outline = self._sum(inner.ravel()[self.pixels] == 0)
        slenderness: Array = (outline / 2) ** 2 / self.area
        return slenderness

    def slope(self, strongest: float) -> Array:
        """Return the slope of the edges, in darkness per pixel."""
        across = cv2.Sobel(self.picture, cv2.CV_32F, 1, 0, scale=1 / 8)
        down = cv2.Sobel(self.picture, cv2.CV_32F, 0, 1, scale=1 / 8)
        is_edge = np.abs(self.dark / strongest - 0.5) < 0.2
        steep = np.where(is_edge, cv2.magnitude(across, down).ravel()[self.pixels], 0)
        slope: Array = self._sum(steep**2) / np.maximum(self._sum(steep), 1e-6)
        return slope
