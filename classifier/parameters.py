"""The hyper-parameters of the network and its training."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from classifier.errors import ParameterError


@dataclass(frozen=True)
class Deformation:
    """How far training images are deformed; each amount is drawn evenly from -it to +it.

    Raises:
        ParameterError: an amount is below 0, or not a finite number.
    """

    shift: float = 1.5  # pixels; no more, because the preparation centres digits
    rotation: float = 10.0  # degrees; much further, a 1 becomes a 7
    scale: float = 0.12  # logarithm of the factor, for height and width separately
    shear: float = 0.2  # horizontal pixels per pixel of height, for slanting handwriting
    elastic: float = 1.2  # pixels that each of 5 x 5 control points moves

    def __post_init__(self) -> None:
        for name, amount in vars(self).items():
            _check_number(f"augmentation's {name}", amount)
            check(amount >= 0, f"augmentation's {name} to be at least 0", amount)


@dataclass(frozen=True)
class Parameters:
    """What `HandwrittenDigitsClassifier` accepts; the defaults trained the model in models/.

    Raises:
        ParameterError: a value is outside its range.
    """

    filters: tuple[int, int] = (32, 32)  # of the two convolutions
    kernel_size: int = 3  # pixels: the side of their filters
    dense_units: int = 128  # neurons between the feature maps and the ten outputs
    epochs: int = 120  # passes over the training images
    batch_size: int = 128  # images per step
    learning_rate: float = 2e-3  # Adam's, after the warm-up; cosine decay takes it to 0
    synthetic_digits: int = 24_000  # by random writers, in addition to MNIST's 55,000
    synthetic_others: int = 40_000  # non-digits: letters, signs, scribbles, scraps of numbers
    augmentation: Deformation | None = field(default_factory=Deformation)  # None: no deformation
    seed: int = 0  # of the weights, the synthesis, and the order and deformation of the images

    def __post_init__(self) -> None:
        is_pair = isinstance(self.filters, tuple | list) and len(self.filters) == 2
        check(is_pair, "filters for 2 convolutions", self.filters)
        for filters in self.filters:
            check_whole("filters", filters, 1)
        for name in ("kernel_size", "dense_units", "epochs", "batch_size"):
            check_whole(name, getattr(self, name), 1)
        for name in ("synthetic_digits", "synthetic_others", "seed"):
            check_whole(name, getattr(self, name), 0)
        check(self.seed < 2**32, "seed below 2**32", self.seed)  # NumPy's limit
        # With larger filters, two convolutions and two poolings leave nothing of 28 pixels.
        check(self.kernel_size <= 9, "kernel_size of at most 9", self.kernel_size)
        _check_number("learning_rate", self.learning_rate)
        is_rate = 0 < self.learning_rate <= 1
        check(is_rate, "learning_rate above 0 and at most 1", self.learning_rate)
        is_known = isinstance(self.augmentation, Deformation | None)
        check(is_known, "augmentation to be a Deformation or None", self.augmentation)


def check_whole(name: str, value: object, least: int) -> None:
    """Raise a ParameterError unless `value` is a whole number of at least `least`."""
    is_whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
    check(is_whole, f"{name} to be a whole number of at least {least}", value)


def _check_number(name: str, value: Any) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    check(is_number and math.isfinite(value), f"{name} to be a finite number", value)


def check(is_right: bool, expected: str, received: object) -> None:
    """Raise a ParameterError unless `is_right`: "Expected ..., received ..."."""
    if not is_right:
        raise ParameterError(f"Expected {expected}, received {received!r}.")
