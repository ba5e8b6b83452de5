"""The network's arithmetic, done by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier import HandwrittenDigitsClassifier

Array = NDArray[Any]


def assert_activations_follow_from_the_weights(
    classifier: HandwrittenDigitsClassifier, picture: Any
) -> None:
    maps = classifier.explain(picture).layers()
    learned = {layer.name: (layer.weights, layer.biases) for layer in classifier.weights()}
    told = {layer.name: layer.activations for layer in maps.layers}
    seen = maps.reading.image[..., None]
    for number in ("1", "2"):
        weights, biases = learned[f"convolution_{number}"]
        seen = convolved(seen, weights, biases)
        np.testing.assert_allclose(told[f"convolution_{number}"], seen, atol=1e-4)
        seen = pooled(seen)
        np.testing.assert_allclose(told[f"pooling_{number}"], seen, atol=1e-4)
    weights, biases = learned["dense"]
    neurons = np.maximum(weights @ seen.ravel() + biases, 0)
    np.testing.assert_allclose(told["dense"], neurons, atol=1e-3)
    weights, biases = learned["probabilities"]
    powers = np.exp(weights @ neurons + biases)
    np.testing.assert_allclose(told["probabilities"], powers / powers.sum(), atol=1e-4)


def convolved(seen: Array, weights: Array, biases: Array) -> Array:
    """Each filter over each window, its bias added; below 0 is 0 (ReLU)."""
    windows = np.lib.stride_tricks.sliding_window_view(seen, weights.shape[1:3], axis=(0, 1))
    return np.maximum(np.einsum("yxmij,oijm->yxo", windows, weights) + biases, 0)


def pooled(seen: Array) -> Array:
    """The largest of each four; an odd row or column at the end is left out."""
    height, width, maps = seen.shape
    fours = seen[: height // 2 * 2, : width // 2 * 2].reshape(height // 2, 2, width // 2, 2, maps)
    return np.asarray(fours.max(axis=(1, 3)))
