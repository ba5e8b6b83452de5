"""Combine a network and its rejection network into the network that answers."""

from __future__ import annotations

import keras
from keras import ops

from classifier.ink.normalise import SIDE

# Shifts, down and right, in pixels. The mean over several views is steadier than one (test-time
# augmentation: Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional
# neural networks", 2012). These five were chosen on MNIST's validation images.
VIEWS = ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0))
# From this probability on, the first view alone is the answer. Chosen on MNIST's validation images
# and the held-out synthesised digits: it changes no answer to them, and 96 % of them need one view.
CONFIDENT = 0.99


class TestTimeAugmentation(keras.layers.Layer):
    """Pass on the first view's answer if it is confident, and otherwise the mean over all views.

    Most images therefore cost less than half of what all views cost (a cascade: Viola and Jones,
    "Rapid object detection using a boosted cascade of simple features", 2001). In a LiteRT file,
    which answers one image at a time, the other views are a branch that is not taken.
    """

    __test__ = False  # for pytest

    def __init__(self, mean_of_views: keras.Model) -> None:
        super().__init__()
        self.mean_of_views = mean_of_views

    def call(self, image: keras.KerasTensor, first: keras.KerasTensor) -> keras.KerasTensor:
        """Return (count, 10) probabilities; `first` are those of the first view."""
        is_confident = ops.max(first, axis=1, keepdims=True) >= CONFIDENT
        return ops.cond(
            ops.all(is_confident),
            lambda: first,
            lambda: ops.where(is_confident, first, self.mean_of_views(image)),
        )

    def compute_output_shape(
        self, image_shape: tuple[int | None, ...], first_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """Return the shape of the probabilities."""
        return first_shape


def answering(network: keras.Model, rejection: keras.Model | None = None) -> keras.Model:
    """Return a network from images to (count, 10) probabilities, with test-time augmentation."""
    first = first_view(network, rejection)
    each = each_view(first)
    mean = keras.Model(each.inputs, ops.mean(each.outputs[0], axis=1))
    image = keras.Input((SIDE, SIDE, 1), name="image")
    return keras.Model(image, TestTimeAugmentation(mean)(image, first(image)))


def first_view(network: keras.Model, rejection: keras.Model | None = None) -> keras.Model:
    """Return a network from images to (count, 10) probabilities, without augmentation.

    Where `rejection` sees a digit with probability p, the answer is p times the probabilities of
    `network`, and the rest is shared equally by all ten digits.
    """
    probabilities = network.outputs[0]
    if rejection is not None:
        is_digit = rejection(features(network))
        probabilities = is_digit * probabilities + (1 - is_digit) / 10
    return keras.Model(network.inputs, probabilities)


def each_view(network: keras.Model) -> keras.Model:
    """Return a network from images to the answers of `network` to each view.

    Its output has the shape (count, views, outputs of `network`).
    """
    image = keras.Input((SIDE, SIDE, 1), name="image")
    padded = ops.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)))
    views = [
        padded[:, 1 - down : 1 - down + SIDE, 1 - right : 1 - right + SIDE] for down, right in VIEWS
    ]
    answers = network(ops.concatenate(views, axis=0))
    each = ops.reshape(answers, (len(VIEWS), -1, answers.shape[-1]))
    return keras.Model(image, ops.transpose(each, (1, 0, 2)))


def features(network: keras.Model) -> keras.KerasTensor:
    """Return the input of the first dense layer: the flattened feature maps."""
    dense = (layer for layer in network.layers if isinstance(layer, keras.layers.Dense))
    return next(dense, network.layers[-1]).input
