"""A trained network, and drawings that are no digits -> a second, small one that tells them apart.

It hangs on the first, which it leaves as it is: it looks at the same feature maps, and answers with
the probability that there is a digit at all. Teaching one network both was tried first (outlier
exposure: Hendrycks, Mazeika and Dietterich, 2019); it read digits worse.
"""

from __future__ import annotations

import dataclasses
import math

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from classifier.learning.answering import features, looking
from classifier.learning.batches import training_batches
from classifier.learning.calibration import apply_temperature, fit_rejection_temperature
from classifier.learning.diary import ProgressBar
from classifier.learning.evaluation import calibration_others, held_out_digits
from classifier.learning.pieces import Pieces, synthesise_pieces
from classifier.learning.synthesis import synthesise_others
from classifier.parameters import Parameters

UNITS = 128
EPOCHS = 8
LEARNING_RATE = 2e-3  # Adam's, at first; a cosine takes it to 0
# All that is no digit was drawn by the program: had it not drawn most digits too, the network would
# learn to tell its pen instead. So often does each drawn digit come, beside as many of MNIST's.
DRAWN = 3
NUMBERS = 0.25  # to cut up, for each drawing that is no digit
# Of a drawing that is no digit, beside a digit: most visitors draw digits. Chosen on the
# development strokes, for the calibration of their confidence.
OTHERS_WEIGHT = 0.35
SHARE_OF_OTHERS = 0.04  # of visitors' drawings, to calibrate for; chosen likewise


def train_rejection(
    network: keras.Model,
    mnist: NDArray[np.uint8],
    drawn: NDArray[np.uint8],
    parameters: Parameters,
    progress_bar: bool,
) -> keras.Model:
    """Returns a network from features to the probability of a digit, calibrated.

    Args:
        network: stays as it is.
        mnist: (count, 28, 28, 1), of 255 levels.
        drawn: (another count, 28, 28, 1), synthesised digits.
        parameters: of its training; `synthetic_others` drawings stand against the digits, and the
            scraps of a quarter as many numbers, whose digits that came off well stand with them.
        progress_bar: shows how far it is.
    """
    keras.utils.set_random_seed(parameters.seed)
    others = _others(parameters, progress_bar)
    pieces = _pieces(parameters, progress_bar)
    drawn = np.concatenate((drawn, _levels(pieces.digits)))
    others = np.concatenate((others, _levels(pieces.scraps)))
    digits = np.concatenate((mnist[: len(drawn) or None], *[drawn] * DRAWN))
    images = np.concatenate((digits, others))
    labels = np.repeat((1.0, 0.0), (len(digits), len(others)))
    first = features(network)
    head = keras.Sequential(
        [
            keras.Input(first.shape[1:], name="features"),
            keras.layers.Dense(UNITS, activation="relu", name="rejection_dense"),
            keras.layers.Dense(1, activation="sigmoid", name="is_digit"),
        ],
        name="rejection",
    )
    both = keras.Model(network.inputs, head(first))
    steps = math.ceil(len(labels) / parameters.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, EPOCHS * steps)
    network.trainable = False
    try:
        both.compile(keras.optimizers.Adam(rate), loss="binary_crossentropy")
        both.fit(
            training_batches(images, labels, dataclasses.replace(parameters, epochs=EPOCHS), 0),
            epochs=EPOCHS,
            steps_per_epoch=steps,
            class_weight={0: OTHERS_WEIGHT, 1: 1.0},
            callbacks=[ProgressBar(steps, EPOCHS, "What is no digit, epoch")] * progress_bar,
            verbose=0,
            shuffle=False,
        )
    finally:
        network.trainable = True
    _calibrate(network, head)
    return head


def _calibrate(network: keras.Model, head: keras.Model) -> None:
    digits = held_out_digits()
    looks = looking(
        network,
        lambda probabilities, features: keras.ops.concatenate(
            (probabilities, head(features)), axis=1
        ),
    )
    of_digits, of_others = (
        looks.predict(images, batch_size=1000, verbose=0)
        for images in (digits.images, calibration_others())
    )
    temperature = fit_rejection_temperature(
        of_digits[..., :10],
        of_digits[..., 10],
        digits.labels,
        of_others[..., 10],
        SHARE_OF_OTHERS,
    )
    apply_temperature(head, temperature)


def _others(parameters: Parameters, progress_bar: bool) -> NDArray[np.uint8]:
    count = parameters.synthetic_others
    with tqdm(total=count, desc="Writing", unit=" drawings", disable=not progress_bar) as bar:
        drawings = synthesise_others(count, parameters.seed, bar.update)
    return _levels(drawings)


def _pieces(parameters: Parameters, progress_bar: bool) -> Pieces:
    count = round(NUMBERS * parameters.synthetic_others)
    with tqdm(total=count, desc="Cutting up", unit=" numbers", disable=not progress_bar) as bar:
        return synthesise_pieces(count, parameters.seed, bar.update)


def _levels(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.round(images * 255).astype(np.uint8)
