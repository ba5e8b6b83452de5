from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.ink.decode import decode
from classifier.ink.find import find_ink
from classifier.ink.normalise import Field, NormalisedInk, by_box, normalise, place_field, resample
from tests.handwriting import DIGITS, draw


def prepared(digit: int, **how: object) -> NormalisedInk:
    return normalise(find_ink(decode(draw(digit, **how))))  # type: ignore[arg-type]


def centre_of_mass(image: NDArray[np.float32]) -> tuple[float, float]:
    middles = np.arange(28) + 0.5
    return float(image.sum(0) @ middles / image.sum()), float(image.sum(1) @ middles / image.sum())


@pytest.mark.parametrize("digit", DIGITS)
def test_ink_fits_20_by_20_and_its_mass_lies_on_the_centre(digit: int) -> None:
    image = prepared(digit).image

    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() == 1
    assert centre_of_mass(image) == pytest.approx((14.5, 14.5), abs=0.1)
    rows, columns = np.flatnonzero(image.max(1) > 0.3), np.flatnonzero(image.max(0) > 0.3)
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    assert 19 <= extent <= 21


def test_the_aspect_is_kept() -> None:
    image = prepared(1).image
    assert (image.max(0) > 0.3).sum() <= 3
    assert (image.max(1) > 0.3).sum() >= 19


def test_the_box_is_that_of_the_ink() -> None:
    ink = np.zeros((40, 60), np.float32)
    ink[5:35, 20:30] = 1
    assert normalise(ink).box == (20, 5, 30, 35)


def test_no_ink_is_nothing() -> None:
    with pytest.raises(ValueError, match="Expected ink, received none"):
        normalise(np.zeros((40, 60), np.float32))


@pytest.mark.parametrize("shape", [(1, 1), (1, 280), (280, 1), (3, 2)])
def test_specks_and_lines_are_prepared_too(shape: tuple[int, int]) -> None:
    result = normalise(np.ones(shape, np.float32))
    assert result.image.max() == 1


def test_ink_far_from_the_centre_of_mass_stays_in_the_field() -> None:
    ink = np.zeros((200, 200), np.float32)
    ink[150:200, 150:200] = 1  # a heavy blot ...
    ink[:150, 198:200] = 1  # ... with a long thin tail
    result = normalise(ink)
    assert result.image[:10].max() > 0.1
    assert result.image.sum() == pytest.approx(ink.sum() / 100, rel=0.1)


@pytest.mark.parametrize("digit", DIGITS)
def test_to_show_what_for_the_box_may_be_centred_instead(digit: int) -> None:
    ink = find_ink(decode(draw(digit)))
    by_its_box = normalise(ink, by_box)
    image = by_its_box.image
    for axis in (0, 1):
        inked = np.flatnonzero(image.max(axis) > 0.3)
        assert inked[0] + inked[-1] + 1 == pytest.approx(28, abs=1)
        assert inked[-1] - inked[0] <= 20


def test_a_field_shows_what_lies_in_it() -> None:
    ink = np.zeros((30, 40), np.float32)
    ink[10:20, 5:15] = 0.5
    image = resample(ink, Field(left=-3, top=6, pixel=1))
    expected = np.zeros((28, 28), np.float32)
    expected[4:14, 8:18] = 1  # the strongest ink is 1
    np.testing.assert_allclose(image, expected, atol=1e-6)


@pytest.mark.parametrize(("left", "top"), [(40, 0), (0, 30), (-28, 0), (1e9, -1e9)])
def test_a_field_beside_the_ink_is_empty(left: float, top: float) -> None:
    ink = np.ones((30, 40), np.float32)
    assert not resample(ink, Field(left, top, pixel=1)).any()


def test_ink_larger_than_the_field_begins_at_its_edge() -> None:
    assert place_field(np.ones((100, 10), np.float32), pixel=2) == Field(-24, 0, 2)
