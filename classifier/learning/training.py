"""MNIST, synthesised handwriting and an outlined network -> a trained one."""

from __future__ import annotations

import contextlib
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from classifier.learning.answering import looking
from classifier.learning.batches import training_batches
from classifier.learning.calibration import apply_temperature, fit_temperature
from classifier.learning.data import Mnist
from classifier.learning.diary import Diary, ProgressBar, Snapshot
from classifier.learning.evaluation import held_out_digits
from classifier.learning.outline import prepare
from classifier.learning.rejection import train_rejection
from classifier.learning.synthesis import synthesise_digits
from classifier.parameters import Parameters

# Without these two, a third of the dense layer's neurons died in the first epochs, for good.
WARM_UP = 0.02  # of all steps
LONGEST_GRADIENT = 1.0  # of each layer's weights; a longer one is shortened to it


@dataclass(frozen=True)
class Training:
    """How a network came about."""

    history: dict[str, list[float]]  # one figure an epoch
    snapshots: list[Snapshot]
    temperature: float  # that the logits were divided by at the end, lest they promise too much
    rejection: keras.Model | None  # features -> the probability of a digit; None: nothing taught it


def train(
    network: keras.Model,
    data: Mnist,
    parameters: Parameters,
    progress_bar: bool,
    folder: Path | None = None,
) -> Training:
    """Trains `network` in place; its weights are those after the last epoch, calibrated.

    What is no digit is then told apart by a second network, which leaves this one as it is. The
    test images take no part; the validation images are only watched, or calibrate the
    probabilities at the end where nothing was synthesised.

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
    images_an_epoch = len(data.train) + parameters.synthetic_digits
    steps = math.ceil(images_an_epoch / parameters.batch_size)  # in an epoch
    rate = learning_rate(parameters, parameters.epochs * steps)
    optimizer = keras.optimizers.Adam(rate, clipnorm=LONGEST_GRADIENT)
    optimizer.build(network.trainable_variables)
    network.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    diary.open(network)
    images, labels = training_images(data, parameters, progress_bar)
    if len(diary.history) < parameters.epochs:
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
    rejection = None
    if parameters.synthetic_others:
        mnist, drawn = np.split(images, [len(data.train)])
        rejection = train_rejection(network, mnist, drawn, parameters, progress_bar)
    return Training(diary.columns(), diary.snapshots(), temperature, rejection)


def _calibrate(network: keras.Model, data: Mnist, parameters: Parameters) -> float:
    """Makes the probabilities mean what they say.

    On drawings, if it knows any: on MNIST's images alone it is so often right that nearly every
    temperature suits them, and the few odd ones among them then decide how sure it is of visitors.
    """
    unseen = held_out_digits() if parameters.synthetic_digits else data.validation
    looks = looking(network, lambda probabilities, features: probabilities)
    probabilities = looks.predict(unseen.images, batch_size=1000, verbose=0)
    temperature = fit_temperature(probabilities, unseen.labels)
    apply_temperature(network, temperature)
    return temperature


def training_images(
    data: Mnist, parameters: Parameters, progress_bar: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """MNIST's and the synthesised digits: (count, 28, 28, 1), and (count,)."""
    digits = parameters.synthetic_digits
    with tqdm(
        total=digits,
        desc="Writing",
        unit=" drawings",
        disable=not progress_bar or not digits,
    ) as bar:
        images, labels = synthesise_digits(digits, parameters.seed, bar.update)
    # A fourth of the memory; MNIST loses nothing by it.
    levels = [np.round(part * 255).astype(np.uint8) for part in (data.train.images, images)]
    return np.concatenate(levels), np.concatenate((data.train.labels, labels))


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
