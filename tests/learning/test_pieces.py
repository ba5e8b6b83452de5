"""Numbers written and cut up, to learn from what comes of it."""

from __future__ import annotations

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier
from classifier.learning.pieces import Pieces, synthesise_pieces, touching


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return synthesise_pieces(60, seed=3)


def test_pieces_are_images_as_the_network_sees_them(pieces: Pieces) -> None:
    for images in (pieces.digits, pieces.scraps):
        assert images.dtype == np.float32
        assert images.shape[1:] == (28, 28, 1)
        assert images.min() == 0
        assert images.max() == 1
    assert pieces.labels.shape == (len(pieces.digits),)
    assert set(pieces.labels) == set(range(10))
    # Two to four digits in each number, and most come off well.
    assert 100 < len(pieces.digits) < 240
    assert len(pieces.scraps) > 100


def test_the_same_seed_gives_the_same_pieces() -> None:
    first, second, other = (synthesise_pieces(3, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.digits, second.digits)
    np.testing.assert_array_equal(first.scraps, second.scraps)
    assert first.digits.shape != other.digits.shape or (first.digits != other.digits).any()


def test_digits_that_came_off_well_are_legible_and_scraps_are_doubted(
    classifier: HandwrittenDigitsClassifier, pieces: Pieces
) -> None:
    read = classifier.network.probabilities(pieces.digits[..., 0])
    assert (read.argmax(axis=1) == pieces.labels).mean() > 0.93
    scraps = classifier.network.probabilities(pieces.scraps[..., 0])
    assert (scraps.max(axis=1) < 0.6).mean() > 0.6


def test_progress_is_told() -> None:
    told: list[int] = []
    synthesise_pieces(4, 0, told.append)
    assert told == [1, 1, 1, 1]


@pytest.mark.parametrize("pen", [2.0, 10.0])
def test_touching_means_that_pens_meet_and_no_more(pen: float) -> None:
    bar = [np.array([[10.0, 0.0], [10.0, 100.0]])]
    ring = 30 * np.stack([f(np.linspace(0, 2 * np.pi, 200)) for f in (np.cos, np.sin)], axis=1) + 50
    assert touching([ring], bar, pen) == pytest.approx(80 + pen - 10, abs=0.5)
    assert touching(bar, [ring], pen) == pytest.approx(10 + pen - 20, abs=0.5)
