"""Pieces of a line, cut where digits touch."""

from __future__ import annotations

import numpy as np

from classifier.ink.normalise import normalise
from tests.handwriting import draw_number
from tests.ink.test_segment import lines_of


def test_a_candidate_is_its_ink_alone_prepared() -> None:
    (line,) = lines_of(draw_number("280", gap=0))
    cut = line.cut(range(len(line)))
    assert len(cut) > len(line)
    for first, end in cut.runs():
        candidate = cut.candidate(first, end)
        ink, (left, top) = cut.ink_of(first, end)
        np.testing.assert_array_equal(candidate.image, normalise(ink).image)
        assert candidate.box[0] >= left
        assert candidate.box[1] >= top


def test_cutting_divides_the_ink_and_measures_the_cuts() -> None:
    (line,) = lines_of(draw_number("280", gap=0))
    cut = line.cut(range(len(line)))
    np.testing.assert_array_equal(cut.labels >= 0, line.labels >= 0)
    assert cut.cut_off(0, len(cut)) == 0
    assert cut.cut_off(0, 1) > 0
    np.testing.assert_array_equal(cut.cuts, cut.cuts.T)
    # The ink beside a cut belongs to both pieces.
    assert cut.ink_of(0, 1)[0].sum() > cut.ink[cut.labels == 0].sum()


def test_only_doubtful_pieces_are_cut() -> None:
    (line,) = lines_of(draw_number("280", gap=0))
    assert line.cut([]).boxes == line.boxes
