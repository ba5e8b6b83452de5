"""A digit moved, turned, drawn with another pen, or prepared differently."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from classifier import Alteration, HandwrittenDigitsClassifier, ParameterError
from tests.handwriting import DIGITS, draw, draw_number

NEITHER = {"fit": False, "centre": False}


@pytest.mark.parametrize("digit", DIGITS)
def test_without_changes_the_reading_is_that_of_predict(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    for picture in (draw(digit), draw(digit, side=2400, pen=200), draw(digit, side=28, pen=2)):
        reading = classifier.explain(picture).alter(Alteration())
        (real,) = classifier.predict(picture).digits
        assert (reading.digit, reading.probabilities) == (real.digit, real.probabilities)
        np.testing.assert_array_equal(reading.image, real.image)


def test_without_changes_each_digit_of_a_number_is_read_as_predict_does(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    picture = draw_number("1984", gap=-3)
    for number, real in enumerate(classifier.predict(picture).digits):
        reading = classifier.explain(picture, number).alter(Alteration())
        assert reading.probabilities == real.probabilities


@pytest.mark.parametrize("digit", DIGITS)
def test_moving_a_centred_digit_changes_nothing(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    still = classifier.explain(draw(digit)).alter(Alteration())
    assert classifier.explain(draw(digit)).alter(Alteration(right=9.5, down=-14)) == still
    sheet = (-700.0, -50.0, 1200.0, 900.0)
    assert classifier.explain(draw(digit)).alter(Alteration(down=3, sheet=sheet)) == still


def test_a_6_turned_by_180_degrees_is_a_9(classifier: HandwrittenDigitsClassifier) -> None:
    for turn in (180, -180):
        assert classifier.explain(draw(6)).alter(Alteration(turn=turn)).digit == 9
        assert classifier.explain(draw(9)).alter(Alteration(turn=turn)).digit == 6


@pytest.mark.parametrize("turn", [90, 180, -35, 12.5])
def test_a_positive_turn_is_clockwise(classifier: HandwrittenDigitsClassifier, turn: float) -> None:
    picture = draw(4, box=(50, 50, 180))
    turned = picture.rotate(-turn, Image.Resampling.BICUBIC, fillcolor=255)
    expected = classifier.explain(turned).alter(Alteration()).image
    found = classifier.explain(picture).alter(Alteration(turn=turn)).image
    assert np.abs(found - expected).mean() < 0.015
    mirrored = classifier.explain(picture).alter(Alteration(turn=-turn)).image
    assert turn == 180 or np.abs(mirrored - expected).mean() > 0.05


def test_a_thicker_pen_leaves_more_ink_and_a_thinner_one_less(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    pens = (0.25, 0.5, 1, 2, 4)
    amounts = [classifier.explain(draw(3)).alter(Alteration(pen=pen)).image.sum() for pen in pens]
    assert amounts == sorted(amounts)


def test_neither_fitted_nor_centred_the_image_is_the_reduced_sheet(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    picture = draw(5, side=280, pen=20, box=(20, 100, 120))
    reading = classifier.explain(picture).alter(Alteration(**NEITHER))
    small = 1 - np.asarray(picture.resize((28, 28), Image.Resampling.BILINEAR)) / 255
    np.testing.assert_allclose(reading.image, small / small.max(), atol=0.12)


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (-2, 5)])
def test_moves_are_in_pixels_of_the_image(
    classifier: HandwrittenDigitsClassifier, right: int, down: int
) -> None:
    picture = draw(5, side=280, pen=20, box=(60, 60, 160))
    still = classifier.explain(picture).alter(Alteration(**NEITHER)).image
    moved = classifier.explain(picture).alter(Alteration(right=right, down=down, **NEITHER)).image
    np.testing.assert_allclose(moved, np.roll(still, (down, right), axis=(0, 1)), atol=0.01)


def test_the_sheet_may_reach_beyond_the_picture(classifier: HandwrittenDigitsClassifier) -> None:
    """The page posts the drawing cut to its box, and says which sheet it was drawn on."""
    whole = draw(5, side=280, pen=20, box=(20, 100, 120))
    left, top, right, bottom = classifier.predict(whole).digits[0].box
    cut = whole.crop((left - 2, top - 2, right + 2, bottom + 2))
    sheet = (2.0 - left, 2.0 - top, 280.0, 280.0)
    expected = classifier.explain(whole).alter(Alteration(**NEITHER))
    reading = classifier.explain(cut).alter(Alteration(**NEITHER, sheet=sheet))
    np.testing.assert_allclose(reading.image, expected.image, atol=0.01)


def test_the_longer_side_of_the_sheet_is_the_side_of_the_image(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    wide = Alteration(**NEITHER, sheet=(-140.0, 0.0, 560.0, 280.0))
    square = Alteration(**NEITHER, sheet=(-140.0, -140.0, 560.0, 560.0))
    assert classifier.explain(draw(5)).alter(wide) == classifier.explain(draw(5)).alter(square)


@pytest.mark.parametrize("fit", [True, False])
@pytest.mark.parametrize("centre", [True, False])
@pytest.mark.parametrize(
    "sheet",
    [(0, 0, 1, 1), (1e6, 1e6, 1e6, 1e6), (-1e6, -1e6, 1e6, 1e6), (0, 0, 1e6, 1), (-3, 7, 300, 90)],
)
@pytest.mark.parametrize("more", [{}, {"turn": 33.3, "pen": 4}, {"right": 14, "down": -14}])
def test_any_sheet_gives_an_image(
    classifier: HandwrittenDigitsClassifier, fit: bool, centre: bool, sheet: Any, more: Any
) -> None:
    for picture in (draw(2), draw(1, side=900, pen=5)):
        alteration = Alteration(fit=fit, centre=centre, sheet=sheet, **more)
        image = classifier.explain(picture).alter(alteration).image
        assert image.shape == (28, 28)
        assert image.dtype == np.float32
        assert 0 <= image.min() <= image.max() <= 1


def test_if_no_ink_is_left_the_image_is_empty(classifier: HandwrittenDigitsClassifier) -> None:
    gone = Alteration(right=14, centre=False, sheet=(400, 400, 280, 280))
    thinner = Alteration(pen=0.25)
    hair = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(hair).line([(100, 10), (100, 190)], fill=0)
    assert not classifier.explain(draw(3)).alter(gone).image.any()
    reading = classifier.explain(hair).alter(thinner)
    assert sum(reading.probabilities) == pytest.approx(1, abs=1e-5)


BAD = [
    ("right", 14.1, "a number from -14 to 14, received 14.1"),
    ("down", -15, "a number from -14 to 14, received -15"),
    ("down", math.nan, "received nan"),
    ("turn", 181, "a number from -180 to 180, received 181"),
    ("turn", "x", "received 'x'"),
    ("turn", math.inf, "received inf"),
    ("turn", True, "received True"),
    ("pen", 0, "a number from 0.25 to 4, received 0"),
    ("pen", None, "received None"),
    ("fit", 1, "true or false, received 1"),
    ("centre", "yes", "true or false, received 'yes'"),
    ("sheet", (0, 0, 0, 5), "left, top, width and height in pixels, at least 1 wide"),
    ("sheet", (0, 0, 5, -5), r"received \(0, 0, 5, -5\)"),
    ("sheet", (0, 0, 5), r"received \(0, 0, 5\)"),
    ("sheet", (0, 0, math.nan, 5), "nan"),
    ("sheet", (math.inf, 0, 5, 5), "inf"),
    ("sheet", (0, 0, 1e9, 5), "none above 1,000,000"),
    ("sheet", "0,0,5,5", "received '0,0,5,5'"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_a_value_outside_its_range_is_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=f"Expected {name} to be .*{message}"):
        Alteration(**{name: value})


@pytest.mark.parametrize("digit", DIGITS)
def test_the_least_changes_change_the_answer(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    picture = draw(digit, pen=12)
    (real,) = classifier.predict(picture).digits
    changes = classifier.explain(picture).least_changes()
    kinds = ("turned left", "turned right", "thinner", "thicker", "moved")
    assert [change.kind for change in changes] == [
        kind for kind in kinds if kind in {change.kind for change in changes}
    ]
    for change in changes:
        assert change.reading.digit != real.digit
        assert classifier.explain(picture).alter(change.alteration) == change.reading


def test_a_7_turned_left_becomes_a_1(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    changes = {change.kind: change for change in classifier.explain(draw(7)).least_changes()}
    turned = changes["turned left"]
    assert turned.reading.digit == 1
    assert -45 <= turned.alteration.turn < -9
    less = Alteration(turn=turned.alteration.turn + 3)
    assert classifier.explain(draw(7)).alter(less).digit == 7


def test_the_least_move_is_on_the_sheet_without_centring(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    sheet = (0.0, 0.0, 280.0, 280.0)
    *_, moved = classifier.explain(draw(9)).least_changes(sheet=sheet)
    assert moved.kind == "moved"
    assert not moved.alteration.centre
    assert moved.alteration.sheet == sheet
    assert 0 < math.hypot(moved.alteration.right, moved.alteration.down) <= 14
