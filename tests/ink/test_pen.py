from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.ink.decode import decode
from classifier.ink.find import find_ink
from classifier.ink.pen import WORKING_SIDE, redraw, stroke_width
from classifier.learning import handwriting

SIDE = 200  # pixels: the longer side of a drawn corner, without the pen's width


def corner(pen: float) -> NDArray[np.float32]:
    """The ink of a horizontal and a vertical stroke, joined."""
    strokes = [np.array([[50.0, 50], [50 + SIDE, 50], [50 + SIDE, 50 + SIDE]])]
    return find_ink(decode(handwriting.draw(strokes, (300, 300), pen)))


@pytest.mark.parametrize("pen", [2, 5, 10, 20, 40])
def test_the_width_of_strokes_is_measured(pen: int) -> None:
    assert stroke_width(corner(pen)) == pytest.approx(pen, rel=0.05)


@pytest.mark.parametrize("factor", [0.5, 0.7, 1.4, 2.0, 2.8])
@pytest.mark.parametrize("pen", [10, 20, 30])
def test_strokes_become_so_many_times_as_wide(pen: int, factor: float) -> None:
    scale = WORKING_SIDE / (SIDE + pen)
    width = stroke_width(redraw(corner(pen), factor))
    # The measure itself counts whole pixels: half a one either way.
    assert width == pytest.approx(pen * factor * scale, rel=0.1, abs=0.5)


@pytest.mark.parametrize("pen", [2, 10, 20])
def test_ever_thicker_pens_leave_ever_more_ink(pen: int) -> None:
    inks = [redraw(corner(pen), factor) for factor in (0.25, 0.5, 0.9, 1.1, 2.0, 4.0)]
    amounts = [float(ink.sum()) for ink in inks]
    assert amounts == sorted(amounts)
    for ink in inks:
        assert ink.dtype == np.float32
        assert 0 <= ink.min() <= ink.max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (3, 2), (500, 500)])
def test_specks_lines_and_blots_may_be_redrawn_too(shape: tuple[int, int]) -> None:
    for factor in (0.25, 0.5, 4.0):
        assert redraw(np.ones(shape, np.float32), factor).any()
