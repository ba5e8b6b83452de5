"""The network: its layers, loss and optimizer."""

from __future__ import annotations

import keras
from keras import layers

from classifier.ink.normalise import SIDE
from classifier.parameters import Parameters


def build(parameters: Parameters) -> keras.Model:
    """Return the compiled network: (n, 28, 28, 1) float32 in [0, 1] -> (n, 10) probabilities.

    With the default parameters it has 113,386 weights. The seed determines their initial values.
    """
    keras.utils.set_random_seed(parameters.seed)
    first, second = parameters.filters
    network = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name="image"),
            layers.Conv2D(first, parameters.kernel_size, activation="relu", name="convolution_1"),
            layers.MaxPooling2D(pool_size=2, strides=2, name="pooling_1"),
            layers.Conv2D(second, parameters.kernel_size, activation="relu", name="convolution_2"),
            layers.MaxPooling2D(pool_size=2, strides=2, name="pooling_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(parameters.dense_units, activation="relu", name="dense"),
            layers.Dense(10, activation="softmax", name="probabilities"),
        ],
        name="mnist_cnn",
    )
    prepare(network, parameters)
    return network


def prepare(network: keras.Model, parameters: Parameters) -> None:
    """Compile `network`."""
    network.compile(
        optimizer=keras.optimizers.Adam(float(parameters.learning_rate)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    # A file saved before the first step would otherwise lack what Keras expects in it.
    network.optimizer.build(network.trainable_variables)
