"""Sheets on desks, pictures on pages, and lines along the edge."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from classifier import HandwrittenDigitsClassifier
from tests.handwriting import draw

DIGITS = range(10)


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize(("desk", "paper"), [(45, 205), (70, 245), (250, 175)])
def test_a_sheet_is_no_ink_whatever_it_lies_on(
    classifier: HandwrittenDigitsClassifier, digit: int, desk: int, paper: int
) -> None:
    random = np.random.default_rng(digit)
    side = int(random.integers(300, 420))
    written = draw(
        digit, side, pen=side // 25, ink=25, paper=paper, box=(side / 4, side / 4, side / 2)
    )
    sheet = np.pad(np.asarray(written, np.float32) - desk, 150 + digit * 5)
    turn = cv2.getRotationMatrix2D(
        (len(sheet) / 2, len(sheet) / 2), float(random.uniform(-6, 6)), 1
    )
    seen = cv2.warpAffine(sheet, turn, sheet.shape) + desk
    seen *= np.linspace(1, 0.85, len(seen))  # light falls off
    seen += random.normal(0, 2, seen.shape)
    assert classifier.predict(np.clip(seen, 0, 255).astype(np.uint8)).text == str(digit)


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("colour", [0, 200])
def test_a_line_or_frame_along_the_edge_is_no_ink(
    classifier: HandwrittenDigitsClassifier, digit: int, width: int, colour: int
) -> None:
    picture = draw(digit, 220, pen=12, box=(30, 30, 160))
    edges: Any = tuple(width if (digit + 1) >> k & 1 else 0 for k in range(4))
    framed = ImageOps.expand(picture, edges, colour)
    assert classifier.predict(framed).text == str(digit)
    assert classifier.predict(ImageOps.expand(picture, width, colour)).text == str(digit)


@pytest.mark.parametrize("digit", DIGITS)
def test_a_tight_crop_is_read(classifier: HandwrittenDigitsClassifier, digit: int) -> None:
    picture = draw(digit, 200, pen=26)
    box = ImageOps.invert(picture).getbbox()
    cropped = ImageOps.expand(picture.crop(box), 4 + digit % 3, 255)
    noise = np.random.default_rng(digit).normal(0, 2, (cropped.height, cropped.width))
    seen = np.clip(np.asarray(cropped) * 0.93 + 6 + noise, 0, 255).astype(np.uint8)
    assert classifier.predict(Image.fromarray(seen)).text == str(digit)
