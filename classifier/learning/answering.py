"""A trained network, and one that knows what is no digit -> the one that answers."""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import ops

from classifier.ink.normalise import SIDE

# Pixels down and to the right. The mean of several looks is steadier than one (test-time
# augmentation: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional
# neural networks", 2012); these five were chosen on MNIST's validation images.
LOOKS = ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0))
SHARED = ("convolution_1", "pooling_1", "convolution_2")  # the layers that are not asked five times

# From the probabilities of the ten digits, and the features, to what is asked of a look.
Answer = Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]


def answering(network: keras.Model, rejection: keras.Model | None = None) -> keras.Model:
    """Returns a network from images to (count, 10) probabilities, the mean of several looks.

    Where `rejection` sees a digit with probability p, they are p times those of `network`, and the
    rest falls to all ten alike.
    """

    def answer(probabilities: keras.KerasTensor, features: keras.KerasTensor) -> keras.KerasTensor:
        if rejection is None:
            return probabilities
        is_digit = rejection(features)
        return is_digit * probabilities + (1 - is_digit) / 10

    several = looking(network, answer)
    return keras.Model(several.inputs, ops.mean(several.outputs[0], axis=1))


def looking(network: keras.Model, answer: Answer) -> keras.Model:
    """Returns a network from images to the `answer` to each of the `LOOKS`: (count, looks, ...).

    Two looks that lie two pixels apart see the same pairs of pixels pooled: the maps of the one are
    those of the other, a place further on. So, where there is a row and a column to spare, three
    looks give the maps of all five (Giusti, Ciresan, Masci, Gambardella and Schmidhuber, "Fast
    image scanning with deep max-pooling convolutional neural networks", 2013).
    """
    image = keras.Input((SIDE, SIDE, 1), name="image")
    padded = ops.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)))
    can_share = _can_share(network)
    seen = ops.concatenate(
        [
            padded[:, 1 - down : 1 - down + SIDE, 1 - right : 1 - right + SIDE]
            for down, right in (LOOKS[:3] if can_share else LOOKS)
        ],
        axis=0,
    )
    taken = 0
    if can_share:
        taken = len(SHARED)
        for layer in network.layers[:taken]:
            seen = layer(seen)
        side = seen.shape[1] - 1
        still, right, down = ops.split(seen, 3, axis=0)
        first = [maps[:, :side, :side] for maps in (still, right, down)]
        seen = ops.concatenate([*first, right[:, :side, 1:], down[:, 1:, :side]], axis=0)
    answers = answer(*_probabilities_and_features(network, taken, seen))
    each = ops.reshape(answers, (len(LOOKS), -1, answers.shape[-1]))
    return keras.Model(image, ops.transpose(each, (1, 0, 2)))


def features(network: keras.Model) -> keras.KerasTensor:
    """What the last feature maps show: the first dense layer's input."""
    return _first_dense(network).input


def _can_share(network: keras.Model) -> bool:
    """Whether it is as outline.py makes it, and the last pooling leaves out a row and a column."""
    names = tuple(layer.name for layer in network.layers[: len(SHARED)])
    return names == SHARED and network.layers[len(SHARED) - 1].output.shape[1] % 2 == 1


def _probabilities_and_features(
    network: keras.Model, taken: int, seen: keras.KerasTensor
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """What `network` makes of what its first layers, so many were taken, have left to be seen."""
    if taken == 0:
        both = keras.Model(network.inputs, [network.outputs[0], features(network)])(seen)
        return both[0], both[1]
    last_maps = seen
    for layer in network.layers[taken:]:
        if layer is _first_dense(network):
            last_maps = seen
        seen = layer(seen)
    return seen, last_maps


def _first_dense(network: keras.Model) -> keras.layers.Layer:
    dense = (layer for layer in network.layers if isinstance(layer, keras.layers.Dense))
    return next(dense, network.layers[-1])
