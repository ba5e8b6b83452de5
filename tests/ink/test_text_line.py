"""Pieces of a line, cut where digits touch, and what the network would see of them."""

from __future__ import annotations

import numpy as np

from classifier.ink.normalise import normalise
from tests.handwriting import draw_number
from tests.ink.test_segment import lines_of


def test_a_candidate_is_what_the_network_would_see_of_its_ink_alone() -> None:
    (line,) = lines_of(draw_number("280", gap=0))
    cut = line.cut(range(len(line)))
    assert len(cut) > len(line)
    height, width = cut.ink.shape
    for first, end in cut.runs():
        candidate = cut.candidate(first, end)
        alone = normalise(cut._ink_within(first, end, (0, 0, width, height)))
        assert alone is not None
        np.testing.assert_allclose(candidate.image, alone.image, atol=1e-5)
        assert candidate.box == cut.box(first, end)


def test_cutting_shares_out_the_ink_and_remembers_where_it_cut() -> None:
    (line,) = lines_of(draw_number("280", gap=0))
    cut = line.cut(range(len(line)))
    np.testing.assert_array_equal(cut.labels >= 0, line.labels >= 0)
    assert cut.cut_off(0, len(cut)) == 0
    assert cut.cut_off(0, 1) > 0
    np.testing.assert_array_equal(cut.cuts, cut.cuts.T)
    # Beside a cut, the ink belongs to both.
    assert cut.ink_of(0, 1)[0].sum() > cut.ink[cut.labels == 0].sum()


def test_what_is_not_doubtful_is_not_cut() -> None:
    (line,) = lines_of(draw_number("280", gap=0))
    assert line.cut([]).boxes == line.boxes
