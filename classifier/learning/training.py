"""MNIST and an outlined network -> a trained one."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import keras
import tensorflow as tf

from classifier.learning.augmentation import deform
from classifier.learning.data import Examples, Mnist
from classifier.parameters import Parameters


def train(
    network: keras.Model, data: Mnist, parameters: Parameters, progress_bar: bool
) -> dict[str, list[float]]:
    """Trains `network` in place and returns its history, one figure an epoch.

    The weights kept are those of the epoch with the lowest loss on the validation images. The test
    images take no part.
    """
    keras.utils.set_random_seed(parameters.seed)
    steps = math.ceil(len(data.train) / parameters.batch_size)
    with tempfile.TemporaryDirectory() as folder:
        best = Path(folder) / "best.weights.h5"
        history = network.fit(
            training_batches(data.train, parameters),
            epochs=parameters.epochs,
            steps_per_epoch=steps,
            validation_data=(data.validation.images, data.validation.labels),
            validation_batch_size=1000,
            callbacks=[
                keras.callbacks.LearningRateScheduler(
                    lambda epoch: cosine(parameters.learning_rate, epoch / parameters.epochs)
                ),
                keras.callbacks.ModelCheckpoint(
                    best, monitor="val_loss", save_best_only=True, save_weights_only=True
                ),
            ],
            verbose=1 if progress_bar else 0,
            shuffle=False,  # the batches arrive shuffled
        )
        network.load_weights(best)
    return dict(history.history)


def training_batches(examples: Examples, parameters: Parameters) -> tf.data.Dataset:
    """An endless stream of shuffled batches, deformed if the parameters say so."""
    batches = (
        tf.data.Dataset.from_tensor_slices((examples.images, examples.labels))
        .shuffle(len(examples), seed=parameters.seed)
        .repeat()
        .batch(parameters.batch_size)
    )
    deformation = parameters.augmentation
    if deformation is None:
        return batches.prefetch(tf.data.AUTOTUNE)
    # Each batch's deformations follow from its number alone, in whatever order batches are made.
    numbered = tf.data.Dataset.zip(batches, tf.data.Dataset.counter())
    return numbered.map(
        lambda batch, number: (
            deform(batch[0], deformation, tf.stack((parameters.seed, number))),
            batch[1],
        ),
        num_parallel_calls=tf.data.AUTOTUNE,
    ).prefetch(tf.data.AUTOTUNE)


def cosine(start: float, progress: float) -> float:
    """The learning rate at `progress` in [0, 1): from `start` along half a cosine towards 0."""
    return start * (1 + math.cos(math.pi * progress)) / 2
