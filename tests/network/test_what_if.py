"""The same drawing, had it been prepared or drawn otherwise."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from PIL import Image, ImageDraw

from classifier import (
    DigitError,
    HandwrittenDigitsClassifier,
    OrderError,
    PictureError,
    Variant,
    WhatIf,
)
from classifier.learning import handwriting
from classifier.learning.handwriting import fit, random_writer, write_digit
from classifier.network.what_if import PENS, VariantName
from tests.handwriting import DIGITS, draw, draw_number


def what_if(classifier: HandwrittenDigitsClassifier, picture: Image.Image) -> WhatIf:
    return classifier.explain(picture).what_if()


@pytest.mark.parametrize("digit", DIGITS)
def test_each_variant_shows_what_the_network_would_have_seen_and_said(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    picture = draw(digit, pen=12, box=(10, 10, 120))
    found = what_if(classifier, picture)
    (real,) = classifier.predict(picture).digits

    assert [each.name for each in found.variants] == list(get_args(VariantName))
    assert [each.pen for each in found.pens] == list(PENS)
    for variant in (*found.variants, *found.pens):
        assert variant.image.shape == (28, 28)
        assert variant.image.dtype == np.float32
        assert 0 <= variant.image.min() < variant.image.max() <= 1
        assert sum(variant.probabilities) == pytest.approx(1, abs=1e-5)
        assert variant.confidence == max(variant.probabilities)
        assert variant.flips == (variant.digit != real.digit)
        assert variant.png().startswith(b"\x89PNG")


@pytest.mark.parametrize("digit", DIGITS)
def test_centred_by_mass_is_the_real_thing(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    found = what_if(classifier, draw(digit))
    (real,) = classifier.predict(draw(digit)).digits
    for variant in (found.variants[2], found.pens[PENS.index(1)]):
        assert variant.name == "centred by mass"
        assert variant.probabilities == real.probabilities
        assert not variant.flips
        np.testing.assert_array_equal(variant.image, real.image)


def test_scaled_straight_the_digit_stays_small_and_in_its_corner(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    straight = what_if(classifier, draw(0, pen=12, box=(10, 10, 140))).variants[0]
    assert straight.name == "scaled straight"
    assert straight.image[:15, :15].sum() == pytest.approx(straight.image.sum())


def test_thinner_and_thicker_pens_leave_thinner_and_thicker_strokes(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    found = what_if(classifier, draw(3))
    amounts = [float(each.image.sum()) for each in found.pens]
    assert amounts == sorted(amounts)
    assert amounts[-1] > 2 * amounts[0]


def test_the_answer_flips_at_the_pen_next_to_the_real_one() -> None:
    def variant(pen: float, flips: bool) -> Variant:
        return Variant(
            digit=1,
            probabilities=(0.1,) * 10,
            image=np.zeros((28, 28), np.float32),
            name="thinner",
            pen=pen,
            flips=flips,
        )

    flipping = {0.25: True, 0.5: True, 0.7: False, 1.0: False, 1.4: False, 2.0: True, 4.0: False}
    found = WhatIf((), tuple(variant(pen, flips) for pen, flips in flipping.items()))
    assert (found.flips_at_thinner, found.flips_at_thicker) == (0.5, 2.0)
    assert WhatIf((), ()).flips_at_thinner is None
    assert WhatIf((), ()).flips_at_thicker is None


def spot() -> Image.Image:
    picture = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(picture).ellipse((100, 100, 140, 140), fill=0)
    return picture


@pytest.mark.parametrize(
    "picture",
    [Image.new("L", (280, 280), 255), Image.new("RGBA", (1, 1)), spot(), draw_number("3" * 21)],
)
def test_where_no_digit_is_read_there_is_no_what_if(
    classifier: HandwrittenDigitsClassifier, picture: Image.Image
) -> None:
    assert classifier.predict(picture).digits == ()
    with pytest.raises(DigitError):
        classifier.explain(picture)


@pytest.mark.parametrize("shape", [(1, 300), (300, 1), (2, 2), (2400, 2400)])
def test_any_ink_has_its_variants(
    classifier: HandwrittenDigitsClassifier, shape: tuple[int, int]
) -> None:
    picture = np.zeros(shape, np.uint8)
    picture[0, -1] = 255
    for digit in range(len(classifier.predict(picture).digits)):
        assert len(classifier.explain(picture, digit).what_if().variants) == 5


def test_its_errors_are_those_of_predict(classifier: HandwrittenDigitsClassifier) -> None:
    with pytest.raises(OrderError, match=r"call load_model\(\)"):
        HandwrittenDigitsClassifier().explain(draw(3)).what_if()
    with pytest.raises(PictureError, match=r"Expected .* received nothing"):
        classifier.explain(b"").what_if()


def test_it_teaches_scaled_straight_small_digits_are_misread_and_prepared_they_are_not(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    """Written by random writers in a corner of a canvas, a quarter as large."""
    random = np.random.default_rng(0)
    misread = dict.fromkeys(get_args(VariantName), 0)
    for k in range(100):
        writer = random_writer(random)
        strokes = fit(write_digit(k % 10, writer, random), side=70, margin=15)
        picture = handwriting.draw(strokes, (280, 280), max(70 * writer.pen, 2))
        for variant in what_if(classifier, picture).variants:
            misread[variant.name] += variant.digit != k % 10
    assert misread["scaled straight"] >= 75
    assert misread["centred by mass"] <= 2
    assert misread["thinner"] <= 5
