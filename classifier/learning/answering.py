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
# From this probability on the first look is the answer. Chosen on MNIST's validation images and the
# held-out synthesised digits: none of them is read as another digit for it, nor is another one
# doubted, and 96 % of them take one look.
SURE = 0.99
SHARED = ("convolution_1", "pooling_1", "convolution_2")  # the layers that are not asked five times

# From the probabilities of the ten digits, and the features, to what is asked of a look.
Answer = Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]


class LookingAgain(keras.layers.Layer):
    """Passes on the answer to the first look where that is sure, else that of `several`.

    So most images cost less than half of what several looks do (a cascade: Viola and Jones,
    "Rapid object detection using a boosted cascade of simple features", 2001). In a LiteRT file,
    which answers one image at a time, the other looks are a branch that is not taken.
    """

    def __init__(self, several: keras.Model) -> None:
        super().__init__()
        self.several = several

    def call(self, image: keras.KerasTensor, first: keras.KerasTensor) -> keras.KerasTensor:
        """Returns (count, 10) probabilities; `first` are those of the first look."""
        is_sure = ops.max(first, axis=1, keepdims=True) >= SURE
        return ops.cond(
            ops.all(is_sure),
            lambda: first,
            lambda: ops.where(is_sure, first, self.several(image)),
        )

    def compute_output_shape(
        self, image_shape: tuple[int | None, ...], first_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Returns the shape of the probabilities."""
        return first_shape


def answering(network: keras.Model, rejection: keras.Model | None = None) -> keras.Model:
    """Returns a network from images to (count, 10) probabilities.

    They are those of a first look at the image where these are `SURE`, else the mean of all looks.
    """
    first = looking_once(network, rejection)
    each = looking(network, _answer_with(rejection))
    several = keras.Model(each.inputs, ops.mean(each.outputs[0], axis=1))
    image = keras.Input((SIDE, SIDE, 1), name="image")
    return keras.Model(image, LookingAgain(several)(image, first(image)))


def looking_once(network: keras.Model, rejection: keras.Model | None = None) -> keras.Model:
    """Returns a network from images to the (count, 10) probabilities of one look at each."""
    both = [network.outputs[0], features(network)]
    return keras.Model(network.inputs, _answer_with(rejection)(*both))


def _answer_with(rejection: keras.Model | None) -> Answer:
    """What a look answers.

    Where `rejection` sees a digit with probability p, that is p times the probabilities of the
    network, and the rest falls to all ten alike.
    """

    def answer(probabilities: keras.KerasTensor, features: keras.KerasTensor) -> keras.KerasTensor:
        if rejection is None:
            return probabilities
        is_digit = rejection(features)
        return is_digit * probabilities + (1 - is_digit) / 10

    return answer


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
