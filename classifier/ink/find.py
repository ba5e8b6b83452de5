"""A picture -> how much ink lies on each of its pixels, whatever the colours of ink and paper."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.ink.photograph import find_ink_in_photograph

# Of 255 levels, how far the strongest ink must stand out of the paper to be ink at all. A hard
# pencil on white paper leaves about 60; the compression and noise of an empty photograph, 10.
MIN_CONTRAST = 24
# As a share of the strongest ink: what is fainter is the paper's grain, not a stroke.
FAINTEST_INK = 0.1
# Of a canvas's border, at least so much is of exactly one colour, and strokes run out of it in a
# few places at most. In a photograph, noise leaves hardly two pixels alike; where it is overexposed
# or a scan was cleaned, printed lines still end in many places.
CANVAS_EVEN = 0.6
MAX_CROSSINGS = 5
SMALLEST_PHOTOGRAPH = 64  # pixels: a smaller picture was cut out or drawn by some program


def find_ink(picture: Image.Image) -> NDArray[np.float32]:
    """Returns the ink on each pixel of `picture`, (height, width) float32 in [0, 1].

    The paper is the median colour along the picture's border; the ink on a pixel is how far its
    colour lies from the paper's, in the channel where they differ most, in units of the strongest
    ink in the picture. Colours being multiplied by their opacity, black and white strokes on a
    transparent canvas are both ink. A picture without ink is zero everywhere.

    So it is on a canvas. Where the border shows that the paper has no one colour, the picture is
    left to `find_ink_in_photograph`.

    Args:
        picture: a PIL image as `decode` returns it.
    """
    pixels = np.asarray(picture).reshape(picture.height, picture.width, -1)
    border = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    paper = border[0]
    if (border != paper).any():  # seldom, and what follows takes as long as all the rest
        paper = np.median(border, axis=0).astype(np.uint8)
        if _is_photograph(picture.size, border, paper):
            return find_ink_in_photograph(picture)
    blank = np.frombuffer(paper.tobytes() * (pixels.shape[0] * pixels.shape[1]), np.uint8)
    channels = cv2.split(cv2.absdiff(pixels, blank.reshape(pixels.shape)))
    difference = functools.reduce(cv2.max, channels)
    contrast = int(difference.max())
    if contrast < MIN_CONTRAST:
        return np.zeros(difference.shape, np.float32)
    ink = np.arange(256, dtype=np.float32) / np.float32(contrast)  # of each of the levels
    ink[ink < FAINTEST_INK] = 0.0
    return np.asarray(cv2.LUT(difference, ink), np.float32)


def _is_photograph(
    size: tuple[int, int], border: NDArray[np.uint8], paper: NDArray[np.uint8]
) -> bool:
    """Whether the border is that of paper that was photographed or scanned."""
    if min(size) < SMALLEST_PHOTOGRAPH:
        return False
    is_paper = (border == paper).all(axis=1)
    even = np.count_nonzero(is_paper) / len(is_paper)
    crossings = np.count_nonzero(is_paper[1:] < is_paper[:-1])
    is_opaque = bool((border[:, 3:] == 255).all())
    return is_opaque and bool(even < CANVAS_EVEN or crossings > MAX_CROSSINGS)
