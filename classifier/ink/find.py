"""A picture -> the amount of ink on each pixel, whatever the colours of ink and paper."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ink.decode import Pixels
from classifier.ink.photograph import find_ink_in_photograph

# Of 255 levels: how far the strongest ink must differ from the paper. A hard pencil on white paper
# differs by about 60; the compression and noise of an empty photograph, by 10.
MIN_CONTRAST = 24
# As a share of the strongest ink: anything fainter is the grain of the paper, not a stroke.
FAINTEST_INK = 0.1
# On the border of a canvas, at least this share has exactly one colour, and strokes leave it in a
# few places at most. In photographs, noise leaves hardly two pixels alike. Overexposed photographs
# and cleaned scans have even borders, but printed lines leave them in many places.
CANVAS_EVEN = 0.6
MAX_CROSSINGS = 5
SMALLEST_PHOTOGRAPH = 64  # pixels: smaller pictures were cut out or drawn by a program


def find_ink(pixels: Pixels) -> NDArray[np.float32]:
    """Return the ink on each pixel of a picture, (height, width) float32 in [0, 1].

    On a canvas, the paper has the median colour of the picture's border. The ink on a pixel is the
    distance of its colour from the paper's, in the channel where they differ most, relative to the
    strongest ink in the picture. Because colours are multiplied by their opacity, black and white
    strokes on a transparent canvas are both ink. Without ink, all pixels are 0.

    If the border shows no single colour of paper, `find_ink_in_photograph` finds the ink.

    Args:
        pixels: (height, width, channels) uint8, as `decode` returns them.
    """
    border = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    paper = border[0]
    if (border != paper).any():  # rare, and the median takes as long as everything else
        paper = np.median(border, axis=0).astype(np.uint8)
        if _is_photograph(pixels.shape, border, paper):
            return find_ink_in_photograph(pixels)
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


def _is_photograph(
    shape: tuple[int, ...], border: NDArray[np.uint8], paper: NDArray[np.uint8]
) -> bool:
    """Tell from the border whether paper was photographed or scanned."""
    if min(shape[:2]) < SMALLEST_PHOTOGRAPH:
        return False
    is_paper = (border == paper).all(axis=1)
    even = np.count_nonzero(is_paper) / len(is_paper)
    crossings = np.count_nonzero(is_paper[1:] < is_paper[:-1])
    is_opaque = bool((border[:, 3:] == 255).all())
    return is_opaque and bool(even < CANVAS_EVEN or crossings > MAX_CROSSINGS)
