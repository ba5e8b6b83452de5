"""Test-time augmentation, compared with the same computed view by view."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers
from numpy.typing import NDArray

from classifier.learning import answering as module
from classifier.learning.answering import VIEWS, answering, first_view
from classifier.learning.export import to_litert
from classifier.learning.outline import build
from classifier.network.runtime import Network
from classifier.parameters import Parameters

IMAGES = np.random.default_rng(1).random((4, 28, 28, 1), np.float32)  # with ink up to the edges


def view_by_view(model: keras.Model) -> NDArray[np.float32]:
    padded = np.pad(IMAGES, ((0, 0), (1, 1), (1, 1), (0, 0)))
    views = [padded[:, 1 - down : 29 - down, 1 - right : 29 - right] for down, right in VIEWS]
    answers = [model.predict(view, verbose=0) for view in views]
    is_confident = answers[0].max(axis=1, keepdims=True) >= module.CONFIDENT
    return np.where(is_confident, answers[0], np.mean(answers, axis=0, dtype=np.float32))


def test_a_litert_file_answers_as_view_by_view(monkeypatch: pytest.MonkeyPatch) -> None:
    network = build(Parameters(filters=(3, 4), dense_units=12))
    # The initial weights would make all ten probabilities nearly equal.
    network.set_weights([3 * weights for weights in network.get_weights()])
    features = module.features(network)
    rejection = keras.Sequential(
        [keras.Input(features.shape[1:]), layers.Dense(1, activation="sigmoid")]
    )
    both = keras.Model(network.inputs, [network.outputs[0], rejection(features)])
    probabilities, is_digit = both.predict(IMAGES, verbose=0)
    once = first_view(network, rejection)
    expected = is_digit * probabilities + (1 - is_digit) / 10
    np.testing.assert_allclose(once.predict(IMAGES, verbose=0), expected, atol=1e-6)

    monkeypatch.setattr(module, "CONFIDENT", np.median(expected.max(axis=1)))  # two are confident
    runtime = Network(to_litert(answering(network, rejection)), "both")
    np.testing.assert_allclose(runtime.probabilities(IMAGES), view_by_view(once), atol=1e-6)


def test_another_network_is_augmented_too() -> None:
    last = layers.Dense(10, activation="softmax")
    network = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), last])
    found = answering(network).predict(IMAGES, verbose=0)
    np.testing.assert_allclose(found, view_by_view(network), atol=1e-6)
