"""Which ink speaks for which digit."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier import HandwrittenDigitsClassifier
from tests.handwriting import DIGITS, draw, draw_number, mnist_like


@pytest.mark.parametrize("digit", DIGITS)
def test_there_is_heat_for_each_of_the_ten_digits_where_there_is_ink(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    found = classifier.explain(draw(digit)).heat_map()
    assert found.reading == classifier.predict(draw(digit)).digits[0]
    assert found.heat.shape == (10, 28, 28)
    assert found.heat.dtype == np.float32
    assert np.isfinite(found.heat).all()
    assert not found.heat[:, found.reading.image == 0].any()
    assert found.heat[digit].sum() > 0  # on the whole, the ink speaks for the answer
    # Each of the others has a map of its own: without some ink they do not just all rise alike.
    others = np.delete(found.heat, digit, axis=0)[:, found.reading.image > 0]
    assert np.corrcoef(others).mean() < 0.8


def test_the_stroke_that_makes_a_7_of_a_1_speaks_for_the_7_and_against_the_1(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    found = classifier.explain(draw(7, pen=12)).heat_map()
    bar = found.heat[:, :8]
    assert bar[7].sum() > 0
    assert bar[1].sum() < 0


def test_a_number_has_a_heat_map_for_each_digit(classifier: HandwrittenDigitsClassifier) -> None:
    for number, digit in enumerate((4, 1)):
        assert classifier.explain(draw_number("41"), number).heat_map().reading.digit == digit


def erased(
    image: NDArray[np.float32], order: NDArray[np.int64], share: float = 0.15
) -> NDArray[np.float32]:
    """`image` without the first pixels in `order` that hold this share of its ink."""
    pixels = image.ravel().copy()
    so_far = np.cumsum(pixels[order])
    pixels[order[: np.searchsorted(so_far, share * so_far[-1]) + 1]] = 0
    return pixels.reshape(image.shape)


def test_the_answer_hangs_on_the_hottest_ink(classifier: HandwrittenDigitsClassifier) -> None:
    """The deletion test, of 30 digits by random writers: as much other ink is missed less."""
    random = np.random.default_rng(0)
    images, labels = mnist_like(30, seed=7)
    left = {"hottest": 0.0, "random": 0.0, "coldest": 0.0}
    for image, label in zip(images[..., 0], labels, strict=True):
        found = classifier.explain(np.pad(image, 10)).heat_map()
        heat = found.heat[label].ravel()
        ink = np.flatnonzero(found.reading.image)
        hottest = ink[np.argsort(-heat[ink], kind="stable")]
        orders = {"hottest": hottest, "random": random.permutation(ink), "coldest": hottest[::-1]}
        for name, order in orders.items():
            without = erased(found.reading.image, order)
            left[name] += float(classifier.network.probabilities(without[None])[0, label]) / 30
    assert left["hottest"] < 0.6 * left["random"]
    assert left["random"] < 0.9 * left["coldest"]
    assert left["coldest"] > 0.95
