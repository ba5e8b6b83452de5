from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from classifier.ink.decode import decode
from classifier.ink.find import find_ink
from tests.handwriting import draw

BLACK_ON_WHITE = find_ink(decode(draw(4, side=60, pen=6)))


@pytest.mark.parametrize(
    ("mode", "ink", "paper"),
    [
        ("L", 255, 0),
        ("RGB", "red", "white"),
        ("RGB", "white", "darkgreen"),
        ("RGB", "yellow", "white"),
        ("RGBA", (0, 0, 0, 255), (0, 0, 0, 0)),
        ("RGBA", (255, 255, 255, 255), (0, 0, 0, 0)),
        ("RGBA", (20, 40, 200, 255), (255, 255, 255, 0)),
    ],
)
def test_ink_is_found_whatever_its_colour_and_the_papers(mode: str, ink: Any, paper: Any) -> None:
    found = find_ink(decode(draw(4, side=60, pen=6, mode=mode, ink=ink, paper=paper)))
    np.testing.assert_allclose(found, BLACK_ON_WHITE, atol=0.02)


def test_a_pale_pencil_is_ink() -> None:
    found = find_ink(decode(draw(4, side=60, pen=6, ink=200)))
    np.testing.assert_allclose(found, BLACK_ON_WHITE, atol=0.02)


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (280, 280), 255),
        Image.new("RGB", (1, 1), "red"),
        Image.new("RGBA", (28, 28), (0, 0, 0, 0)),
        Image.new("RGBA", (28, 28), (255, 0, 0, 0)),
    ],
)
def test_an_empty_sheet_holds_no_ink(picture: Image.Image) -> None:
    assert not find_ink(decode(picture)).any()


def test_the_grain_of_the_paper_is_no_ink() -> None:
    grain = np.random.default_rng(0).integers(235, 256, (60, 60)).astype(np.uint8)
    assert not find_ink(decode(grain)).any()

    written = np.minimum(grain, np.asarray(draw(4, side=60, pen=6)))
    found = find_ink(decode(written))
    clear = BLACK_ON_WHITE > 0.14  # fainter edges may drown in grain 10 levels either way
    np.testing.assert_allclose(found[clear], BLACK_ON_WHITE[clear], atol=0.1)
    assert found[~clear].max() < 0.14
    assert not found[BLACK_ON_WHITE == 0].any()
