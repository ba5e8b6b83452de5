"""The inside of the network: the output of each layer, and what each has learned."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from classifier.errors import ModelFileError
from classifier.ink.normalise import SIDE
from classifier.network.prediction import as_tensor

Kind = Literal["convolution", "pooling", "dense", "output"]

# The names that classifier/learning/outline.py gives, from the image to the answer.
KINDS: dict[str, Kind] = {
    "convolution_1": "convolution",
    "pooling_1": "pooling",
    "convolution_2": "convolution",
    "pooling_2": "pooling",
    "dense": "dense",
    "probabilities": "output",
}
OUTPUT = "probabilities"
IS_DIGIT = "is_digit"  # the output of the rejection network, if there is one


@dataclass(frozen=True)
class Layer:
    """The output of one layer."""

    name: str
    kind: Kind
    # (height, width, maps) float32, or (neurons,) for a dense layer
    activations: NDArray[np.float32] = field(compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types."""
        tensor = as_tensor(self.activations)
        return {"name": self.name, "kind": self.kind, "activations": tensor}


@dataclass(frozen=True)
class LayerWeights:
    """What one layer has learned."""

    name: str
    # (filters, height, width, maps) float32, or (neurons, inputs) for a dense layer
    weights: NDArray[np.float32] = field(compare=False)
    biases: NDArray[np.float32] = field(compare=False)  # (filters,) or (neurons,) float32

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types, in full precision."""
        weights, biases = (as_tensor(each, "float32") for each in (self.weights, self.biases))
        return {"name": self.name, "weights": weights, "biases": biases}


class Layers:
    """The layers of a LiteRT network. Do not share one between threads.

    It has an interpreter of its own: one that preserves the tensors between the input and the
    output is slower and cannot use XNNPACK.

    Args:
        content: a LiteRT file that `Network` accepted.
        name: what errors call it.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        self._content = content  # the interpreter reads from it but does not keep it alive
        self._interpreter = Interpreter(
            model_content=content,
            num_threads=1,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._tensors = self._interpreter.get_tensor_details()

    def outputs(self, image: NDArray[np.float32]) -> tuple[tuple[Layer, ...], float | None]:
        """Return each layer's output for `image`, (28, 28) float32 in [0, 1], as it is.

        And the rejection network's probability that it is a digit; None without such a network.

        Raises:
            ModelFileError: the layers have other names.
        """
        # A layer's constants come first, its output last.
        outputs = {name: self._named(name)[-1] for name in KINDS}
        if "Softmax" not in outputs[OUTPUT]["name"]:  # without test-time augmentation, the last
            outputs[OUTPUT] = self._interpreter.get_output_details()[0]  # tensor has another name
        is_digit = self._find(IS_DIGIT)
        self._interpreter.set_tensor(self._input, image.reshape(1, SIDE, SIDE, 1))
        self._interpreter.invoke()
        # With test-time augmentation, the first image of the batch is the unshifted one.
        layers = tuple(
            Layer(name, KINDS[name], self._interpreter.get_tensor(tensor["index"])[0])
            for name, tensor in outputs.items()
        )
        if not is_digit:
            return layers, None
        return layers, float(self._interpreter.get_tensor(is_digit[-1]["index"])[0, 0])

    def all_weights(self) -> tuple[LayerWeights, ...]:
        """Return what each layer with weights has learned.

        Raises:
            ModelFileError: the layers have other names.
        """
        return tuple(self.weights(name) for name, kind in KINDS.items() if kind != "pooling")

    def weights(self, layer: str) -> LayerWeights:
        """Return what the layer of this name has learned.

        Raises:
            ModelFileError: there is no such layer.
        """
        tensors = self._named(layer)
        weights = self._constant(next(each for each in tensors if len(each["shape"]) > 1))
        biases = next((each for each in tensors if len(each["shape"]) == 1), None)
        if biases is None:  # all are 0, as before training: LiteRT shares one tensor of zeros
            return LayerWeights(layer, weights, np.zeros(len(weights), np.float32))
        return LayerWeights(layer, weights, self._constant(biases))

    def _constant(self, tensor: dict[str, Any]) -> NDArray[np.float32]:
        return np.asarray(self._interpreter.get_tensor(tensor["index"]), np.float32)

    def _named(self, layer: str) -> list[dict[str, Any]]:
        tensors = self._find(layer)
        if not tensors:
            raise ModelFileError(
                f"Expected a network with a layer called {layer}, as model_outlining() makes it, "
                f"received {self.name}, which has none."
            )
        return tensors

    def _find(self, layer: str) -> list[dict[str, Any]]:
        """Return the tensors named after a layer; Keras numbers them if there are several."""
        pattern = re.compile(rf"(^|/){layer}(_\d+)?/")
        return [tensor for tensor in self._tensors if pattern.search(tensor["name"])]
