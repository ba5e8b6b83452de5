"""A digit -> its way through the network: how it was prepared, what each layer answered."""

from __future__ import annotations

import numpy as np
from PIL import Image

from classifier.ink.decode import Pixels
from classifier.ink.normalise import DIGIT_SIDE, bounding_box, centre_of_mass, place
from classifier.network.explanation import FeatureMaps, Preparation
from classifier.network.reading import FoundDigit, find_digit
from classifier.network.runtime import Network


def feature_maps(picture: Pixels, network: Network, digit: int) -> FeatureMaps:
    """Returns the way of the digit of this number in `picture` through `network`."""
    found = find_digit(picture, network, digit)
    layers, is_digit = network.layers().answers(found.reading.image)
    return FeatureMaps(found.reading, _preparation(found), layers, is_digit)


def _preparation(found: FoundDigit) -> Preparation:
    ink = found.ink
    box = bounding_box(ink)
    if box is None:
        raise ValueError("Expected a digit with ink, received one without any.")
    left, top, right, bottom = box
    crop = ink[top:bottom, left:right]
    pixel = max(crop.shape) / DIGIT_SIDE
    rows, columns = (max(round(side / pixel), 1) for side in crop.shape)
    fitted = np.asarray(Image.fromarray(crop).resize((columns, rows), Image.Resampling.BILINEAR))
    field = place(crop, pixel)
    x, y = (centre_of_mass(crop.sum(axis=axis)) / pixel for axis in (0, 1))
    return Preparation(
        ink=crop,
        fitted=np.clip(fitted / fitted.max(), 0.0, 1.0),
        image=found.reading.image,
        centre_of_mass=(x, y),
        offset=(-field.left / pixel, -field.top / pixel),
    )
