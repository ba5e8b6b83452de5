"""Shuffle and deform the training images, in batches."""

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
    """Return the batches from `first_epoch` to the last, deformed if `parameters` say so.

    The contents of a batch depend only on the seed and the batch's number. They are the same in
    whatever order batches are computed, and wherever training was interrupted.
    """
    steps = math.ceil(len(labels) / parameters.batch_size)
    all_images, all_labels = tf.constant(images), tf.constant(labels)

    def order(epoch: tf.Tensor) -> tf.data.Dataset:
        shuffled = tf.random.experimental.stateless_shuffle(
            tf.range(len(labels)), tf.stack((tf.cast(parameters.seed, tf.int64), epoch))
        )
        return tf.data.Dataset.from_tensor_slices(shuffled).batch(parameters.batch_size)

    def batch(chosen: tf.Tensor, number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        picked = tf.cast(tf.gather(all_images, chosen), tf.float32) / 255
        if parameters.augmentation is not None:
            seed = tf.stack((tf.cast(parameters.seed, tf.int64), number))
            picked = deform(picked, parameters.augmentation, seed)
        return picked, tf.gather(all_labels, chosen)

    chosen = tf.data.Dataset.range(first_epoch, parameters.epochs).flat_map(order)
    numbers = tf.data.Dataset.counter(start=first_epoch * steps)
    return (
        tf.data.Dataset.zip(chosen, numbers)
        .map(batch, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )
