"""Probabilities that mean what they say."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

TEMPERATURES = np.geomspace(0.25, 4, 401)  # less than 0.7 % between one and the next


def fit_temperature(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Returns the temperature at which `probabilities` suit `labels` best.

    Temperature scaling (Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural
    networks", 2017): logits are divided by one number, chosen for the lowest cross-entropy on
    images that were not trained on. Logarithms of probabilities are logits.

    Args:
        probabilities: (count, looks, 10); the answer is the mean of all looks.
        labels: (count,) 0 to 9.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-30))
    of_label = logits[np.arange(len(labels)), :, labels]  # (count, looks)
    losses = []
    for temperature in TEMPERATURES:
        totals = np.logaddexp.reduce(logits / temperature, axis=2)
        answers = np.exp(of_label / temperature - totals).mean(axis=1)
        losses.append(-np.log(np.maximum(answers, 1e-30)).mean())
    return float(TEMPERATURES[np.argmin(losses)])


def fit_rejection_temperature(
    probabilities: NDArray[np.float32],
    is_digit: NDArray[np.float32],
    labels: NDArray[np.int64],
    is_digit_of_others: NDArray[np.float32],
    share_of_others: float,
) -> float:
    """Returns the temperature at which the probabilities of a digit suit digits and others best.

    Args:
        probabilities: (count, looks, 10), of digits.
        is_digit: (count, looks), of digits.
        labels: (count,) 0 to 9.
        is_digit_of_others: (another count, looks).
        share_of_others: how often drawings are no digit where the answers will be given.
    """
    of_label = probabilities[np.arange(len(labels)), :, labels]
    losses = []
    for temperature in TEMPERATURES:
        digit, other = (
            1 / (1 + np.exp(-_logit(each) / temperature)) for each in (is_digit, is_digit_of_others)
        )
        answers = (digit * of_label + (1 - digit) / 10).mean(axis=1)
        of_digits, of_others = (
            -np.log(np.maximum(right, 1e-30)).mean() for right in (answers, 1 - other.mean(axis=1))
        )
        losses.append((1 - share_of_others) * of_digits + share_of_others * of_others)
    return float(TEMPERATURES[np.argmin(losses)])


def _logit(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    clipped = np.clip(probabilities.astype(np.float64), 1e-9, 1 - 1e-9)
    logits: NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return logits


def apply_temperature(network: keras.Model, temperature: float) -> None:
    """Divides the logits of `network` by `temperature`, for good.

    The last layer is linear up to its softmax or sigmoid, so its weights can be divided in their
    stead: whatever file the network goes into, and whatever runs it, its probabilities are
    calibrated.
    """
    last = network.layers[-1]
    last.set_weights([weights / temperature for weights in last.get_weights()])
