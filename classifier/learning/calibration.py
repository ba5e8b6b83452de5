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
        probabilities: (count, 10).
        labels: (count,) 0 to 9.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-30))
    losses = []
    for temperature in TEMPERATURES:
        scaled = logits / temperature
        totals = np.logaddexp.reduce(scaled, axis=1)
        losses.append((totals - scaled[np.arange(len(labels)), labels]).mean())
    return float(TEMPERATURES[np.argmin(losses)])


def apply_temperature(network: keras.Model, temperature: float) -> None:
    """Divides the logits of `network` by `temperature`, for good.

    The last layer is linear up to its softmax, so its weights can be divided in their stead:
    whatever file the network goes into, and whatever runs it, its probabilities are calibrated.
    """
    last = network.layers[-1]
    last.set_weights([weights / temperature for weights in last.get_weights()])
