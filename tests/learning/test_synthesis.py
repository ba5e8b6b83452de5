"""The synthesis: legible, varied and repeatable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier
from classifier.learning.handwriting import Stroke, draw, fit, parse, write
from classifier.learning.pieces import synthesise_pieces
from classifier.learning.shapes import DIGITS, SIGNS
from classifier.learning.synthesis import image_of, synthesise_digits, synthesise_non_digits
from tests.handwriting import CAREFUL

# Without their context, these may also be read as 111, 010, 00 and 17.
NUMBERS_TOO = ("w", "W", "percent", "infinity", "Hebrew he")


def by_the_book(strokes: str) -> list[Stroke]:
    return write(parse(strokes), CAREFUL, np.random.default_rng(0))


@pytest.mark.parametrize("digit", range(10))
def test_every_shape_stays_on_its_sheet_and_is_read_correctly(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    written = [by_the_book(shape.strokes) for shape in DIGITS[digit]]
    points = np.concatenate([stroke for strokes in written for stroke in strokes])
    assert 0 < points.min() < points.max() < 100
    images = np.stack([image_of(strokes, 100, 6) for strokes in written])
    assert set(classifier.network.probabilities(images).argmax(axis=1)) == {digit}


def test_no_sign_is_mistaken_for_a_digit(classifier: HandwrittenDigitsClassifier) -> None:
    for name, shapes in SIGNS.items():
        for shape in shapes:
            picture = draw(fit(by_the_book(shape), 100, 10), (120, 120), 9)
            allowed = {"unsure", "number"} if name in NUMBERS_TOO else {"unsure"}
            assert classifier.predict(picture).verdict in allowed, (name, shape)


def test_synthesised_digits_come_in_turn_and_a_seed_repeats_them() -> None:
    images, labels = synthesise_digits(40, seed=3)
    assert labels.tolist() == list(range(10)) * 4
    np.testing.assert_array_equal(synthesise_digits(40, seed=3)[0], images)
    assert not np.array_equal(synthesise_digits(40, seed=4)[0], images)


def test_the_synthesis_is_the_one_that_the_committed_network_learned_from() -> None:
    """A changed shape or habit changes every later drawing, and requires a new network."""
    images = np.concatenate((synthesise_digits(40, seed=0)[0], synthesise_non_digits(40, seed=0)))
    # Summed over patches, with a tolerance: processors differ in the last bits.
    patches = images.reshape(80, 4, 7, 4, 7).sum(axis=(2, 4)).reshape(80, 16)
    expected = np.load(Path(__file__).with_name("synthesis.npy"))
    np.testing.assert_allclose(patches, expected, atol=0.25)


def test_pieces_of_numbers_are_legible_digits_and_doubtful_scraps(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    pieces = synthesise_pieces(60, seed=3)
    assert set(pieces.labels) == set(range(10))
    assert 100 < len(pieces.digits) < 240  # of 60 numbers with two to four digits
    read = classifier.network.probabilities(pieces.digits[..., 0])
    assert (read.argmax(axis=1) == pieces.labels).mean() > 0.93
    scraps = classifier.network.probabilities(pieces.scraps[..., 0])
    assert len(scraps) > 100
    assert (scraps.max(axis=1) < 0.6).mean() > 0.6
