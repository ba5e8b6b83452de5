"""Cutting ink apart where digits touch."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from classifier.ink.cuts import cut_apart
from classifier.learning.handwriting import draw
from tests.handwriting import DIGITS


def two_digits(left: int, right: int, height: int, pen: float) -> tuple[np.ndarray, np.ndarray]:
    """The ink of two digits that just touch, each on the picture of both."""
    scale = height / 100
    one, other = ([np.array(s) * scale + pen for s in DIGITS[digit]] for digit in (left, right))
    size = 2 * height + 4 * round(pen), height + 4 * round(pen)
    first = np.asarray(draw(one, size, pen)) / np.float32(255)
    for offset in range(size[0] - height - round(pen), 0, -1):
        second = np.asarray(
            draw([s + np.array((offset, 0)) for s in other], size, pen)
        ) / np.float32(255)
        if ((first > 0.5) & (second > 0.5)).any():
            return first, second
    raise AssertionError("They never touch.")


@pytest.mark.parametrize(("left", "right"), [(8, 0), (2, 0), (4, 7), (3, 8), (6, 5), (9, 2)])
@pytest.mark.parametrize(("height", "pen"), [(40, 5), (80, 8), (120, 16), (250, 12)])
def test_digits_that_touch_come_apart(left: int, right: int, height: int, pen: float) -> None:
    first, second = two_digits(left, right, height, pen)
    ink = np.maximum(first, second)
    parts = cut_apart(ink, height)
    assert parts.dtype == np.int32
    np.testing.assert_array_equal(parts >= 0, ink > 0)
    mine = np.zeros(ink.shape, bool)  # the parts that are more of the first digit
    for number in range(parts.max() + 1):
        mine |= (parts == number) & (first[parts == number].sum() > second[parts == number].sum())
    for digit, ours in ((first, mine), (second, ~mine)):
        own = ink * ours
        assert np.minimum(own, digit).sum() / np.maximum(own, digit).sum() > 0.8


@pytest.mark.parametrize("pen", [4, 14])
def test_a_smooth_stroke_stays_whole(pen: int) -> None:
    picture = Image.new("L", (200, 120))
    ImageDraw.Draw(picture).ellipse((10, 10, 90, 110), outline=255, width=pen)
    assert cut_apart(np.asarray(picture) / np.float32(255), 100).max() == 0


def test_a_scribble_of_countless_corners_stays_whole() -> None:
    picture = Image.new("L", (1000, 60))
    pencil = ImageDraw.Draw(picture)
    for y in (15, 30, 45):
        pencil.line((0, y, 1000, y), fill=255, width=2)
    for x in range(0, 1000, 8):
        pencil.line((x, 0, x, 60), fill=255, width=2)
    assert cut_apart(np.asarray(picture) / np.float32(255), 60).max() == 0


@pytest.mark.parametrize("side", [1, 2, 7])
def test_the_smallest_pieces_of_ink_are_one_part(side: int) -> None:
    assert (cut_apart(np.full((side, side), 0.2, np.float32), side) == 0).all()
