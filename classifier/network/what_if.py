"""How a digit would have been read if it had been prepared or drawn differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.ink.normalise import SIDE, by_box, normalise
from classifier.ink.pen import redraw
from classifier.network.prediction import Reading
from classifier.network.runtime import Network

THINNER, THICKER = 0.5, 2.0  # pens of the variants with these names
# As multiples of the pen that drew the digit, in steps of about the square root of 2.
PENS = (0.25, 0.35, THINNER, 0.7, 1.0, 1.4, THICKER, 2.8, 4.0)

VariantName = Literal[
    "scaled straight",  # the whole picture scaled to 28x28, as most demos do
    "centred by box",  # scaled as MNIST was, but centred by its box, not its centre of mass
    "centred by mass",  # prepared as MNIST was: the image that predict() reads
    "thinner",  # centred by mass, drawn with a thinner pen
    "thicker",
]


@dataclass(frozen=True)
class Variant(Reading):
    """A digit prepared or drawn differently, and the network's answer to it."""

    name: VariantName
    pen: float  # width of the pen, as a multiple of the pen that drew the digit
    flips: bool  # whether `digit` differs from predict()'s


@dataclass(frozen=True)
class WhatIf:
    """One digit prepared and drawn in other ways.

    `variants` has one of each name, in the order of `VariantName`; "thinner" is a pen half as wide,
    "thicker" one twice as wide. `pens` has the digit drawn with pens from a quarter to four times
    as wide, the unchanged one (`pen` 1) among them. Pens too thin to leave any ink are left out.
    """

    variants: tuple[Variant, ...]
    pens: tuple[Variant, ...]

    @property
    def flips_at_thinner(self) -> float | None:
        """The thinner pen closest to 1 that changes the answer; None if none does."""
        return max((each.pen for each in self.pens if each.flips and each.pen < 1), default=None)

    @property
    def flips_at_thicker(self) -> float | None:
        """The thicker pen closest to 1 that changes the answer; None if none does."""
        return min((each.pen for each in self.pens if each.flips and each.pen > 1), default=None)


def what_if(ink: NDArray[np.float32], network: Network) -> WhatIf:
    """Return one digit prepared and drawn in other ways.

    Args:
        ink: (height, width) float32 in [0, 1]: the ink of this digit alone, at its place in the
            picture; some of it above 0.
        network: answers to each variant.
    """
    answer = network.read(normalise(ink).image).digit

    def variant(name: VariantName, image: NDArray[np.float32], pen: float = 1.0) -> Variant:
        reading = network.read(image)
        return Variant(**vars(reading), name=name, pen=pen, flips=reading.digit != answer)

    drawings = {pen: ink if pen == 1 else redraw(ink, pen) for pen in PENS}
    by_pen = {
        pen: variant(_name(pen), normalise(drawing).image, pen)
        for pen, drawing in drawings.items()
        if drawing.any()
    }
    variants = (
        variant("scaled straight", _scaled_straight(ink)),
        variant("centred by box", normalise(ink, by_box).image),
        *(by_pen[pen] for pen in (1.0, THINNER, THICKER) if pen in by_pen),
    )
    return WhatIf(variants, tuple(by_pen.values()))


def _scaled_straight(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    image = Image.fromarray(ink).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.clip(np.asarray(image, np.float32), 0.0, 1.0)


def _name(pen: float) -> VariantName:
    if pen == 1:
        return "centred by mass"
    return "thinner" if pen < 1 else "thicker"
