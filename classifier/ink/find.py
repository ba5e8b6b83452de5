"""A picture -> how much ink lies on each of its pixels, whatever the colours of ink and paper."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from classifier.ink.decode import Pixels
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


def find_ink(pixels: Pixels) -> NDArray[np.float32]:
    """Returns the ink on each pixel of a picture, (height, width) float32 in [0, 1].

    The paper is the median colour along the picture's border; the ink on a pixel is how far its
    colour lies from the paper's, in the channel where they differ most, in units of the strongest
    ink in the picture. Colours being multiplied by their opacity, black and white strokes on a
    transparent canvas are both ink. A picture without ink is zero everywhere.

    So it is on a canvas. Where the border shows that the paper has no one colour, the picture is
    left to `find_ink_in_photograph`.

    Args:
        pixels: (height, width, channels) uint8, as `decode` returns them.
    """
    border = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    paper = border[0]
    if (border != paper).any():  # seldom, and what follows takes as long as all the rest
        paper = np.median(border, axis=0).astype(np.uint8)
        if _is_photograph(pixels.shape, border, paper):
            return find_ink_in_photograph(pixels)
    if pixels.shape[2] == 1:
        levels, zero = pixels[:, :, 0], int(paper[0])
    else:
        blank = np.frombuffer(paper.tobytes() * (pixels.shape[0] * pixels.shape[1]), np.uint8)
        channels = cv2.split(cv2.absdiff(pixels, blank.reshape(pixels.shape)))
        levels, zero = np.asarray(functools.reduce(cv2.max, channels), np.uint8), 0
    darkest, lightest, _, _ = cv2.minMaxLoc(levels)
    contrast = int(max(zero - darkest, lightest - zero))
    if contrast < MIN_CONTRAST:
        return np.zeros(levels.shape, np.float32)
    return np.asarray(cv2.LUT(levels, _ink_by_level(zero, contrast)), np.float32)


@functools.lru_cache(1024)
def _ink_by_level(zero: int, contrast: int) -> NDArray[np.float32]:
    """How much ink each of the 256 levels is, `zero` being none and `contrast` off it being all."""
    ink: NDArray[np.float32] = np.arange(256, dtype=np.float32)
    ink -= zero
    np.abs(ink, out=ink)
    ink /= contrast
    ink[ink < FAINTEST_INK] = 0.0
    return ink


def _is_photograph(
    shape: tuple[int, ...], border: NDArray[np.uint8], paper: NDArray[np.uint8]
) -> bool:
    """Whether the border is that of paper that was photographed or scanned."""
    if min(shape[:2]) < SMALLEST_PHOTOGRAPH:
        return False
    is_paper = (border == paper).all(axis=1)
    even = np.count_nonzero(is_paper) / len(is_paper)
    crossings = np.count_nonzero(is_paper[1:] < is_paper[:-1])
    is_opaque = bool((border[:, 3:] == 255).all())
    return is_opaque and bool(even < CANVAS_EVEN or crossings > MAX_CROSSINGS)
