"""MNIST, synthesised handwriting and an outlined network -> a trained one."""

from __future__ import annotations

import contextlib
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tqdm import tqdm

from classifier.learning.augmentation import deform
from classifier.learning.calibration import apply_temperature, fit_temperature
from classifier.learning.data import Mnist
from classifier.learning.diary import Diary, ProgressBar, Snapshot
from classifier.learning.evaluation import held_out_digits
from classifier.learning.outline import prepare
from classifier.learning.synthesis import synthesise_digits, synthesise_others
from classifier.parameters import Parameters

NO_DIGIT = -1  # the label of what is none
# Without these two, a third of the dense layer's neurons died in the first epochs, for good.
WARM_UP = 0.02  # of all steps
LONGEST_GRADIENT = 1.0  # of each layer's weights; a longer one is shortened to it


@dataclass(frozen=True)
class Training:
    """How a network came about."""

    history: dict[str, list[float]]  # one figure an epoch
    snapshots: list[Snapshot]
    temperature: float  # that the logits were divided by at the end, lest they promise too much


def train(
    network: keras.Model,
    data: Mnist,
    parameters: Parameters,
    progress_bar: bool,
    folder: Path | None = None,
) -> Training:
    """Trains `network` in place; its weights are those after the last epoch, calibrated.

    The loss is the sparse categorical cross-entropy for digits; for what is no digit, it is the
    cross-entropy to ten equal probabilities ("outlier exposure": Hendrycks, Mazeika and Dietterich,
    "Deep anomaly detection with outlier exposure", 2019), so that the network learns to give no
    answer where there is none. The test images take no part; the validation images are only
    watched, or calibrate the probabilities at the end where nothing was synthesised.

    Args:
        folder: keeps what it takes to go on, after every epoch; training that was interrupted goes
            on from there, to the same end as if it had not been. None: nothing is kept.

    Raises:
        ParameterError: the folder holds a training with other parameters.
        ModelFileError: what the folder holds cannot be read.
    """
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        return _train(network, data, parameters, progress_bar, Diary(folder, parameters))


def _train(
    network: keras.Model, data: Mnist, parameters: Parameters, progress_bar: bool, diary: Diary
) -> Training:
    keras.utils.set_random_seed(parameters.seed)
    synthetic = parameters.synthetic_digits + parameters.synthetic_others
    steps = math.ceil((len(data.train) + synthetic) / parameters.batch_size)  # in an epoch
    rate = learning_rate(parameters, parameters.epochs * steps)
    optimizer = keras.optimizers.Adam(rate, clipnorm=LONGEST_GRADIENT)
    optimizer.build(network.trainable_variables)
    network.compile(optimizer, loss=outlier_exposure, metrics=[DigitAccuracy()])
    diary.open(network)
    if len(diary.history) < parameters.epochs:
        images, labels = training_images(data, parameters, progress_bar)
        callbacks = [diary]
        if progress_bar:
            callbacks.append(ProgressBar(steps, parameters.epochs))
        network.fit(
            training_batches(images, labels, parameters, len(diary.history)),
            initial_epoch=len(diary.history),
            epochs=parameters.epochs,
            steps_per_epoch=steps,
            validation_data=(data.validation.images, data.validation.labels),
            validation_batch_size=1000,
            callbacks=callbacks,
            verbose=0,
            shuffle=False,  # the batches arrive shuffled
        )
    prepare(network, parameters)
    temperature = _calibrate(network, data, parameters)
    return Training(diary.columns(), diary.snapshots(), temperature)


def _calibrate(network: keras.Model, data: Mnist, parameters: Parameters) -> float:
    """Makes the probabilities mean what they say.

    On drawings, if it knows any: on MNIST's images alone it is so often right that nearly every
    temperature suits them, and the few odd ones among them then decide how sure it is of visitors.
    """
    unseen = held_out_digits() if parameters.synthetic_digits else data.validation
    probabilities = network.predict(unseen.images, batch_size=1000, verbose=0)
    temperature = fit_temperature(probabilities, unseen.labels)
    apply_temperature(network, temperature)
    return temperature


def training_images(
    data: Mnist, parameters: Parameters, progress_bar: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """MNIST's, the synthesised digits and what is no digit: (count, 28, 28, 1), and (count,)."""
    digits, others = parameters.synthetic_digits, parameters.synthetic_others
    with tqdm(
        total=digits + others,
        desc="Writing",
        unit=" drawings",
        disable=not progress_bar or not digits + others,
    ) as bar:
        images, labels = synthesise_digits(digits, parameters.seed, bar.update)
        no_digits = synthesise_others(others, parameters.seed, bar.update)
    # A fourth of the memory; MNIST loses nothing by it.
    levels = [
        np.round(part * 255).astype(np.uint8) for part in (data.train.images, images, no_digits)
    ]
    return np.concatenate(levels), np.concatenate(
        (data.train.labels, labels, np.full(others, NO_DIGIT))
    )


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


def outlier_exposure(labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
    """(batch,) losses: the cross-entropy to the label, or for NO_DIGIT to ten equal shares."""
    labels = tf.reshape(tf.cast(labels, tf.int32), [-1])
    logs = tf.math.log(tf.clip_by_value(probabilities, keras.backend.epsilon(), 1.0))
    of_label = tf.gather(logs, tf.maximum(labels, 0), batch_dims=1)
    return -tf.where(labels == NO_DIGIT, tf.reduce_mean(logs, axis=1), of_label)


class DigitAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """Accuracy over the digits among the examples."""

    def __init__(self) -> None:
        super().__init__(name="accuracy")

    def update_state(
        self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: tf.Tensor | None = None
    ) -> None:
        """Leaves out what is no digit."""
        is_digit = tf.cast(tf.reshape(y_true, [-1]) != NO_DIGIT, tf.float32)
        super().update_state(y_true, y_pred, sample_weight=is_digit)


def learning_rate(
    parameters: Parameters, steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """From a twentieth up to the parameters' in a few steps, then along half a cosine to 0."""
    rising = round(WARM_UP * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=float(parameters.learning_rate) / 20,
        warmup_target=float(parameters.learning_rate),
        warmup_steps=rising,
        decay_steps=steps - rising,
    )
