"""One look, or the mean of several, whose common part is computed once."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.learning import answering as module
from classifier.learning.answering import LOOKS, answering, looking_once
from classifier.learning.export import to_litert
from classifier.learning.outline import build
from classifier.network.runtime import Network
from classifier.parameters import Parameters

layers = keras.layers


def images(count: int) -> NDArray[np.float32]:
    """Ink up to every edge."""
    return np.random.default_rng(1).random((count, 28, 28, 1), np.float32)


def moved(images: NDArray[np.float32], down: int, right: int) -> NDArray[np.float32]:
    """What leaves the picture is gone, what comes into it is paper."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return padded[:, 1 - down : 29 - down, 1 - right : 29 - right]


def look_by_look(
    network: keras.Model, rejection: keras.Model | None, images: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The same, one look after the other, as it is told."""
    answers = []
    for down, right in LOOKS:
        seen = moved(images, down, right)
        probabilities = network.predict(seen, verbose=0)
        if rejection is not None:
            for layer in network.layers:
                if layer.name == "dense":
                    break
                seen = layer(seen)
            is_digit = rejection.predict(np.asarray(seen), verbose=0)
            probabilities = is_digit * probabilities + (1 - is_digit) / 10
        answers.append(probabilities)
    is_sure = answers[0].max(axis=1, keepdims=True) >= module.SURE
    return np.where(is_sure, answers[0], np.asarray(np.mean(answers, axis=0), np.float32))


def outlined(kernel_size: int) -> keras.Model:
    network = build(Parameters(filters=(3, 4), kernel_size=kernel_size, dense_units=12))
    # As drawn they would make all ten probabilities alike.
    network.set_weights([3 * weights for weights in network.get_weights()])
    return network


def rejecting(network: keras.Model) -> keras.Model:
    features = next(layer for layer in network.layers if layer.name == "flatten").output.shape[1:]
    return keras.Sequential([keras.Input(features), layers.Dense(1, activation="sigmoid")])


@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4, 9])
def test_every_look_counts_as_if_it_were_taken_alone(kernel_size: int) -> None:
    network = outlined(kernel_size)
    rejection = rejecting(network) if kernel_size % 2 else None
    expected = look_by_look(network, rejection, images(4))
    found = answering(network, rejection).predict(images(4), verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.ptp(found, axis=1).min() > 0.01


def test_a_file_answers_alike_whether_or_not_it_looks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = outlined(3)
    rejection = rejecting(network)
    once = looking_once(network, rejection).predict(images(4), verbose=0).max(axis=1)
    monkeypatch.setattr(module, "SURE", np.median(once))  # two are sure, two are not
    runtime = Network(to_litert(answering(network, rejection)), "both")
    expected = look_by_look(network, rejection, images(4))
    np.testing.assert_allclose(runtime.probabilities(images(4)), expected, atol=1e-6)


def convolutions(**options: object) -> list[keras.layers.Layer]:
    return [layers.Conv2D(3, **options), layers.MaxPooling2D(2), layers.Flatten()]


@pytest.mark.parametrize(
    "before",
    [
        [layers.Flatten()],
        convolutions(kernel_size=(3, 5)),
        convolutions(kernel_size=3, padding="same"),
        convolutions(kernel_size=3, dilation_rate=2),
        convolutions(kernel_size=5, strides=2),
        [layers.MaxPooling2D(3, 2), *convolutions(kernel_size=4)],
    ],
    ids=["dense", "oblong", "same", "dilated", "strides", "overlapping"],
)
@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_networks_of_another_make_are_looked_with_too(
    before: list[keras.layers.Layer], kind: str
) -> None:
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *[type(layer).from_config(layer.get_config()) for layer in before],
            layers.Dense(10, activation="softmax"),
        ]
    )
    if kind == "functional":
        network = keras.Model(network.inputs, network.outputs[0])
    expected = look_by_look(network, None, images(4))
    found = answering(network).predict(images(4), verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)
