"""What the library answers."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from classifier.ink.encode import encode_png

Verdict = Literal["digit", "unsure", "blank"]


@dataclass(frozen=True)
class DigitReading:
    """One digit, and how it was read."""

    digit: int  # the likeliest, 0 to 9
    probabilities: tuple[float, ...]  # of 0 to 9, adding up to 1
    box: tuple[int, int, int, int]  # left, top, right, bottom of its ink: pixels of the picture
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
            "confidence": self.confidence,
            "probabilities": self.probabilities,
            "box": self.box,
            "image": f"data:image/png;base64,{base64.b64encode(self.png()).decode()}",
        }


@dataclass(frozen=True)
class Prediction:
    """The answer to one picture.

    `verdict` is "digit"; "unsure", where the ink is no digit or the network's best guess is too
    weak to be called an answer; or "blank", where there is no ink. Only a "digit" has a `text`;
    the other two have a `reason` instead, a sentence meant for a person.
    """

    verdict: Verdict
    text: str | None
    reason: str | None
    digits: tuple[DigitReading, ...]  # empty where the network was not asked

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON."""
        return {
            "verdict": self.verdict,
            "text": self.text,
            "reason": self.reason,
            "digits": [reading.as_dict() for reading in self.digits],
        }
