"""A digit's ink -> how it would have been read, had it been prepared or drawn otherwise."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.ink.decode import Pixels, size_of
from classifier.ink.normalise import SIDE, Centring, by_box, by_mass, normalise
from classifier.ink.pen import redraw
from classifier.network.prediction import Variant, VariantName, WhatIf
from classifier.network.reading import FoundDigit, find_digits
from classifier.network.runtime import Network

THINNER, THICKER = 0.5, 2.0  # the pens of the variants so named
# Over the width of the pen that drew, in steps of the root of 2: from a hair to a blot.
PENS = (0.25, 0.35, THINNER, 0.7, 1.0, 1.4, THICKER, 2.8, 4.0)


def what_if_in(picture: Pixels, network: Network) -> tuple[WhatIf, ...]:
    """Returns a `WhatIf` for each digit that `network` reads in `picture`, as `decode` gives it."""
    _, digits = find_digits(picture, network)
    return tuple(what_if(_in_its_place(found, size_of(picture)), network) for found in digits)


def what_if(ink: NDArray[np.float32], network: Network) -> WhatIf:
    """Returns one digit, prepared and drawn in other ways.

    Args:
        ink: (height, width) float32 in [0, 1], as `find_ink` returns it: this digit's alone, in its
            place in the picture; some of it above 0.
        network: is asked about each variant.
    """
    real = network.probabilities(_prepared(ink)[None])[0].argmax()

    def variant(name: VariantName, image: NDArray[np.float32], pen: float = 1.0) -> Variant:
        probabilities = network.probabilities(image[None])[0]
        return Variant(
            digit=int(probabilities.argmax()),
            probabilities=tuple(map(float, probabilities)),
            image=image,
            name=name,
            pen=pen,
            flips=bool(probabilities.argmax() != real),
        )

    drawings = {pen: ink if pen == 1 else redraw(ink, pen) for pen in PENS}
    by_pen = {
        pen: variant(_name(pen), _prepared(drawing), pen)
        for pen, drawing in drawings.items()
        if drawing.any()
    }
    variants = (
        variant("scaled straight", _scaled_straight(ink)),
        variant("centred by box", _prepared(ink, by_box)),
        *(by_pen[pen] for pen in (1.0, THINNER, THICKER) if pen in by_pen),
    )
    return WhatIf(variants, tuple(by_pen.values()))


def _in_its_place(found: FoundDigit, size: tuple[int, int]) -> NDArray[np.float32]:
    width, height = (math.ceil(side / found.factor) for side in size)
    left, top = found.corner
    rows, columns = found.ink.shape
    return np.pad(found.ink, ((top, height - top - rows), (left, width - left - columns)))


def _scaled_straight(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    image: NDArray[np.float32] = np.asarray(
        Image.fromarray(ink).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    )
    return np.clip(image, 0.0, 1.0)


def _prepared(ink: NDArray[np.float32], centring: Centring = by_mass) -> NDArray[np.float32]:
    normalised = normalise(ink, centring)
    if normalised is None:
        raise ValueError("Expected ink, received none.")
    return normalised.image


def _name(pen: float) -> VariantName:
    if pen == 1:
        return "centred by mass"
    return "thinner" if pen < 1 else "thicker"
