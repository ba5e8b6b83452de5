"""What is packed comes out as it was, wherever it is unpacked."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from classifier.ink.png import encode_png


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (3, 70), (200, 2)])
def test_a_png_holds_the_levels_of_its_ink(shape: tuple[int, int]) -> None:
    ink = np.random.default_rng(0).random(shape, np.float32)
    expected = np.rint(ink * 255)
    png = encode_png(ink)

    picture = Image.open(io.BytesIO(png), formats=("PNG",))
    assert picture.mode == "L"
    np.testing.assert_array_equal(np.asarray(picture), expected)
    Image.open(io.BytesIO(png)).verify()  # every chunk's checksum, to the end
    read_by_libpng = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read_by_libpng, expected)


def test_ink_is_white_on_black() -> None:
    ink = np.array([[0, 1]], np.float32)
    assert list(Image.open(io.BytesIO(encode_png(ink))).tobytes()) == [0, 255]
