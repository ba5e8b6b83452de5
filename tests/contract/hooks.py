"""What schemathesis needs to know beside the document: what a picture with a digit is."""

from __future__ import annotations

import schemathesis
from hypothesis import strategies as st
from PIL import Image

from tests.handwriting import as_png, draw, draw_number

MODES = ["L", "RGB", "RGBA", "1", "P", "LA", "I;16"]


def in_mode(picture: Image.Image, mode: str) -> Image.Image:
    return picture.convert("I").convert("I;16") if mode == "I;16" else picture.convert(mode)


def pictures() -> list[bytes]:
    """Small ones of all kinds: a digit in each mode, dark on light and light on dark, numbers."""
    digits = [in_mode(draw(7, side=40, pen=4), mode) for mode in MODES]
    digits += [draw(digit, side=60, pen=6, ink=digit * 20, paper=255) for digit in range(10)]
    digits.append(draw(3, side=50, pen=5, ink=255, paper=0))
    numbers = [draw_number("41", height=40, gap=10, pen=4), draw_number("20", "6", height=40)]
    return [as_png(picture) for picture in digits + numbers]


schemathesis.openapi.media_type("image/png", st.sampled_from(pictures()))
