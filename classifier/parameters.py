"""What can be adjusted when a network is built and trained."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from classifier.errors import ParameterError


@dataclass(frozen=True)
class Deformation:
    """How far a training image may be deformed; each amount is drawn evenly from -it to +it.

    Raises:
        ParameterError: an amount below 0, or none at all.
    """

    shift: float = 1.5  # pixels: the preparation centres digits already
    rotation: float = 10.0  # degrees: much further, and a 1 becomes a 7
    scale: float = 0.12  # logarithm of the factor, for height and width apart
    shear: float = 0.2  # horizontal pixels for each pixel of height: slanting hands
    elastic: float = 1.2  # pixels that 5 x 5 points wander from their places, the rest with them

    def __post_init__(self) -> None:
        for name, amount in vars(self).items():
            _check_number(f"augmentation's {name}", amount)
            if amount < 0:
                raise ParameterError(
                    f"Expected augmentation's {name} to be at least 0, received {amount!r}."
                )


@dataclass(frozen=True)
class Parameters:
    """What `HandwrittenDigitsClassifier` can be given; the defaults made the model in models/.

    Raises:
        ParameterError: a value outside its range.
    """

    filters: tuple[int, int] = (32, 32)  # of the two convolutions
    kernel_size: int = 3  # pixels: the side of their filters
    dense_units: int = 128  # neurons between the feature maps and the ten outputs
    epochs: int = 120  # passes over the training images
    batch_size: int = 128  # images in a step
    learning_rate: float = 2e-3  # Adam's, at its highest; a cosine takes it to 0 in the last step
    synthetic_digits: int = 16_000  # written by random writers, to learn beside MNIST's 55,000
    synthetic_others: int = 16_000  # letters, signs, scribbles, scraps of numbers: no digits
    augmentation: Deformation | None = field(
        default_factory=Deformation
    )  # None: images as they are
    seed: int = (
        0  # of the first weights, the synthesis, the order of the images, their deformations
    )

    def __post_init__(self) -> None:
        if not isinstance(self.filters, tuple | list) or len(self.filters) != 2:
            raise ParameterError(f"Expected filters for 2 convolutions, received {self.filters!r}.")
        for name in ("kernel_size", "dense_units", "epochs", "batch_size"):
            check_whole(name, getattr(self, name), 1)
        for filters in self.filters:
            check_whole("filters", filters, 1)
        for name in ("synthetic_digits", "synthetic_others", "seed"):
            check_whole(name, getattr(self, name), 0)
        if self.seed >= 2**32:  # NumPy's limit
            raise ParameterError(f"Expected seed below 2**32, received {self.seed!r}.")
        if self.kernel_size > 9:
            # Two convolutions and two poolings of a larger one leave nothing of 28 pixels.
            raise ParameterError(f"Expected kernel_size of at most 9, received {self.kernel_size}.")
        _check_number("learning_rate", self.learning_rate)
        if not 0 < self.learning_rate <= 1:
            raise ParameterError(
                f"Expected learning_rate above 0 and at most 1, received {self.learning_rate!r}."
            )
        if not isinstance(self.augmentation, Deformation | None):
            raise ParameterError(
                "Expected augmentation to be a Deformation, or None to train on the images as they "
                f"are, received {self.augmentation!r}."
            )


def _check_number(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ParameterError(f"Expected {name} to be a finite number, received {value!r}.")


def check_whole(name: str, value: object, least: int) -> None:
    """Raises a ParameterError unless `value` is a whole number of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ParameterError(
            f"Expected {name} to be a whole number of at least {least}, received {value!r}."
        )
