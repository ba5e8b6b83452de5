"""A picture -> how much ink lies on each of its pixels, whatever the colours of ink and paper."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

# Of 255 levels, how far the strongest ink must stand out of the paper to be ink at all. A hard
# pencil on white paper leaves about 60; the compression and noise of an empty photograph, 10.
MIN_CONTRAST = 24
# As a share of the strongest ink: what is fainter is the paper's grain, not a stroke.
FAINTEST_INK = 0.1


def find_ink(picture: Image.Image) -> NDArray[np.float32]:
    """Returns the ink on each pixel of `picture`, (height, width) float32 in [0, 1].

    The paper is the median colour along the picture's border; the ink on a pixel is how far its
    colour lies from the paper's, in the channel where they differ most, in units of the strongest
    ink in the picture. Colours being multiplied by their opacity, black and white strokes on a
    transparent canvas are both ink. A picture without ink is zero everywhere.

    Args:
        picture: a PIL image of mode RGBa or RGB, as `decode` returns it.
    """
    paper = Image.new(picture.mode, picture.size, _paper_colour(picture))
    channels = ImageChops.difference(picture, paper).split()
    difference = np.asarray(functools.reduce(ImageChops.lighter, channels))
    contrast = int(difference.max())
    if contrast < MIN_CONTRAST:
        return np.zeros(difference.shape, np.float32)
    ink = difference.astype(np.float32) / np.float32(contrast)
    ink[ink < FAINTEST_INK] = 0.0
    return ink


def _paper_colour(picture: Image.Image) -> tuple[int, ...]:
    pixels = np.asarray(picture)
    border = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    return tuple(map(int, np.median(border, axis=0)))
