"""What the library tells about an answer."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.network.prediction import DigitReading, Reading

Kind = Literal["convolution", "pooling", "dense", "output"]

MOST_SHOWN = 100  # pixels: the longer side of a digit's ink in JSON


@dataclass(frozen=True)
class Preparation:
    """How a digit's ink became the (28, 28) image that the network saw.

    `fitted` shows a step on the way that is not taken by itself: scaling and placing are one.
    """

    # All float32 in [0, 1].
    ink: NDArray[np.float32] = field(compare=False)  # (height, width): cut to its box
    fitted: NDArray[np.float32] = field(compare=False)  # scaled into (20, 20), keeping its aspect
    image: NDArray[np.float32] = field(compare=False)  # (28, 28): what the network saw
    centre_of_mass: tuple[float, float]  # x, y: pixels of `fitted`
    offset: tuple[float, float]  # x, y: where on `image` the corner of `fitted` lies

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON, `ink` made smaller."""
        return {
            "ink": as_tensor(_reduced(self.ink)),
            "fitted": as_tensor(self.fitted),
            "centre_of_mass": self.centre_of_mass,
            "offset": self.offset,
            "image": as_tensor(self.image),
        }


@dataclass(frozen=True)
class Layer:
    """What one layer of the network answered."""

    name: str
    kind: Kind
    # (height, width, maps) float32, or (neurons,) where it is dense
    activations: NDArray[np.float32] = field(compare=False)

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON."""
        tensor = as_tensor(self.activations)
        return {"name": self.name, "kind": self.kind, "activations": tensor}


@dataclass(frozen=True)
class FeatureMaps:
    """One digit's way through the network.

    The network looks at the image and at four copies moved by a pixel, and answers with the mean:
    `layers` are those of the first look, and end in its own ten probabilities.
    """

    reading: DigitReading  # what predict() says
    preparation: Preparation
    layers: tuple[Layer, ...]  # from the image to the answer
    # How likely this is a digit at all, as the second network finds; None where there is none.
    is_digit: float | None

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON."""
        return {
            "digit": self.reading.digit,
            "probabilities": self.reading.probabilities,
            "is_digit": self.is_digit,
            "box": self.reading.box,
            "preparation": self.preparation.as_dict(),
            "layers": [layer.as_dict() for layer in self.layers],
        }


@dataclass(frozen=True)
class LayerWeights:
    """What one layer of the network has learned."""

    name: str
    # (filters, height, width, maps) float32, or (neurons, inputs) where it is dense
    weights: NDArray[np.float32] = field(compare=False)
    biases: NDArray[np.float32] = field(compare=False)  # (filters,) or (neurons,) float32

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON, as exact as it is."""
        weights, biases = (as_tensor(each, "float32") for each in (self.weights, self.biases))
        return {"name": self.name, "weights": weights, "biases": biases}


@dataclass(frozen=True)
class HeatMap:
    """Which ink speaks for which digit."""

    reading: DigitReading  # what predict() says
    # (10, 28, 28) float32: how far the odds of each of the ten digits fall, in nats, where the ink
    # around a pixel of `reading.image` is erased: those of the answer against all others, those of
    # each of the others against the geometric mean of these nine. Above 0 this ink speaks for the
    # digit, below 0 against it; 0 where there is no ink.
    heat: NDArray[np.float32] = field(compare=False)

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON."""
        return {
            "digit": self.reading.digit,
            "probabilities": self.reading.probabilities,
            "heat": as_tensor(self.heat),
        }


@dataclass(frozen=True)
class SnapshotReading(Reading):
    """What the network would have answered at a moment of its training."""

    step: int  # batches learned from until then
    epoch: float  # passes over the training images until then
    accuracy: float  # its own, in [0, 1], on MNIST's validation images
    # (filters, height, width) float32: those of the first convolution
    filters: NDArray[np.float32] = field(compare=False)

    def as_dict(self) -> dict[str, Any]:
        """All of it in the types of JSON, without the image."""
        return {
            "step": self.step,
            "epoch": self.epoch,
            "accuracy": self.accuracy,
            "digit": self.digit,
            "probabilities": self.probabilities,
            "filters": as_tensor(self.filters),
        }


def as_tensor(
    array: NDArray[np.float32], dtype: Literal["float16", "float32"] = "float16"
) -> dict[str, Any]:
    """Returns an array in the types of JSON: its little-endian bytes in C order, as base64."""
    content = np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<")).tobytes()
    data = base64.b64encode(content).decode()
    return {"dtype": dtype, "shape": list(array.shape), "data": data}


def _reduced(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    factor = -(-max(ink.shape) // MOST_SHOWN)
    return np.asarray(Image.fromarray(ink).reduce(factor)) if factor > 1 else ink
