"""Measures of the quality of answers, and their confidence intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15  # of the expected calibration error, as in Guo et al., 2017
NORMAL_95 = 1.959964  # standard deviations: half the width of a 95 % interval


@dataclass(frozen=True)
class Score:
    """The number of answers, and of right ones among them."""

    images: int
    right: int

    @property
    def accuracy(self) -> float:
        """The share of right answers, in [0, 1]; 0 without answers."""
        return self.right / self.images if self.images else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the score for a report, with the accuracy and its 95 % interval."""
        return {
            "images": self.images,
            "right": self.right,
            "accuracy": self.accuracy,
            "interval": wilson_interval(self.right, self.images),
        }


def wilson_interval(right: float, images: float) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share (Wilson, "Probable inference ...", 1927)."""
    if images == 0:
        return 0.0, 1.0
    share, z = right / images, NORMAL_95
    middle = share + z**2 / (2 * images)
    half = z * math.sqrt(share * (1 - share) / images + z**2 / (4 * images**2))
    scale = 1 + z**2 / images
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def calibration(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the expected calibration error, and the non-empty bins that it is computed from.

    The expected calibration error (Naeini, Cooper and Hauskrecht, 2015; Guo et al., "On calibration
    of modern neural networks", 2017) is the mean distance of a bin's mean confidence from its
    accuracy, over bins of equal width, weighted by the answers in them.
    """
    numbers = np.minimum((confidences * BINS).astype(int), BINS - 1)
    bins = []
    for number in np.unique(numbers):
        inside = numbers == number
        bins.append(
            {
                "images": int(inside.sum()),
                "confidence": float(confidences[inside].mean()),
                "accuracy": float(right[inside].mean()),
            }
        )
    distances = [each["images"] * abs(each["confidence"] - each["accuracy"]) for each in bins]
    return {"error": sum(distances) / len(confidences), "bins": bins}


def auroc(digits: NDArray[np.float64], non_digits: NDArray[np.float64]) -> float:
    """Return the probability that a digit's confidence exceeds that of a non-digit.

    This is the area under the receiver operating characteristic (Hanley and McNeil, 1982).
    """
    ranked = np.sort(non_digits)
    below = np.searchsorted(ranked, digits, side="left")
    not_above = np.searchsorted(ranked, digits, side="right")
    return float((below + not_above).mean() / 2 / len(non_digits))
