"""This network beside the same one trained plainly, on MNIST and on real pen drawings.

    python -m benchmarks.comparison ../shared/strokes/development.json

"Plainly" is what the tutorials do: five epochs of MNIST as it is, Adam as it comes. Such a network
is asked twice: with pictures scaled straight to 28x28, as most demos do, and with pictures prepared
as MNIST was. The figures go into models/report.json.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import results
from benchmarks.rivals import scaled_down
from benchmarks.strokes import ROUNDS, Drawings, as_png
from classifier import HandwrittenDigitsClassifier
from classifier.ink.decode import decode
from classifier.ink.find import find_ink
from classifier.ink.normalise import normalise
from classifier.learning.export import to_litert
from classifier.learning.measures import Score
from classifier.network.reading import MIN_CONFIDENCE
from classifier.network.runtime import Network

EPOCHS = 5
KERAS_LEARNING_RATE = 0.001  # what Adam has by itself
Preparation = Callable[[bytes], NDArray[np.float32]]


def main() -> None:
    """Trains, measures, prints, and adds what it found to models/report.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("drawings", type=Path)
    options = parser.parse_args()
    drawings = json.loads(options.drawings.read_text())

    ours = HandwrittenDigitsClassifier(learning_rate=KERAS_LEARNING_RATE)
    data = ours.load_data()
    model = ours.model_outlining()
    model.fit(data.train.images, data.train.labels, epochs=EPOCHS, verbose=2)
    plain = Network(to_litert(model), "plain")
    ours.load_model()
    results.check_network(ours.network.sha256)
    rows = {
        "this network": (ours.network, prepared),
        f"trained for {EPOCHS} epochs, MNIST's preparation": (plain, prepared),
        f"trained for {EPOCHS} epochs, scaled straight to 28x28": (plain, scaled_down),
    }
    measured = [
        {
            "name": name,
            "mnist": _score(network, data.test.images, data.test.labels).as_dict(),
            **on_drawings(network, prepare, drawings),
        }
        for name, (network, prepare) in rows.items()
    ]
    results.add_to_report("comparison", measured)
    print(json.dumps(measured, indent=2))


def prepared(png: bytes) -> NDArray[np.float32]:
    """The picture as this project prepares it."""
    ink = normalise(find_ink(decode(png)))
    if ink is None:
        raise ValueError("Expected a drawing, received an empty picture.")
    return ink.image


def on_drawings(
    network: Network, prepare: Preparation, drawings: dict[str, Drawings]
) -> dict[str, Any]:
    """The digits that were read, and the shares of digits and others given a name."""
    chance = random.Random(0)
    images = {
        kind: np.stack(
            [prepare(as_png(each["strokes"], chance)) for each in drawings[kind] * ROUNDS]
        )
        for kind in ("digits", "not_digits")
    }
    labels = np.array([each["label"] for each in drawings["digits"] * ROUNDS])
    others = network.probabilities(images["not_digits"]).max(axis=1)
    return {
        "strokes": _score(network, images["digits"], labels).as_dict(),
        "others_named": float((others >= MIN_CONFIDENCE).mean()),
    }


def _score(network: Network, images: NDArray[np.float32], labels: NDArray[np.int64]) -> Score:
    answers = network.probabilities(images).argmax(axis=1)
    return Score(len(labels), int((answers == labels).sum()))


if __name__ == "__main__":
    main()
