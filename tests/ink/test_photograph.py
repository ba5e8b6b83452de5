"""Pages as a camera sees them: the ink on them is found, and nothing else is."""

from __future__ import annotations

import time
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from classifier import HandwrittenDigitsClassifier
from classifier.ink.decode import decode
from classifier.ink.find import find_ink
from classifier.ink.photograph import find_ink_in_photograph
from tests.handwriting import draw, draw_number

SIDE = 500  # pixels
DARK_INK, PENCIL, CHALK = 40, 120, 225  # grey levels, as are those of the papers
PAPER = 215
LINES = 60, 34, 2  # pixels: where the first lies, how far they are apart, how wide they are

LIGHTS = ("even", "falling off", "soft shadow", "sharp shadow")
RULINGS = ("plain", "ruled", "squared", "squared askew")


def light(kind: str) -> NDArray[np.float32]:
    """How light it is on every pixel, 1 at most."""
    rows, columns = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j].astype(np.float32)
    if kind == "falling off":
        return np.asarray(1 - 0.35 * columns - 0.1 * rows, np.float32)
    if kind.endswith("shadow"):
        shaded = (columns + 0.3 * rows > 0.6).astype(np.float32)
        softness = 25 if kind == "soft shadow" else 2
        return np.asarray(1 - 0.4 * cv2.GaussianBlur(shaded, (0, 0), softness), np.float32)
    return np.ones((SIDE, SIDE), np.float32)


def rule(page: NDArray[np.float32], ruling: str, level: int) -> None:
    """Prints lines of a grey level on a page."""
    if ruling == "plain":
        return
    first, apart, width = LINES
    lines = np.zeros((2 * SIDE, 2 * SIDE), np.uint8)
    for place in range(first % apart, 2 * SIDE, apart):
        lines[place : place + width] = 255
        if ruling.startswith("squared"):
            lines[:, place : place + width] = 255
    turn = cv2.getRotationMatrix2D((SIDE, SIDE), 7 if ruling.endswith("askew") else 0, 1)
    turned = cv2.warpAffine(lines, turn, (2 * SIDE, 2 * SIDE))[SIDE // 2 :, SIDE // 2 :]
    cover = turned[:SIDE, :SIDE].astype(np.float32) / 255
    page += cover * (level - page)


def photograph(
    digit: int | None = None,
    ruling: str = "plain",
    lighting: str = "falling off",
    ink: int = DARK_INK,
    paper: int = PAPER,
    line: int = 160,
    **how: Any,
) -> Image.Image:
    """A page of some grain, perhaps with a digit on it, seen by a camera with some noise."""
    random = np.random.default_rng(0)
    page = np.full((SIDE, SIDE), paper, np.float32) + random.normal(0, 1.5, (SIDE, SIDE))
    page = page.astype(np.float32)
    rule(page, ruling, line)
    if digit is not None:
        cover = 1 - np.asarray(draw(digit, side=SIDE, **how)) / np.float32(255)
        page += cover * (ink - page)
    seen = cv2.GaussianBlur(page * light(lighting), (0, 0), 0.8)
    seen += random.normal(0, 2.5, seen.shape)
    return Image.fromarray(np.clip(np.rint(seen), 0, 255).astype(np.uint8))


def text_in(classifier: HandwrittenDigitsClassifier, picture: Image.Image) -> str | None:
    return classifier.predict(picture).text


@pytest.mark.parametrize("lighting", LIGHTS)
@pytest.mark.parametrize("ruling", RULINGS)
def test_a_digit_is_read_whatever_the_light_and_the_lines(
    classifier: HandwrittenDigitsClassifier, ruling: str, lighting: str
) -> None:
    for digit in (2, 4, 5, 8):
        picture = photograph(digit, ruling, lighting, pen=14, box=(90, 60, 320))
        assert text_in(classifier, picture) == str(digit)


@pytest.mark.parametrize("lighting", LIGHTS)
@pytest.mark.parametrize("ruling", RULINGS)
@pytest.mark.parametrize("line", [190, 150, 60])
def test_an_empty_page_holds_no_ink(ruling: str, lighting: str, line: int) -> None:
    assert not find_ink(decode(photograph(None, ruling, lighting, line=line))).any()


@pytest.mark.parametrize(
    "how",
    [
        {"pen": 4, "box": (200, 250, 110)},
        {"pen": 4, "box": (200, 250, 110), "ink": PENCIL},
        {"pen": 60, "box": (30, 30, 440)},
        {"pen": 10, "box": (120, 90, 300), "ink": CHALK, "paper": 50},
    ],
    ids=["small and thin", "pencil", "marker", "chalk on a blackboard"],
)
def test_thin_and_thick_pens_and_chalk_are_ink(
    classifier: HandwrittenDigitsClassifier, how: dict[str, Any]
) -> None:
    for digit in (3, 6):
        assert text_in(classifier, photograph(digit, **how)) == str(digit)


@pytest.mark.parametrize("line", [190, 100, DARK_INK])
def test_a_stroke_across_lines_stays_whole(line: int) -> None:
    found = find_ink(decode(photograph(2, "ruled", line=line, pen=14, box=(90, 60, 320))))
    strokes = cv2.connectedComponents((found > 0.3).astype(np.uint8))[0] - 1
    assert strokes == 1


def test_the_ink_is_where_it_was_drawn_and_soft_edged() -> None:
    how: dict[str, Any] = {"pen": 14, "box": (90, 60, 320)}
    found = find_ink(decode(photograph(4, "squared", "soft shadow", **how)))
    drawn = 1 - np.asarray(draw(4, side=SIDE, **how)) / 255

    assert found.dtype == np.float32
    assert found.shape == drawn.shape
    assert 0.95 < found.max() <= 1
    assert np.abs(found - cv2.GaussianBlur(drawn, (0, 0), 1)).mean() < 0.01
    assert ((found > 0.2) & (found < 0.8)).any()


def test_digits_in_a_row_are_all_found() -> None:
    page = np.asarray(photograph(None, "squared", "soft shadow")).astype(np.float32)
    boxes = [(20 + 150 * k, 170, 150) for k in range(3)]
    for digit, box in zip((3, 0, 7), boxes, strict=True):
        page *= 1 - 0.8 * (1 - np.asarray(draw(digit, side=SIDE, pen=8, box=box)) / 255)
    found = find_ink(decode(page.astype(np.uint8)))
    for left, top, side in boxes:
        assert found[top : top + side, left : left + side].sum() > 500


def test_a_cleaned_scan_of_ruled_paper_is_no_canvas(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    page = np.asarray(draw(6, side=SIDE, pen=14, box=(90, 60, 320))).astype(np.float32)
    rule(page, "squared", 170)
    assert text_in(classifier, Image.fromarray(page.astype(np.uint8))) == "6"


def test_a_large_photograph_is_quick() -> None:
    picture = decode(photograph(8, "squared askew", pen=14).resize((1000, 1000)))
    times = []
    for _ in range(5):
        start = time.process_time()
        find_ink_in_photograph(picture)
        times.append(time.process_time() - start)
    assert min(times) < 0.3  # some 0.04 s of all its threads; much else slows them, too


COLOURS = {
    "yellow on white": ((235, 215, 40), (240, 240, 238)),
    "blue on black": ((40, 70, 220), (18, 18, 18)),
    "white on pink": ((245, 245, 245), (225, 135, 155)),
    "red on green": ((200, 40, 40), (90, 170, 90)),
    "pencil on white": ((165, 165, 168), (238, 238, 236)),
    "white on blue": ((240, 240, 240), (60, 90, 170)),
}


@pytest.mark.parametrize("colours", COLOURS)
def test_ink_of_any_colour_is_found(classifier: HandwrittenDigitsClassifier, colours: str) -> None:
    ink, paper = COLOURS[colours]
    for digit in (0, 2, 3, 5, 6, 8):
        page = draw(digit, SIDE, 16 + digit, ink, paper, "RGB", box=(80, 70, 330))
        seen = np.asarray(page) * light("falling off")[..., None]
        seen += np.random.default_rng(digit).normal(0, 3, seen.shape)
        assert text_in(classifier, Image.fromarray(seen.clip(0, 255).astype(np.uint8))) == str(
            digit
        )


@pytest.mark.parametrize("number", ["1", "11", "9107", "61418", "3541", "1001", "114", "41", "17"])
@pytest.mark.parametrize("ink", [DARK_INK, PENCIL])
def test_upright_ones_are_no_printed_lines(
    classifier: HandwrittenDigitsClassifier, number: str, ink: int
) -> None:
    random = np.random.default_rng(len(number))
    written = np.asarray(draw_number(number, height=70, gap=22, pen=5)) / np.float32(255)
    page = np.ones((300, 480), np.float32)
    rows, columns = written.shape
    page[100 : 100 + rows, 30 : 30 + columns] = written
    seen = (ink + (PAPER - ink) * page) * np.linspace(1, 0.7, 480) + random.normal(0, 2, page.shape)
    assert text_in(classifier, Image.fromarray(seen.astype(np.uint8))) == number


@pytest.mark.parametrize("digit", range(10))
def test_a_photograph_cut_to_28x28_is_read(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    large = draw(digit, 280, 22, ink=210, paper=70, box=(55, 45, 180))
    shaded = np.asarray(large.resize((28, 28), Image.Resampling.BOX), np.float32)
    shaded *= np.linspace(0.6, 1.2, 28)
    shaded += np.random.default_rng(digit).normal(0, 2.5, shaded.shape)
    assert text_in(classifier, Image.fromarray(shaded.clip(0, 255).astype(np.uint8))) == str(digit)
