"""Several digits in one picture."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from classifier import HandwrittenDigitsClassifier
from classifier.learning.handwriting import draw, parse, write
from classifier.learning.shapes import DIGITS as SHAPES
from classifier.learning.shapes import SIGNS
from classifier.network.reading import MAX_DIGITS
from tests.handwriting import CAREFUL, draw_number

# Of each digit, the usual shape and the last, which is the least usual.
SOME_SHAPES = [(digit, number) for digit in SHAPES for number in (0, -1)]


@pytest.mark.parametrize("text", ["10", "2026", "1984", "90357", "666666", "11"])
@pytest.mark.parametrize("gap", [15])
@pytest.mark.parametrize(("height", "pen"), [(30, 3), (100, 10), (400, 24)])
def test_digits_side_by_side_are_a_number(
    classifier: HandwrittenDigitsClassifier, text: str, gap: int, height: int, pen: float
) -> None:
    picture = draw_number(text, height=height, gap=gap * height / 100 + pen, pen=pen)
    prediction = classifier.predict(picture)
    assert prediction.verdict == "number"
    assert prediction.text == text
    assert prediction.reason is None
    assert [reading.digit for reading in prediction.digits] == [int(digit) for digit in text]
    lefts = [reading.box[0] for reading in prediction.digits]
    assert lefts == sorted(lefts)


def test_each_digit_has_its_box_in_the_picture(classifier: HandwrittenDigitsClassifier) -> None:
    picture = draw_number("507", height=500, pen=30)  # large enough to be made smaller
    found = Image.new("L", picture.size, 255)
    for reading in classifier.predict(picture).digits:
        left, top, right, bottom = reading.box
        assert 0 <= left < right <= picture.width
        assert 0 <= top < bottom <= picture.height
        found.paste(picture.crop(reading.box), reading.box)
    # All ink lies in the boxes, apart from a pixel's width at their edges.
    lost = np.asarray(ImageChops.difference(found, picture)) > 128
    assert lost.mean() < 0.002


@pytest.mark.parametrize("text", ["20", "47", "38", "2026", "5480"])
def test_digits_that_touch_are_a_number(classifier: HandwrittenDigitsClassifier, text: str) -> None:
    prediction = classifier.predict(draw_number(text, gap=6, pen=9))
    assert prediction.text == text


def test_lines_are_read_one_below_the_other(classifier: HandwrittenDigitsClassifier) -> None:
    prediction = classifier.predict(draw_number("120", "45"))
    assert prediction.verdict == "number"
    assert prediction.text == "120\n45"
    assert len(prediction.digits) == 5


@pytest.mark.parametrize(("digit", "number"), SOME_SHAPES)
@pytest.mark.parametrize("pen", [4, 15])
def test_a_digit_is_not_cut_apart(
    classifier: HandwrittenDigitsClassifier, digit: int, number: int, pen: float
) -> None:
    strokes = write(parse(SHAPES[digit][number].strokes), CAREFUL, np.random.default_rng(0))
    picture = ImageOps.invert(draw([stroke + 20 for stroke in strokes], (140, 140), pen))
    prediction = classifier.predict(picture)
    assert prediction.verdict in ("digit", "unsure")
    assert len(prediction.digits) == 1


# Strokes on a sheet of 100 by 100.
DIAMOND = [(16, 0), (32, 16), (16, 32), (0, 16), (16, 0)]
LETTERS = {
    "V": ([(10, 0), (45, 100), (80, 0)],),
    "W": ([(0, 0), (30, 100), (60, 20), (90, 100), (120, 0)],),
    "k": ([(0, 0), (0, 100)], [(60, 25), (12, 65), (62, 100)]),
    "T": ([(0, 8), (90, 0)], [(46, 20), (46, 100)]),
    "%": (DIAMOND, [(70, 0), (30, 100)], [(x + 68, y + 68) for x, y in DIAMOND]),
    "four in two strokes": ([(20, 0), (0, 60), (55, 60)], [(70, 20), (66, 110)]),
}


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize(("scale", "pen"), [(0.6, 4), (1.0, 9), (2.2, 14)])
def test_a_letter_or_a_digit_in_strokes_is_no_number(
    classifier: HandwrittenDigitsClassifier, name: str, scale: float, pen: int
) -> None:
    picture = Image.new("L", (400, 400), 255)
    for stroke in LETTERS[name]:
        points = [(60 + scale * x, 60 + scale * y) for x, y in stroke]
        ImageDraw.Draw(picture).line(points, fill=0, width=pen, joint="curve")
    assert len(classifier.predict(picture).text or "") <= 1


def test_twenty_digits_are_read_and_more_are_too_many(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    text = "31415926535897932384"
    assert classifier.predict(draw_number(text)).text == text
    prediction = classifier.predict(draw_number(text + "6"))
    assert prediction.verdict == "unsure"
    assert prediction.text is None
    assert prediction.reason == f"There are 21 digits here or more; I read {MAX_DIGITS} at most."
    assert prediction.digits == ()


def test_the_doubtful_digit_is_named(classifier: HandwrittenDigitsClassifier) -> None:
    picture = draw_number("14", gap=200)
    sign = write(parse(SIGNS["heart"][0]), CAREFUL, np.random.default_rng(0))
    corner = np.concatenate(sign).min(axis=0) - (110, 20)
    drawn = draw([stroke - corner for stroke in sign], picture.size, 8)
    prediction = classifier.predict(ImageChops.darker(picture, ImageOps.invert(drawn)))
    assert prediction.verdict == "unsure"
    assert prediction.reason is not None
    assert prediction.reason.startswith("Digit 2 of 3 ")
    assert len(prediction.digits) == 3


def test_a_scribble_is_one_non_digit(classifier: HandwrittenDigitsClassifier) -> None:
    random = np.random.default_rng(1)
    picture = Image.new("L", (280, 280), 255)
    points = [tuple(point) for point in random.integers(20, 260, (25, 2))]
    ImageDraw.Draw(picture).line(points, fill=0, width=8)
    prediction = classifier.predict(picture)
    assert prediction.verdict == "unsure"
    assert prediction.reason is not None
    assert prediction.reason.startswith("This does not look like a digit")


@pytest.mark.parametrize("strokes", [60, 400, 1500])
@pytest.mark.parametrize("size", [(1000, 1000), (1000, 40), (40, 1000)])
def test_no_scribble_takes_long(
    classifier: HandwrittenDigitsClassifier, size: tuple[int, int], strokes: int
) -> None:
    random = np.random.default_rng(0)
    picture = Image.new("L", size, 255)
    for _ in range(strokes):
        ends = [tuple(random.integers(0, size)) for _ in range(2)]
        ImageDraw.Draw(picture).line(ends, fill=0, width=2)
    start = time.process_time()
    classifier.predict(picture)
    assert time.process_time() - start < 2  # 0.4 s; what else runs slows the processor, too
