"""Measure how well a network reads digits, and how well it recognises non-digits."""

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
    """The scores on the validation images and on the test images, which influenced no choice."""

    validation: Score
    test: Score


def score(network: Network, examples: Examples) -> Score:
    """Count the `examples` that `network` reads correctly. They are not prepared again."""
    return count_right(network.probabilities(examples.images), examples.labels)


def count_right(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> Score:
    """Count the rows of `probabilities`, (count, 10), that are highest at the label."""
    return Score(len(labels), int((probabilities.argmax(axis=1) == labels).sum()))


@functools.cache
def held_out_digits() -> Examples:
    """Return synthesised digits that training never saw; they determine the temperature."""
    return Examples(*synthesise_digits(HELD_OUT_DIGITS, HELD_OUT_SEED))


@functools.cache
def held_out_non_digits(kind: str) -> NDArray[np.float32]:
    """Return non-digits that training never saw; of the kind "unseen", not even their shapes."""
    return synthesise_non_digits(HELD_OUT_NON_DIGITS, HELD_OUT_SEED, kinds={kind: 1.0})


@functools.cache
def calibration_non_digits() -> NDArray[np.float32]:
    """Return the non-digits on which the rejection network is calibrated."""
    return synthesise_non_digits(2 * HELD_OUT_NON_DIGITS, HELD_OUT_SEED + 1)


def measure(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, Any]:
    """Return the report's figures on the (count, 10) `probabilities` of digits."""
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
    """Return the report's figures on how well `network` distinguishes non-digits from digits.

    `digits` are its (count, 10) probabilities for digits. The `auroc` outside `kinds` is that of
    all kinds that occur in training.
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
