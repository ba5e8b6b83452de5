from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from classifier import HandwrittenDigitsClassifier
from classifier.network.reading import MIN_CONFIDENCE
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
    assert prediction.reason == "There is no ink here that I can find."
    assert prediction.digits == ()


@pytest.mark.parametrize("side", [60, 280])
def test_a_spot_is_no_digit(classifier: HandwrittenDigitsClassifier, side: int) -> None:
    picture = Image.new("L", (side, side), 255)
    ImageDraw.Draw(picture).ellipse((10, 10, 31, 31), fill=0)
    prediction = classifier.predict(picture)
    assert prediction.verdict == "unsure"
    assert prediction.reason == "So far this is a spot rather than a digit."
    assert prediction.digits == ()


def answering(*probabilities: float) -> Callable[[list[object]], NDArray[np.float32]]:
    return lambda images: np.array([probabilities] * len(images), np.float32)


@pytest.mark.parametrize(
    ("probabilities", "reason"),
    [
        (
            (0.02, 0.01, 0.02, 0.02, 0.45, 0.02, 0.02, 0.02, 0.02, 0.4),
            "It could be a 4 or a 9: 45% against 40%.",
        ),
        (
            (0.1, 0.1, 0.05, 0.05, 0.3, 0.1, 0.05, 0.05, 0.1, 0.1),
            "This does not look like a digit: even the likeliest, 4, has only 30%.",
        ),
    ],
    ids=["two candidates", "like no digit"],
)
def test_a_weak_guess_is_no_answer_and_the_reason_says_why(
    classifier: HandwrittenDigitsClassifier,
    monkeypatch: pytest.MonkeyPatch,
    probabilities: tuple[float, ...],
    reason: str,
) -> None:
    monkeypatch.setattr(classifier.network, "probabilities", answering(*probabilities))
    prediction = classifier.predict(draw(4))

    assert prediction.verdict == "unsure"
    assert prediction.text is None
    assert prediction.reason == reason
    assert prediction.digits[0].digit == 4


def test_an_answer_is_given_from_the_least_confidence_on(
    classifier: HandwrittenDigitsClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    for confidence, verdict in (
        (MIN_CONFIDENCE - 0.01, "unsure"),
        (MIN_CONFIDENCE + 0.01, "digit"),
    ):
        rest = (1 - confidence) / 9
        monkeypatch.setattr(classifier.network, "probabilities", answering(confidence, *[rest] * 9))
        assert classifier.predict(draw(0)).verdict == verdict


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
