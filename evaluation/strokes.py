"""Read drawings of digits and of other characters, in random sizes, places and brushes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier import HandwrittenDigitsClassifier, Prediction
from classifier.learning.measures import auroc, calibration
from evaluation.drawings import BRUSHES, CANVAS, ROUNDS, SIZES, Drawings, on_random_canvas
from evaluation.scores import most_likely, score


def measure(
    classifier: HandwrittenDigitsClassifier, drawings: Drawings, seed: int = 0
) -> dict[str, Any]:
    """Read `ROUNDS` pictures of every drawing."""
    chance = random.Random(seed)
    digits, others = drawings.digits * ROUNDS, drawings.others * ROUNDS
    labels = [drawing.label for drawing in digits]
    answers, to_others = (
        classifier.predict([on_random_canvas(each.strokes, chance) for each in kind])
        for kind in (digits, others)
    )
    right = [most_likely(answer) == label for answer, label in zip(answers, labels, strict=True)]
    unsure = sum(answer.text is None for answer in to_others)
    return {
        "drawings": len(drawings.digits),
        "writers": len({drawing.writer for drawing in drawings.digits}),
        "canvas": CANVAS,
        "sizes": SIZES,
        "brushes": BRUSHES,
        "seed": seed,
        **score(answers, labels, ROUNDS),
        "share_unsure": sum(answer.text is None for answer in answers) / len(answers),
        "calibration": calibration(_confidences(answers), np.array(right)),
        "others": {
            "labels": sorted({drawing.label for drawing in drawings.others}),
            "drawings": len(drawings.others),
            "posted": len(others),
            "unsure": unsure,
            "share_unsure": unsure / len(others),
            "auroc": auroc(_confidences(answers), _confidences(to_others)),
        },
    }


def _confidences(predictions: Sequence[Prediction]) -> NDArray[np.float64]:
    """Return the confidence of each prediction's least certain digit."""
    return np.array([min((r.confidence for r in p.digits), default=0.0) for p in predictions])
