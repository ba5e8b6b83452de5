"""Train a network on MNIST and synthesised handwriting."""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import keras
import numpy as np

from classifier.learning.answering import each_view
from classifier.learning.batches import training_batches
from classifier.learning.calibration import apply_temperature, fit_temperature
from classifier.learning.checkpoint import Checkpoint, Snapshot
from classifier.learning.data import Mnist
from classifier.learning.evaluation import held_out_digits
from classifier.learning.outline import prepare
from classifier.learning.progress import progress
from classifier.learning.rejection import levels, train_rejection
from classifier.learning.synthesis import synthesise_digits
from classifier.parameters import Parameters

# Without these two, a third of the dense layer's neurons died in the first epochs, for good.
WARM_UP = 0.02  # of all steps
CLIP_NORM = 1.0  # of the gradient of each layer's weights


@dataclass(frozen=True)
class Trained:
    """A network, and what is known about its training."""

    model: keras.Model
    rejection: keras.Model | None = None  # features -> probability of a digit
    parameters: Parameters | None = None  # that the model was built from
    history: dict[str, list[float]] = field(default_factory=dict)  # one figure an epoch
    snapshots: Sequence[Snapshot] = ()
    temperature: float | None = None  # of the calibration


def train(
    untrained: Trained,
    data: Mnist,
    parameters: Parameters,
    progress_bar: bool,
    folder: Path | None = None,
) -> Trained:
    """Train a network in place; it ends with the weights of the last epoch, calibrated.

    The rejection network is trained afterwards and leaves this one unchanged. The test images are
    not used. The validation images are evaluated after every epoch, and calibrate a network that
    learned no synthesised digits.

    A training checkpoint is written to `folder`, if given, after every epoch. An interrupted
    training continues from there and ends with the same weights.

    Raises:
        ParameterError: the checkpoint belongs to a training with other parameters.
        ModelFileError: the checkpoint cannot be read.
    """
    network = untrained.model
    keras.utils.set_random_seed(parameters.seed)
    steps = math.ceil((len(data.train) + parameters.synthetic_digits) / parameters.batch_size)
    rate = learning_rate(parameters, parameters.epochs * steps)
    optimizer = keras.optimizers.Adam(rate, clipnorm=CLIP_NORM)
    optimizer.build(network.trainable_variables)
    network.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    with contextlib.ExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        checkpoint = Checkpoint(folder, parameters, steps)
        stack.callback(checkpoint.on_train_end)  # closes the history after an interruption, too
        first_epoch = checkpoint.restore(network)
        count = parameters.synthetic_digits
        written, written_labels = synthesise_digits(count, parameters.seed, progress_bar)
        digits = levels(data.train.images), levels(written)
        images = np.concatenate(digits)
        labels = np.concatenate((data.train.labels, written_labels))
        if first_epoch < parameters.epochs:
            network.fit(
                training_batches(images, labels, parameters, first_epoch),
                initial_epoch=first_epoch,
                epochs=parameters.epochs,
                steps_per_epoch=steps,
                validation_data=(data.validation.images, data.validation.labels),
                validation_batch_size=1000,
                callbacks=[checkpoint, *progress("Training", progress_bar)],
                verbose=0,
                shuffle=False,  # the batches arrive shuffled
            )
        history, snapshots = checkpoint.history(), checkpoint.snapshots()
    prepare(network, parameters)
    temperature = _calibrate(network, data, parameters)
    rejection = None
    if parameters.synthetic_others:
        mnist, synthesised = digits
        rejection = train_rejection(
            network, mnist, data.train.labels, synthesised, parameters, progress_bar
        )
    return replace(
        untrained,
        rejection=rejection,
        history=history,
        snapshots=snapshots,
        temperature=temperature,
    )


def _calibrate(network: keras.Model, data: Mnist, parameters: Parameters) -> float:
    """Calibrate the probabilities, on synthesised digits if the network learned any.

    On MNIST alone the network is right so often that a few odd images would decide how confident it
    is about visitors' drawings.
    """
    unseen = held_out_digits() if parameters.synthetic_digits else data.validation
    probabilities = each_view(network).predict(unseen.images, batch_size=1000, verbose=0)
    temperature = fit_temperature(probabilities, unseen.labels)
    apply_temperature(network, temperature)
    return temperature


def learning_rate(
    parameters: Parameters, steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return the schedule: a short rise from a twentieth, then half a cosine down to 0."""
    warm_up = round(WARM_UP * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=float(parameters.learning_rate) / 20,
        warmup_target=float(parameters.learning_rate),
        warmup_steps=warm_up,
        decay_steps=steps - warm_up,
    )
