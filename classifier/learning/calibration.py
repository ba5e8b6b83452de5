"""Temperature scaling, so that probabilities match how often the network is right."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import NDArray

TEMPERATURES = np.geomspace(0.25, 4, 401)  # less than 0.7 % between one and the next


def fit_temperature(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the temperature at which `probabilities` match `labels` best.

    Temperature scaling (Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural
    networks", 2017) divides the logits by one number, which is chosen for the lowest cross-entropy
    on images that were not trained on. Logarithms of probabilities serve as logits. The
    probabilities have the shape (count, views, 10); the answer is the mean over the views.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-30))
    of_label = logits[np.arange(len(labels)), :, labels]  # (count, views)

    def loss(temperature: float) -> float:
        totals = np.logaddexp.reduce(logits / temperature, axis=2)
        return _cross_entropy(np.exp(of_label / temperature - totals).mean(axis=1))

    return _best(loss)


def fit_rejection_temperature(
    probabilities: NDArray[np.float32],
    is_digit: NDArray[np.float32],
    labels: NDArray[np.int64],
    is_digit_of_non_digits: NDArray[np.float32],
    share_of_non_digits: float,
) -> float:
    """Return the temperature at which the probability of a digit matches both kinds of drawing.

    The first three arguments are on digits, with shapes (count, views, 10), (count, views) and
    (count,). `share_of_non_digits` is that among the drawings that will be read.
    """
    of_label = probabilities[np.arange(len(labels)), :, labels]

    def loss(temperature: float) -> float:
        digit, non_digit = (
            1 / (1 + np.exp(-_logit(each) / temperature))
            for each in (is_digit, is_digit_of_non_digits)
        )
        of_digits = _cross_entropy((digit * of_label + (1 - digit) / 10).mean(axis=1))
        of_non_digits = _cross_entropy(1 - non_digit.mean(axis=1))
        return (1 - share_of_non_digits) * of_digits + share_of_non_digits * of_non_digits

    return _best(loss)


def apply_temperature(network: keras.Model, temperature: float) -> None:
    """Divide the logits of `network` by `temperature`, for good.

    The last layer is linear up to its softmax or sigmoid, so its weights are divided instead. The
    probabilities are then calibrated in every file format and with every runtime.
    """
    last = network.layers[-1]
    last.set_weights([weights / temperature for weights in last.get_weights()])


def _best(loss: Callable[[float], float]) -> float:
    return float(TEMPERATURES[np.argmin([loss(temperature) for temperature in TEMPERATURES])])


def _cross_entropy(probabilities_of_truth: NDArray[np.float64]) -> float:
    return float(-np.log(np.maximum(probabilities_of_truth, 1e-30)).mean())


def _logit(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    clipped = np.clip(probabilities.astype(np.float64), 1e-9, 1 - 1e-9)
    logits: NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return logits
