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
from tests.handwriting import DIGITS, draw, draw_number


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


NUMBERS = [(text, height) for text in ("6", "27", "660", "4158", "903") for height in (60, 120)]


def sheet(text: str, height: int, gap: float) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A number with a margin of its height on all sides, and a pencil to add to it."""
    picture = draw_number(text, height=height, gap=gap * height, pen=height / 9, margin=height)
    return picture, ImageDraw.Draw(picture)


@pytest.mark.parametrize(("text", "height"), NUMBERS)
@pytest.mark.parametrize("kind", ["box", "ring", "frame", "line under", "line above"])
def test_what_is_around_a_number_is_not_read(
    classifier: HandwrittenDigitsClassifier, kind: str, text: str, height: int
) -> None:
    picture, pencil = sheet(text, height, 0.5)
    left = top = height // 3
    right, bottom = picture.width - left, picture.height - top
    if kind == "box":
        pencil.rectangle((left, top, right, bottom), outline=0, width=height // 30)
    elif kind == "ring":
        pencil.ellipse((2, 2, picture.width - 2, picture.height - 2), outline=0, width=height // 10)
    elif kind == "frame":
        pencil.rectangle((2, 2, picture.width - 3, picture.height - 3), outline=120)
    else:
        y = top if kind == "line above" else bottom
        pencil.line((left, y, right, y + 2), fill=0, width=height // 30)
    assert classifier.predict(picture).text == text


@pytest.mark.parametrize(("text", "height"), NUMBERS)
@pytest.mark.parametrize("reason", ["There is a line through it.", "The digit touches a box."])
def test_what_is_in_the_way_is_named(
    classifier: HandwrittenDigitsClassifier, reason: str, text: str, height: int
) -> None:
    picture, pencil = sheet(text, height, 0.25)
    left, right, bottom = height / 2, picture.width - height / 2, picture.height - height / 2
    if "line" in reason:
        y = picture.height / 2
        pencil.line((left, y, right, y + 2), fill=0, width=height // 10)
    else:
        pencil.rectangle((left, 1.05 * height, right, bottom), outline=0, width=2)
    assert classifier.predict(picture).reason == reason


@pytest.mark.parametrize(("text", "height"), [*NUMBERS[2:], ("58", 90), ("111", 200)])
@pytest.mark.parametrize(
    ("name", "strokes"),  # from x, y to x, y in heights; 0, 0 is the middle between two digits
    [
        ("a point", [(0, 0.34, 0, 0.44)]),
        ("a comma", [(0.03, 0.32, -0.03, 0.56)]),
        ("a minus", [(-0.16, 0, 0.16, 0)]),
        ("a colon", [(0, 0.34, 0, 0.44), (0, -0.2, 0, -0.1)]),
        ("an equals sign", [(-0.16, -0.08, 0.16, -0.08), (-0.16, 0.12, 0.16, 0.12)]),
        ("a slash", [(0.14, -0.48, -0.14, 0.5)]),
    ],
)
def test_a_sign_between_digits_is_named(
    classifier: HandwrittenDigitsClassifier,
    name: str,
    strokes: list[tuple[float, ...]],
    text: str,
    height: int,
) -> None:
    picture, pencil = sheet(text, height, 0.8)
    first, second = classifier.predict(picture).digits[:2]
    middle = ((first.box[2] + second.box[0]) / 2, picture.height / 2) * 2
    for stroke in strokes:
        pencil.line((np.array(stroke) * height + middle).tolist(), fill=0, width=height // 10)
    prediction = classifier.predict(picture)
    where = f"between {text[0]} and {text[1:]}"
    assert prediction.reason == f"I see {name} {where}. I read whole numbers only."
    assert prediction.text is None


@pytest.mark.parametrize("size", range(30, 80, 5))
def test_two_circles_below_each_other_are_an_8(
    classifier: HandwrittenDigitsClassifier, size: int
) -> None:
    picture = Image.new("L", (200, 240), 255)
    for top, side in ((20, 0.8 * size), (20 + size, size)):
        circle = (100 - side / 2, top, 100 + side / 2, top + side)
        ImageDraw.Draw(picture).ellipse(circle, outline=0, width=5)
    assert classifier.predict(picture).text == "8"
