from __future__ import annotations

import keras
import numpy as np
import pytest

from classifier.learning.calibration import apply_temperature, fit_temperature
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


def test_the_temperature_is_found_and_made_part_of_the_network() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, (4_000, 10))
    truth = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (truth.cumsum(axis=1) < random.random((len(truth), 1))).sum(axis=1)
    softmax = keras.layers.Dense(10, activation="softmax")
    network = keras.Sequential([keras.Input((10,)), softmax])
    softmax.set_weights([np.eye(10) * 2.5, np.zeros(10)])
    probabilities = network.predict(logits, verbose=0)
    assert fit_temperature(probabilities[:, None], labels) == pytest.approx(2.5, rel=0.05)
    apply_temperature(network, 2.5)
    np.testing.assert_allclose(network.predict(logits, verbose=0), truth, atol=1e-5)
