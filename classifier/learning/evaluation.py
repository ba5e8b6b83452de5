"""How well a network reads digits, and how well it recognises non-digits."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.learning.data import Examples
from classifier.learning.measures import Score, auroc, calibration
from classifier.learning.synthesis import NON_DIGITS, synthesise_digits, synthesise_non_digits
from classifier.network.reading import MIN_CONFIDENCE
from classifier.network.runtime import Network

# Training takes seeds below 2**32. NumPy pads a seed with zero words of 32 bits, so 2**32 would
# give the drawings that seed 0 trains on.
HELD_OUT_SEED = 2**64
HELD_OUT_DIGITS = 5_000
HELD_OUT_NON_DIGITS = 1_000  # of each kind


@dataclass(frozen=True)
class Evaluation:
    """The scores on the validation images, and on the test images, by which nothing was chosen."""

    validation: Score
    test: Score


def score(network: Network, examples: Examples) -> Score:
    """Count the `examples`, read without preparation, that `network` reads correctly."""
    return count_right(network.probabilities(examples.images), examples.labels)


def count_right(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> Score:
    """Count the (count, 10) `probabilities` that are highest at the label."""
    return Score(len(labels), int((probabilities.argmax(axis=1) == labels).sum()))


@functools.cache
def held_out_digits() -> Examples:
    """Return synthesised digits that no training saw; the temperature is fitted to them."""
    return Examples(*synthesise_digits(HELD_OUT_DIGITS, HELD_OUT_SEED))


@functools.cache
def held_out_non_digits(kind: str) -> NDArray[np.float32]:
    """Return non-digits of one kind that no training saw.

    For the kind "unseen", training saw not even the shapes.
    """
    return synthesise_non_digits(HELD_OUT_NON_DIGITS, HELD_OUT_SEED, kinds={kind: 1.0})


@functools.cache
def calibration_non_digits() -> NDArray[np.float32]:
    """Return the non-digits by which the rejection network is calibrated."""
    return synthesise_non_digits(2 * HELD_OUT_NON_DIGITS, HELD_OUT_SEED + 1)


def measure(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, Any]:
    """Return a report's figures on the answers to digits.

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
        "confusion": confusion.tolist(),  # rows are labels, columns are answers
    }


def measure_non_digits(network: Network, digits: NDArray[np.float32]) -> dict[str, Any]:
    """Return a report's figures on how well non-digits are told from digits.

    Args:
        network: the network to measure.
        digits: (count, 10), its probabilities for digits.

    Returns:
        `kinds`, each with `drawings`, `unsure` and `auroc`; and `auroc` over all kinds that
        training knows.
    """
    confidences = {
        kind: network.probabilities(held_out_non_digits(kind)).max(axis=1)
        for kind in (*NON_DIGITS, "unseen")
    }
    known = np.concatenate([confidences[kind] for kind in NON_DIGITS])
    return {
        "kinds": {
            kind: {
                "drawings": len(each),
                "unsure": int((each < MIN_CONFIDENCE).sum()),
                "auroc": auroc(digits.max(axis=1), each),
            }
            for kind, each in confidences.items()
        },
        "auroc": auroc(digits.max(axis=1), known),
    }
