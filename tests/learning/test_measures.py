from __future__ import annotations

import keras
import numpy as np
import pytest

from classifier.learning.calibration import (
    apply_temperature,
    fit_rejection_temperature,
    fit_temperature,
)
from classifier.learning.measures import auroc, calibration, wilson_interval


def test_the_interval_is_wilsons() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=1e-4)
    assert wilson_interval(20, 20) == pytest.approx((0.8389, 1.0), abs=1e-4)


def test_the_calibration_error_is_the_mean_distance_of_confidence_and_accuracy() -> None:
    confidences = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55])
    right = np.array([True, True, True, False, True, False])
    measured = calibration(confidences, right)
    assert measured["error"] == pytest.approx((4 * 0.2 + 2 * 0.05) / 6)
    assert [each["images"] for each in measured["bins"]] == [2, 4]
    assert calibration(np.array([1.0, 1.0]), np.array([True, True]))["error"] == 0


def test_auroc_counts_pairs() -> None:
    digits, non_digits = np.array([0.9, 0.8, 0.5]), np.array([0.5, 0.1])
    assert auroc(digits, non_digits) == pytest.approx((2 + 2 + 1.5) / 6)


@pytest.mark.parametrize("temperature", [0.5, 2.5])
def test_the_temperature_is_found_and_made_part_of_the_network(temperature: float) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, (4_000, 10))
    truth = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (truth.cumsum(axis=1) < random.random((len(truth), 1))).sum(axis=1)
    layers = [keras.Input((10,)), keras.layers.Dense(10, activation="softmax")]
    network = keras.Sequential(layers)
    network.layers[-1].set_weights([np.eye(10) * temperature, np.zeros(10)])
    probabilities = network.predict(logits, verbose=0)
    assert fit_temperature(probabilities[:, None], labels) == pytest.approx(temperature, rel=0.05)
    apply_temperature(network, temperature)
    np.testing.assert_allclose(network.predict(logits, verbose=0), truth, atol=1e-5)


def test_the_temperature_of_the_rejection_is_found() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, 20_000)
    is_digit = random.random(len(logits)) < 1 / (1 + np.exp(-logits))
    probabilities = 1 / (1 + np.exp(-2 * logits))[:, None]
    digits, non_digits = probabilities[is_digit], probabilities[~is_digit]
    labels = np.zeros(len(digits), int)
    certain = np.eye(10)[labels][:, None]  # the digit itself is never in doubt
    share = len(non_digits) / len(logits)
    found = fit_rejection_temperature(certain, digits, labels, non_digits, share)
    assert found == pytest.approx(2, rel=0.15)
