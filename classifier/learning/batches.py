"""Training images, shuffled and deformed -> batches."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from classifier.learning.augmentation import deform
from classifier.parameters import Parameters


def training_batches(
    images: NDArray[np.uint8], labels: NDArray[np.int64], parameters: Parameters, first_epoch: int
) -> tf.data.Dataset:
    """The batches from `first_epoch` to the last, shuffled, and deformed if the parameters say so.

    What a batch holds follows from its number alone, in whatever order batches are made, and
    wherever training was interrupted.
    """
    steps = math.ceil(len(labels) / parameters.batch_size)
    every_image, every_label = tf.constant(images), tf.constant(labels)

    def order(epoch: tf.Tensor) -> tf.data.Dataset:
        shuffled = tf.random.experimental.stateless_shuffle(
            tf.range(len(labels)), tf.stack((tf.cast(parameters.seed, tf.int64), epoch))
        )
        return tf.data.Dataset.from_tensor_slices(shuffled).batch(parameters.batch_size)

    def batch(chosen: tf.Tensor, number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        picked = tf.cast(tf.gather(every_image, chosen), tf.float32) / 255
        if parameters.augmentation is not None:
            seed = tf.stack((tf.cast(parameters.seed, tf.int64), number))
            picked = deform(picked, parameters.augmentation, seed)
        return picked, tf.gather(every_label, chosen)

    chosen = tf.data.Dataset.range(first_epoch, parameters.epochs).flat_map(order)
    numbers = tf.data.Dataset.counter(start=first_epoch * steps)
    return (
        tf.data.Dataset.zip(chosen, numbers)
        .map(batch, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )
