"""The synthesis: legible, varied and repeatable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier
from classifier.learning.handwriting import Stroke, draw, fit, parse, write
from classifier.learning.shapes import DIGITS, SIGNS
from classifier.learning.synthesis import image_of, synthesise_digits, synthesise_non_digits
from tests.handwriting import CAREFUL

# The network, which knows digits only, may read these as 1111, 010 and 00.
NUMBERS_TOO = ("w", "percent", "infinity")


def by_the_book(strokes: str) -> list[Stroke]:
    return write(parse(strokes), CAREFUL, np.random.default_rng(0))


@pytest.mark.parametrize("digit", range(10))
def test_every_shape_stays_on_its_sheet_and_is_read_correctly(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    written = [by_the_book(shape.strokes) for shape in DIGITS[digit]]
    points = np.concatenate([stroke for strokes in written for stroke in strokes])
    assert 0 < points.min() < points.max() < 100
    images = np.stack([image_of(strokes, 100, 10) for strokes in written])
    assert set(classifier.network.probabilities(images).argmax(axis=1)) == {digit}


def test_no_sign_is_mistaken_for_a_digit(classifier: HandwrittenDigitsClassifier) -> None:
    for name, strokes in SIGNS.items():
        picture = draw(fit(by_the_book(strokes), 100, 10), (120, 120), 9)
        allowed = {"unsure", "number"} if name in NUMBERS_TOO else {"unsure"}
        assert classifier.predict(picture).verdict in allowed, name


def test_the_pen_passes_through_the_points_and_turns_sharply_at_corners() -> None:
    (stroke,) = by_the_book("10,10 90,10! 90,90")
    (corner,) = np.flatnonzero((stroke == (90, 10)).all(axis=1))
    np.testing.assert_allclose(stroke[: corner + 1, 1], 10, atol=1e-9)
    np.testing.assert_allclose(stroke[corner:, 0], 90, atol=1e-9)
    (smooth,) = by_the_book("10,10 90,10 90,90")
    assert (smooth[:, 1] < 9).any()  # a smooth curve swings out


def test_synthesised_digits_come_in_turn_and_a_seed_repeats_them() -> None:
    images, labels = synthesise_digits(40, seed=3)
    assert (images.shape, images.dtype) == ((40, 28, 28, 1), np.float32)
    assert labels.tolist() == list(range(10)) * 4
    assert images.min() >= 0
    assert images.max(axis=(1, 2, 3)) == pytest.approx(1)
    np.testing.assert_array_equal(synthesise_digits(40, seed=3)[0], images)
    assert not np.array_equal(synthesise_digits(40, seed=4)[0], images)


def test_the_synthesis_is_the_one_that_the_committed_network_learned_from() -> None:
    """A changed shape or habit changes every later drawing, and requires a new network."""
    images = np.concatenate((synthesise_digits(40, seed=0)[0], synthesise_non_digits(40, seed=0)))
    # Summed over patches, with a tolerance: processors differ in the last bits.
    patches = images.reshape(80, 4, 7, 4, 7).sum(axis=(2, 4)).reshape(80, 16)
    expected = np.load(Path(__file__).with_name("synthesis.npy"))
    np.testing.assert_allclose(patches, expected, atol=0.25)
