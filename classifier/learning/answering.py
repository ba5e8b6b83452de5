"""A trained network, and one that knows what is no digit -> the one that answers."""

from __future__ import annotations

import keras
from keras import ops

from classifier.ink.normalise import SIDE

# Pixels down and to the right. The mean of several looks is steadier than one (test-time
# augmentation: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional
# neural networks", 2012); these five were chosen on MNIST's validation images.
LOOKS = ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0))


def answering(network: keras.Model, rejection: keras.Model | None = None) -> keras.Model:
    """Returns a network from images to (count, 10) probabilities, the mean of several looks.

    Where `rejection` sees a digit with probability p, they are p times those of `network`, and the
    rest falls to all ten alike.
    """
    probabilities = network.outputs[0]
    if rejection is not None:
        is_digit = rejection(features(network))
        probabilities = is_digit * probabilities + (1 - is_digit) / 10
    several = looking(keras.Model(network.inputs, probabilities))
    return keras.Model(several.inputs, ops.mean(several.outputs[0], axis=1))


def looking(model: keras.Model) -> keras.Model:
    """Returns a network from images to what `model` answers to all `LOOKS`: (count, looks, ...)."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    padded = ops.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifted = [
        padded[:, 1 - down : 1 - down + SIDE, 1 - right : 1 - right + SIDE] for down, right in LOOKS
    ]
    answers = model(ops.concatenate(shifted, axis=0))
    each = ops.reshape(answers, (len(LOOKS), -1, answers.shape[-1]))
    return keras.Model(image, ops.transpose(each, (1, 0, 2)))


def features(network: keras.Model) -> keras.KerasTensor:
    """What the last feature maps show: the first dense layer's input."""
    dense = (layer for layer in network.layers if isinstance(layer, keras.layers.Dense))
    return next(dense, network.layers[-1]).input
