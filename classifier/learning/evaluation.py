"""How well a network reads images whose answer is known, and how well it knows what it cannot."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from classifier.learning.answering import SURE
from classifier.learning.data import Examples
from classifier.learning.measures import Score, auroc, calibration
from classifier.learning.synthesis import OTHERS, synthesise_digits, synthesise_others
from classifier.network.reading import MIN_CONFIDENCE
from classifier.network.runtime import Network

# Training takes seeds below 2**32. NumPy reads a seed in words of 32 bits, of which it looks at the
# first few as if zeros followed: 2**32 would lead back to drawings that seed 0 trains on.
HELD_OUT_SEED = 2**64
HELD_OUT_DIGITS = 5_000
HELD_OUT_OTHERS = 1_000  # of each kind


@dataclass(frozen=True)
class Evaluation:
    """The scores on the images that were watched, and on those that chose nothing."""

    validation: Score
    test: Score


def score(network: Network, examples: Examples) -> Score:
    """Reads every one of `examples`, just as it is, and counts the right answers."""
    return _score(network.probabilities(examples.images), examples.labels)


def one_look(model: keras.Model, examples: Examples) -> Score:
    """Reads every one of `examples` with the network alone, once."""
    probabilities = model.predict(examples.images, batch_size=1000, verbose=0)
    return _score(probabilities, examples.labels)


def share_of_sure(once: keras.Model, examples: Examples) -> float:
    """Tells of which share of `examples` one look is sure enough to be the answer."""
    probabilities = once.predict(examples.images, batch_size=1000, verbose=0)
    return float((probabilities.max(axis=1) >= SURE).mean())


def same_answers(network: Network, model: keras.Model, examples: Examples) -> Score:
    """Counts on how many of `examples` LiteRT and Keras give the same answer."""
    by_keras = model.predict(examples.images, batch_size=1000, verbose=0).argmax(axis=1)
    return _score(network.probabilities(examples.images), by_keras)


@functools.cache
def held_out_digits() -> Examples:
    """Synthesised digits that no training saw; the temperature is fitted to them."""
    return Examples(*synthesise_digits(HELD_OUT_DIGITS, HELD_OUT_SEED))


@functools.cache
def held_out_others(kind: str) -> NDArray[np.float32]:
    """Drawings of one kind that are no digits, and that no training saw.

    Of "unseen" signs, training saw not even the skeletons.
    """
    return synthesise_others(HELD_OUT_OTHERS, HELD_OUT_SEED, kinds={kind: 1.0})


@functools.cache
def calibration_others() -> NDArray[np.float32]:
    """Drawings that are no digits: to set right how sure the network is that there is none."""
    return synthesise_others(2 * HELD_OUT_OTHERS, HELD_OUT_SEED + 1)


def measure(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, Any]:
    """All that a report tells of the answers to digits.

    Args:
        probabilities: (count, 10).
        labels: (count,) 0 to 9.
    """
    answers, confidences = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = answers == labels
    sure = confidences >= MIN_CONFIDENCE
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, answers), 1)
    of_label = probabilities[np.arange(len(labels)), labels]
    return {
        **Score(len(labels), int(right.sum())).as_dict(),
        "log_loss": float(-np.log(np.maximum(of_label, 1e-30)).mean()),
        "calibration": calibration(confidences, right),
        "unsure": int((~sure).sum()),
        "answered": Score(int(sure.sum()), int((sure & right).sum())).as_dict(),
        "confusion": confusion.tolist(),  # row: what it is, column: what was answered
    }


def measure_others(network: Network, digits: NDArray[np.float32]) -> dict[str, Any]:
    """How well what is no digit is told from digits, kind by kind.

    Args:
        network: the one to measure.
        digits: (count, 10): its probabilities for digits.

    Returns:
        `kinds`, each with `drawings`, `unsure` and `auroc`; and `auroc`, of the kinds that training
        knows, all together.
    """
    confidences = {
        kind: network.probabilities(held_out_others(kind)).max(axis=1)
        for kind in (*OTHERS, "unseen")
    }
    return {
        "kinds": {
            kind: {
                "drawings": len(each),
                "unsure": int((each < MIN_CONFIDENCE).sum()),
                "auroc": auroc(digits.max(axis=1), each),
            }
            for kind, each in confidences.items()
        },
        "auroc": auroc(digits.max(axis=1), np.concatenate([confidences[kind] for kind in OTHERS])),
    }


def _score(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> Score:
    return Score(len(labels), int((probabilities.argmax(axis=1) == labels).sum()))
