"""Compare the network with the same one trained plainly.

"Plainly" is what tutorials do: five epochs on MNIST as it is, with Adam's default learning rate.
That network reads pictures scaled straight to 28x28, as most demos do, and pictures prepared like
MNIST's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier import HandwrittenDigitsClassifier
from classifier.ink.decode import decode
from classifier.ink.find import find_ink
from classifier.ink.normalise import normalise
from classifier.network.reading import MIN_CONFIDENCE
from classifier.network.runtime import Network
from evaluation.drawings import ROUNDS, Drawings, on_random_canvas
from evaluation.scores import share

EPOCHS = 5
KERAS_LEARNING_RATE = 0.001  # Adam's default
Images = NDArray[np.float32]  # (28, 28)
Preparation = Callable[[Image.Image], Images]


def measure(classifier: HandwrittenDigitsClassifier, drawings: Drawings) -> list[dict[str, Any]]:
    """Train a network plainly, and read MNIST's test images and the drawings with both."""
    from classifier.learning.export import to_litert  # TensorFlow takes seconds to import

    tutorial = HandwrittenDigitsClassifier(learning_rate=KERAS_LEARNING_RATE)
    data = tutorial.load_data()
    model = tutorial.model_outlining()
    model.fit(data.train.images, data.train.labels, epochs=EPOCHS, verbose=2)
    plain = Network(to_litert(model), "plain")
    rows: dict[str, tuple[Network, Preparation]] = {
        "this network": (classifier.network, prepared),
        f"trained for {EPOCHS} epochs, MNIST's preparation": (plain, prepared),
        f"trained for {EPOCHS} epochs, scaled straight to 28x28": (plain, scaled_down),
    }
    return [
        {
            "name": name,
            "mnist": _accuracy(network, data.test.images, data.test.labels),
            **_read(network, prepare, drawings),
        }
        for name, (network, prepare) in rows.items()
    ]


def prepared(picture: Image.Image) -> Images:
    """Prepare a picture as this project does."""
    return normalise(find_ink(decode(picture))).image


def scaled_down(picture: Image.Image) -> Images:
    """Scale a picture straight to 28x28, and invert it."""
    return np.float32(1) - np.asarray(picture.resize((28, 28)), np.float32) / np.float32(255)


def _read(network: Network, prepare: Preparation, drawings: Drawings) -> dict[str, Any]:
    """Return the accuracy on digits, and the share of other characters given a digit's name."""
    chance = random.Random(0)
    digits, others = (
        np.stack([prepare(on_random_canvas(each.strokes, chance)) for each in kind * ROUNDS])
        for kind in drawings
    )
    labels = np.array([int(digit.label) for digit in drawings.digits * ROUNDS])
    named = network.probabilities(others).max(axis=1) >= MIN_CONFIDENCE
    return {"strokes": _accuracy(network, digits, labels), "others_named": float(named.mean())}


def _accuracy(
    network: Network, images: NDArray[np.float32], labels: NDArray[np.int64]
) -> dict[str, Any]:
    answers = network.probabilities(images).argmax(axis=1)
    return share(int((answers == labels).sum()), len(labels))
