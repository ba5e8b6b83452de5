"""Place, colours and size of a drawing make no difference to the network's input.

Ink of two tones is not rounded, so that the inputs must be equal. Other tolerances are derived.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray
from PIL import Image

from classifier import HandwrittenDigitsClassifier
from classifier.ink.decode import decode
from classifier.ink.find import FAINTEST_INK, MIN_CONTRAST, find_ink
from classifier.ink.normalise import DIGIT_SIDE, NormalisedInk, normalise
from tests.handwriting import draw

MARGIN = 2  # pixels of paper around the ink, by which its colour is known
# Denser ink may be a sheet of paper with something on it.
stencils = npst.arrays(bool, st.tuples(*[st.integers(1, 40)] * 2)).filter(
    lambda stencil: 0 < stencil.mean() < 0.3
)
offsets = st.integers(0, 60)
digits = st.integers(0, 9)
colours = st.tuples(*[st.integers(0, 255)] * 3)


def seen(picture: Image.Image | NDArray[Any]) -> NormalisedInk:
    return normalise(find_ink(decode(picture)))


def on_a_sheet(stencil: NDArray[Any], left: int, top: int, right: int, bottom: int) -> Image.Image:
    """A mask: the stencil, with so much empty paper around it."""
    margins = ((top + MARGIN, bottom + MARGIN), (left + MARGIN, right + MARGIN))
    return Image.fromarray(np.pad(stencil, margins).astype(np.uint8) * 255)


def coloured(mask: Image.Image, ink: tuple[int, ...], paper: tuple[int, ...]) -> Image.Image:
    mode = "RGBA" if len(ink) == 4 else "RGB"
    return Image.composite(Image.new(mode, mask.size, ink), Image.new(mode, mask.size, paper), mask)


@given(stencils, offsets, offsets, offsets, offsets)
def test_any_ink_is_seen_the_same_wherever_it_is(
    stencil: NDArray[Any], left: int, top: int, right: int, bottom: int
) -> None:
    here = seen(on_a_sheet(stencil, 0, 0, right, bottom))
    there = seen(on_a_sheet(stencil, left, top, 0, 0))
    np.testing.assert_array_equal(here.image, there.image)
    assert np.subtract(there.box, here.box).tolist() == [left, top, left, top]


@given(stencils, colours, colours)
@example(np.ones((1, 1), bool), (0, 0, 0), (0, 0, MIN_CONTRAST))
def test_any_ink_is_seen_the_same_in_any_colours(
    stencil: NDArray[Any], ink: tuple[int, ...], paper: tuple[int, ...]
) -> None:
    assume(max(abs(i - p) for i, p in zip(ink, paper, strict=True)) >= MIN_CONTRAST)
    mask = on_a_sheet(stencil, 0, 0, 0, 0)
    np.testing.assert_array_equal(seen(coloured(mask, ink, paper)).image, seen(mask).image)


@given(digits, st.integers(6, 25), colours)
def test_strokes_with_soft_edges_are_seen_the_same_on_a_transparent_sheet(
    digit: int, pen: int, ink: tuple[int, ...]
) -> None:
    mask = draw(digit, side=100, pen=pen, ink=255, paper=0)
    picture = Image.new("RGB", mask.size, ink)
    picture.putalpha(mask)  # as a canvas has it: one colour, ever less of it
    np.testing.assert_array_equal(seen(picture).image, seen(mask).image)


@given(digits, st.integers(6, 25), colours, colours)
def test_strokes_with_soft_edges_are_seen_nearly_the_same_in_any_colours(
    classifier: HandwrittenDigitsClassifier,
    digit: int,
    pen: int,
    ink: tuple[int, ...],
    paper: tuple[int, ...],
) -> None:
    """A colour is rounded, by half a level of the contrast.

    That alone moves a pixel by 1 / contrast at most, half for itself and half for the strongest
    ink. But ink at the edge of being too faint may go or stay; and an edge of the box with it, by
    one pixel of the picture, of which five are one of the field.
    """
    contrast = max(abs(i - p) for i, p in zip(ink, paper, strict=True))
    assume(contrast >= 2 * MIN_CONTRAST)
    mask = draw(digit, side=100, pen=pen, ink=255, paper=0)
    picture = coloured(mask, ink, paper)

    expected, found = find_ink(decode(mask)), find_ink(decode(picture))
    both = (expected > 0) & (found > 0)
    np.testing.assert_allclose(found[both], expected[both], atol=1 / contrast)
    assert max(found[~both].max(), expected[~both].max()) <= FAINTEST_INK + 1 / contrast
    np.testing.assert_allclose(seen(picture).image, seen(mask).image, atol=0.2)
    assert classifier.predict(picture).text == classifier.predict(mask).text


@given(digits, st.integers(8, 25), st.integers(50, 150), st.integers(2, 10))
@example(3, 12, 150, 10)  # 1,500 pixels: larger than what is read without being reduced first
def test_a_digit_enlarged_is_seen_nearly_the_same(
    classifier: HandwrittenDigitsClassifier, digit: int, pen: int, side: int, times: int
) -> None:
    """Each pixel of the picture is weighed by the height of a triangle at the pixel's middle.

    Enlarged, it is weighed by the triangle's mean over the pixel instead. The two differ only where
    the triangle has a corner: at its top by 1 / (4 p^2) and at its two feet by half of that, p
    being the pixels of the picture to one of the field; so by 1 / (2 p^2) in all, each way.
    Division by the strongest ink can double this.
    """
    mask = np.asarray(draw(digit, side=side, pen=pen * side / 100, ink=255, paper=0))
    enlarged = mask.repeat(times, axis=0).repeat(times, axis=1)
    (small,) = classifier.predict(mask).digits
    (large,) = classifier.predict(enlarged).digits
    left, top, right, bottom = small.box
    pixel = max(right - left, bottom - top) / DIGIT_SIDE
    np.testing.assert_allclose(large.image, small.image, atol=2 / pixel**2)
    assert large.digit == small.digit
