"""The network's arithmetic, computed step by step from its weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from classifier import HandwrittenDigitsClassifier


def assert_activations_follow_from_the_weights(
    classifier: HandwrittenDigitsClassifier, picture: Any
) -> None:
    maps = classifier.explain(picture).layers()
    learned = {layer.name: (layer.weights, layer.biases) for layer in classifier.weights()}
    activations = {layer.name: layer.activations for layer in maps.layers}
    values = maps.reading.image[None, ..., None]
    for number in ("1", "2"):
        filters, biases = learned[f"convolution_{number}"]
        values = ops.relu(ops.conv(values, filters.transpose(1, 2, 3, 0)) + biases)
        np.testing.assert_allclose(activations[f"convolution_{number}"], values[0], atol=1e-4)
        values = ops.max_pool(values, 2)
        np.testing.assert_allclose(activations[f"pooling_{number}"], values[0], atol=1e-4)
    weights, biases = learned["dense"]
    neurons = ops.relu(weights @ np.ravel(values) + biases)
    np.testing.assert_allclose(activations["dense"], neurons, atol=1e-3)
    weights, biases = learned["probabilities"]
    probabilities = ops.softmax(weights @ np.asarray(neurons) + biases)
    np.testing.assert_allclose(activations["probabilities"], probabilities, atol=1e-4)
