"""A picture -> the amount of ink on each pixel, whatever the colours of ink and paper."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ink.decode import Pixels
from classifier.ink.photograph import find_ink_in_photograph
from classifier.ink.sheet import find_ink_on_sheet

# Of 255 levels: how far the strongest ink must differ from the paper. A hard pencil on white paper
# differs by about 60; the compression and noise of an empty photograph, by 10.
MIN_CONTRAST = 24
# As a share of the strongest ink: anything fainter is the grain of the paper, not a stroke.
FAINTEST_INK = 0.1
# A canvas is recognised by its border, most of which has one colour, and by its ink: hardly any of
# it is faint. On paper, light falls off, and printed lines leave the picture in many places.
SAME_COLOUR = 8  # of 255 levels: compression changes a colour by less
CANVAS_EVEN = 0.6  # the share of the border that has the colour of the paper
MAX_CROSSINGS = 5  # places where ink leaves the picture
MAX_FAINT = 0.002  # the share of the picture with faint ink that is no edge of a stroke
SMALLEST_PHOTOGRAPH = 64  # pixels: smaller pictures are cropped so tightly that borders say nothing
EDGE_LINE = 0.02  # of the picture's shorter side: the widest line or frame along its edge
MOSTLY = 0.8  # the share of an edge line that has its colour, and of the next that has not
MOST_INK = 0.3  # the share of a canvas that is ink: more is perhaps a photograph pasted on it


def find_ink(pixels: Pixels) -> NDArray[np.float32]:
    """Return the ink on each pixel of a picture, (height, width) float32 in [0, 1].

    On a canvas, the paper has the median colour of the picture's border. The ink on a pixel is the
    distance of its colour from the paper's, in the channel where they differ most, relative to the
    strongest ink in the picture. Because colours are multiplied by their opacity, black and white
    strokes on a transparent canvas are both ink. Without ink, all pixels are 0.

    If this is no canvas, `find_ink_in_photograph` finds the ink. Lines along the picture's edge are
    left out. If a sheet lies in the picture, the ink is sought on it.

    Args:
        pixels: (height, width, channels) uint8, as `decode` returns them.
    """
    depth = int(EDGE_LINE * min(pixels.shape[:2]))
    paper = pixels[0, 0]
    border = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    is_plain = bool((border == paper).all())
    if depth and not (is_plain and (pixels[depth, depth] == paper).all()):
        top, right, bottom, left = (_edge_line(np.rot90(pixels, k), depth) for k in range(4))
        if top + right + bottom + left:
            height, width = pixels.shape[:2]
            inner = pixels[top : height - bottom, left : width - right]
            return np.pad(find_ink(inner), ((top, bottom), (left, right)))
    if not is_plain:
        paper = np.median(border, axis=0).astype(np.uint8)
    ink = _ink_on_canvas(pixels, paper)
    if not is_plain or cv2.countNonZero(ink) > MOST_INK * ink.size:
        on_sheet = find_ink_on_sheet(pixels, paper, find_ink)
        if on_sheet is not None:
            return on_sheet
    if is_plain or _is_canvas(border, paper, ink):
        return ink
    return find_ink_in_photograph(pixels)


def _ink_on_canvas(pixels: Pixels, paper: NDArray[np.uint8]) -> NDArray[np.float32]:
    if pixels.shape[2] == 1:
        levels, zero = pixels[:, :, 0], int(paper[0])
    else:
        # Broadcasting a pixel of four bytes takes twice as long as all of this.
        blank = np.frombuffer(paper.tobytes() * (pixels.size // paper.size), np.uint8)
        channels = cv2.split(cv2.absdiff(pixels, blank.reshape(pixels.shape)))
        levels, zero = np.asarray(functools.reduce(cv2.max, channels), np.uint8), 0
    darkest, lightest, _, _ = cv2.minMaxLoc(levels)
    contrast = int(max(zero - darkest, lightest - zero))
    if contrast < MIN_CONTRAST:
        return np.zeros(levels.shape, np.float32)
    ink = np.abs(np.arange(256, dtype=np.float32) - zero) / contrast  # of each of the 256 levels
    ink[ink < FAINTEST_INK] = 0.0
    return np.asarray(cv2.LUT(levels, ink), np.float32)


def _edge_line(pixels: Pixels, depth: int) -> int:
    """Return how many rows of pixels at the top are a line along the edge, `depth` at most."""
    rows = pixels[: depth + 1].astype(np.int16)
    colour = np.median(rows[0], axis=0)
    is_line = (np.abs(rows - colour).max(axis=2) <= MIN_CONTRAST).mean(axis=1)
    if is_line[0] < MOSTLY:
        return 0
    others = np.flatnonzero(is_line <= 1 - MOSTLY)
    return int(others[0]) if len(others) else 0


def _is_canvas(
    border: NDArray[np.uint8], paper: NDArray[np.uint8], ink: NDArray[np.float32]
) -> bool:
    """Tell whether the picture was drawn, or cleaned as if it were."""
    if (border[:, 3:] != 255).any():
        return True  # transparent
    near = cv2.dilate((ink > 0.5).astype(np.uint8), np.ones((5, 5), np.uint8))
    is_clean = np.count_nonzero(ink[near == 0]) <= MAX_FAINT * ink.size
    if min(ink.shape) < SMALLEST_PHOTOGRAPH:
        return bool(is_clean)
    is_paper = np.abs(border.astype(np.int16) - paper).max(axis=1) <= SAME_COLOUR
    is_clean |= (border == paper).all(axis=1).mean() >= CANVAS_EVEN  # enlarged without smoothing
    crossings = np.count_nonzero(is_paper[1:] < is_paper[:-1])
    return bool(is_clean and is_paper.mean() >= CANVAS_EVEN and crossings <= MAX_CROSSINGS)
