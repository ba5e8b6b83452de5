from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from classifier import HandwrittenDigitsClassifier
from tests.handwriting import DIGITS, draw


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"pen": 8, "box": (150, 20, 110)},
        {"mode": "RGB", "ink": "yellow", "paper": "navy"},
        {"mode": "RGBA", "ink": (255, 255, 255, 255), "paper": (0, 0, 0, 0)},
    ],
)
def test_a_digit_is_read(
    classifier: HandwrittenDigitsClassifier, digit: int, how: dict[str, Any]
) -> None:
    prediction = classifier.predict(draw(digit, **how))

    assert prediction.verdict == "digit"
    assert prediction.text == str(digit)
    assert prediction.reason is None
    (reading,) = prediction.digits
    assert reading.digit == digit
    assert reading.confidence == max(reading.probabilities) > 0.5
    assert sum(reading.probabilities) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "picture",
    [Image.new("L", (280, 280), 255), Image.new("RGBA", (9, 9)), np.zeros((1, 1)), np.ones((5, 5))],
)
def test_a_blank_sheet_gets_no_digit(classifier: HandwrittenDigitsClassifier, picture: Any) -> None:
    prediction = classifier.predict(picture)
    assert prediction.verdict == "blank"
    assert prediction.text is None
    assert prediction.reason == "There is nothing drawn here yet."
    assert prediction.digits == ()


@pytest.mark.parametrize("side", [60, 280])
def test_a_spot_is_no_digit(classifier: HandwrittenDigitsClassifier, side: int) -> None:
    picture = Image.new("L", (side, side), 255)
    ImageDraw.Draw(picture).ellipse((10, 10, 31, 31), fill=0)
    prediction = classifier.predict(picture)
    assert prediction.verdict == "unsure"
    assert prediction.reason == "So far this is a spot rather than a digit."
    assert prediction.digits == ()


def test_a_weak_guess_is_no_answer(
    classifier: HandwrittenDigitsClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = np.array([[0.02, 0.01, 0.02, 0.02, 0.45, 0.02, 0.02, 0.02, 0.02, 0.4]], np.float32)
    monkeypatch.setattr(classifier.network, "probabilities", lambda images: weak)
    prediction = classifier.predict(draw(4))

    assert prediction.verdict == "unsure"
    assert prediction.text is None
    assert prediction.reason is not None
    assert "a 4 or a 9" in prediction.reason
    assert prediction.digits[0].digit == 4


def test_the_box_is_in_pixels_of_the_picture(classifier: HandwrittenDigitsClassifier) -> None:
    for side in (60, 280, 2400):
        picture = draw(0, side=side, pen=side / 20)
        left, top, right, bottom = classifier.predict(picture).digits[0].box
        expected = [edge / 100 * side for edge in (25 - 2.5, 10 - 2.5, 75 + 2.5, 90 + 2.5)]
        assert [left, top, right, bottom] == pytest.approx(expected, abs=0.02 * side)


def test_predictions_can_be_compared(classifier: HandwrittenDigitsClassifier) -> None:
    assert classifier.predict(draw(7)) == classifier.predict(draw(7))
    assert len({classifier.predict(draw(7)), classifier.predict(draw(8))}) == 2


def test_the_picture_that_the_network_saw_is_a_png(classifier: HandwrittenDigitsClassifier) -> None:
    reading = classifier.predict(draw(7)).digits[0]
    picture = Image.open(io.BytesIO(reading.png()))
    assert picture.size == (28, 28)
    np.testing.assert_allclose(np.asarray(picture) / 255, reading.image, atol=1 / 255)
