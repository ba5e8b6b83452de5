"""Train the rejection network, which recognises non-digits.

The rejection network takes the feature maps of the first network, which stays unchanged, and
returns the probability that there is a digit at all. Teaching both tasks to one network was
tried first (outlier exposure: Hendrycks, Mazeika and Dietterich, 2019); it read digits worse.
"""

from __future__ import annotations

import dataclasses
import math

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from classifier.learning.answering import each_view, features
from classifier.learning.batches import training_batches
from classifier.learning.calibration import apply_temperature, fit_rejection_temperature
from classifier.learning.evaluation import calibration_non_digits, held_out_digits
from classifier.learning.pieces import synthesise_pieces
from classifier.learning.progress import progress
from classifier.learning.synthesis import synthesise_non_digits
from classifier.parameters import Parameters

UNITS = 128
EPOCHS = 12
LEARNING_RATE = 2e-3  # Adam's, at first; a cosine takes it to 0
# All non-digits are synthesised. If most digits were not, the network would learn to recognise the
# synthesis instead. Each synthesised digit therefore comes this often, beside as many of MNIST's.
REPEATS = 3
NUMBERS = 0.2  # numbers to cut into pieces, for each synthesised non-digit
# Mirrored and turned, these digits of MNIST are none, but still in real hands: a mirrored 9 is a P,
# a 4 upside down an h, a 3 on its side an m. Each way takes this share of a digit's images.
MIRRORED, UPSIDE_DOWN, ON_THEIR_SIDES = (3, 4, 6, 7, 9), (3, 4), (2, 3, 4, 5, 7)
TURNED = 0.25
# Of a non-digit, relative to a digit: most visitors draw digits. Chosen for the calibration of the
# confidence on the development strokes.
NON_DIGIT_WEIGHT = 0.35
SHARE_OF_NON_DIGITS = 0.04  # among visitors' drawings, assumed by the calibration; chosen likewise


def train_rejection(
    network: keras.Model,
    mnist: NDArray[np.uint8],
    mnist_labels: NDArray[np.int64],
    synthesised: NDArray[np.uint8],
    parameters: Parameters,
    progress_bar: bool,
) -> keras.Model:
    """Return a calibrated network from features of `network` to the probability of a digit.

    The digits have the shape (count, 28, 28, 1). `parameters.synthetic_others` non-digits are
    synthesised, and a fifth as many numbers, whose pieces count as digits and as non-digits.
    """
    keras.utils.set_random_seed(parameters.seed)
    count = parameters.synthetic_others
    written = synthesise_non_digits(count, parameters.seed, progress_bar)
    pieces = synthesise_pieces(round(NUMBERS * count), parameters.seed, progress_bar)
    synthesised = np.concatenate((synthesised, levels(pieces.digits)))
    digits = np.concatenate((mnist[: len(synthesised) or None], *[synthesised] * REPEATS))
    turned = turned_digits(mnist, mnist_labels, np.random.default_rng(parameters.seed))
    non_digits = np.concatenate((levels(written), levels(pieces.scraps), turned))
    images = np.concatenate((digits, non_digits))
    labels = np.repeat((1.0, 0.0), (len(digits), len(non_digits)))

    head = keras.Sequential(
        [
            keras.Input(features(network).shape[1:], name="features"),
            layers.Dense(UNITS, activation="relu", name="rejection_dense"),
            layers.Dense(1, activation="sigmoid", name="is_digit"),
        ],
        name="rejection",
    )
    is_digit = head(features(network))
    steps = math.ceil(len(labels) / parameters.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, EPOCHS * steps)
    network.trainable = False
    try:
        model = keras.Model(network.inputs, is_digit)
        model.compile(keras.optimizers.Adam(rate), loss="binary_crossentropy")
        model.fit(
            training_batches(images, labels, dataclasses.replace(parameters, epochs=EPOCHS), 0),
            epochs=EPOCHS,
            steps_per_epoch=steps,
            class_weight={0: NON_DIGIT_WEIGHT, 1: 1.0},
            callbacks=progress("Learning non-digits", progress_bar),
            verbose=0,
            shuffle=False,  # the batches arrive shuffled
        )
    finally:
        network.trainable = True
    both = ops.concatenate((network.outputs[0], is_digit), axis=1)
    _calibrate(each_view(keras.Model(network.inputs, both)), head)
    return head


def turned_digits(
    images: NDArray[np.uint8], labels: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.uint8]:
    """Return non-digits, (n, 28, 28, 1): some of the digits, mirrored or turned."""
    ways = (
        (MIRRORED, images[:, :, ::-1]),
        (UPSIDE_DOWN, images[:, ::-1, ::-1]),
        (ON_THEIR_SIDES, np.rot90(images, 1, (1, 2))),
        (ON_THEIR_SIDES, np.rot90(images, -1, (1, 2))),
    )
    turned = []
    for digits, turned_images in ways:
        for digit in digits:
            of_digit = np.flatnonzero(labels == digit)
            count = round(TURNED * len(of_digit))
            turned.append(turned_images[random.choice(of_digit, count, replace=False)])
    return np.concatenate(turned)


def _calibrate(views: keras.Model, head: keras.Model) -> None:
    """Calibrate `head`; `views` gives the ten probabilities and that of a digit."""
    digits = held_out_digits()
    of_digits, of_non_digits = (
        views.predict(images, batch_size=1000, verbose=0)
        for images in (digits.images, calibration_non_digits())
    )
    temperature = fit_rejection_temperature(
        of_digits[..., :10],
        of_digits[..., 10],
        digits.labels,
        of_non_digits[..., 10],
        SHARE_OF_NON_DIGITS,
    )
    apply_temperature(head, temperature)


def levels(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return images in 256 levels: a quarter of the memory, and all that MNIST has."""
    return np.round(images * 255).astype(np.uint8)
