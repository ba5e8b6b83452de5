"""What the library answers."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from classifier.ink.png import encode_png

Verdict = Literal["digit", "number", "unsure", "blank"]
VariantName = Literal[
    "scaled straight",  # the whole picture squeezed into 28x28: what most demos do
    "centred by box",  # scaled as MNIST was, but its box in the middle, not its centre of mass
    "centred by mass",  # as MNIST was prepared: what predict() answers by
    "thinner",  # centred by mass, as a thinner pen would have drawn it
    "thicker",
]


@dataclass(frozen=True)
class Reading:
    """One 28x28 image, and how it was read."""

    digit: int  # the likeliest, 0 to 9
    probabilities: tuple[float, ...]  # of 0 to 9, adding up to 1
    # (28, 28), ink in [0, 1]: what the network saw. Arrays do not compare to true or false.
    image: NDArray[np.float32] = field(compare=False)

    @property
    def confidence(self) -> float:
        """The probability of `digit`, in [0, 1]."""
        return self.probabilities[self.digit]

    def png(self) -> bytes:
        """`image` as a PNG file, ink white on black."""
        return encode_png(self.image)

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON, `image` as a data URL."""
        return {
            "digit": self.digit,
            "probabilities": self.probabilities,
            "image": f"data:image/png;base64,{base64.b64encode(self.png()).decode()}",
        }


@dataclass(frozen=True)
class DigitReading(Reading):
    """One digit of a picture, and how it was read."""

    box: tuple[int, int, int, int]  # left, top, right, bottom of its ink: pixels of the picture

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON, `image` as a data URL."""
        plain = super().as_dict()
        return {
            "digit": plain["digit"],
            "confidence": self.confidence,
            "probabilities": plain["probabilities"],
            "box": self.box,
            "image": plain["image"],
        }


@dataclass(frozen=True)
class Prediction:
    """The answer to one picture.

    `verdict` is "digit"; "number", where there are several, whose `text` has a line for each line
    of them; "unsure", where the ink is no digit or the network's best guess is too weak to be
    called an answer; or "blank", where there is no ink. Only the first two have a `text`; the
    others have a `reason` instead, a sentence meant for a person.
    """

    verdict: Verdict
    text: str | None
    reason: str | None
    digits: tuple[DigitReading, ...]  # in reading order; empty where the network was not asked

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON."""
        return {
            "verdict": self.verdict,
            "text": self.text,
            "reason": self.reason,
            "digits": [reading.as_dict() for reading in self.digits],
        }


@dataclass(frozen=True)
class Variant(Reading):
    """A digit as it would have been read, had it been prepared or drawn otherwise."""

    name: VariantName
    pen: float  # the width of the pen's strokes, over the width it was drawn with
    flips: bool  # whether `digit` is another one than predict() says


@dataclass(frozen=True)
class WhatIf:
    """One digit, prepared and drawn in other ways.

    `variants` has one of each name, in the order of `VariantName`, the pen half and twice as wide
    as it was. `pens` has the digit as ever thicker pens would have drawn it, the real one among
    them with `pen` 1. Of a pen too thin to leave any ink there is no variant.
    """

    variants: tuple[Variant, ...]
    pens: tuple[Variant, ...]

    @property
    def flips_at_thinner(self) -> float | None:
        """The least thinning, as a factor below 1, that changes the answer; None if none does."""
        return max((each.pen for each in self.pens if each.flips and each.pen < 1), default=None)

    @property
    def flips_at_thicker(self) -> float | None:
        """The least thickening, as a factor above 1, that changes the answer; None if none does."""
        return min((each.pen for each in self.pens if each.flips and each.pen > 1), default=None)
