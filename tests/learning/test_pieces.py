"""Numbers cut into digits and scraps."""

from __future__ import annotations

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier
from classifier.learning.pieces import synthesise_pieces, touching


def test_digits_are_legible_and_scraps_are_doubted(classifier: HandwrittenDigitsClassifier) -> None:
    pieces = synthesise_pieces(60, 3)
    for images in (pieces.digits, pieces.scraps):
        assert (images.dtype, images.shape[1:]) == (np.float32, (28, 28, 1))
        assert (images.min(), images.max()) == (0, 1)
    assert set(pieces.labels) == set(range(10))
    assert 100 < len(pieces.digits) < 240  # of 60 numbers with two to four digits
    assert len(pieces.scraps) > 100
    read = classifier.network.probabilities(pieces.digits[..., 0])
    assert (read.argmax(axis=1) == pieces.labels).mean() > 0.93
    scraps = classifier.network.probabilities(pieces.scraps[..., 0])
    assert (scraps.max(axis=1) < 0.6).mean() > 0.6


def test_a_seed_repeats_the_pieces() -> None:
    first, second, other = (synthesise_pieces(3, seed).digits for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("pen", [2.0, 10.0])
def test_touching_strokes_meet_and_do_not_overlap(pen: float) -> None:
    bar = [np.array([[10.0, 0.0], [10.0, 100.0]])]
    ring = 30 * np.stack([f(np.linspace(0, 2 * np.pi, 200)) for f in (np.cos, np.sin)], axis=1) + 50
    assert touching([ring], bar, pen) == pytest.approx(80 + pen - 10, abs=0.5)
    assert touching(bar, [ring], pen) == pytest.approx(10 + pen - 20, abs=0.5)
