"""The inside of the network: 28x28 image -> what each of its layers answers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from classifier.errors import ModelFileError
from classifier.ink.normalise import SIDE
from classifier.network.explanation import Kind, Layer, LayerWeights

# As classifier/learning/outline.py calls them, from the image to the answer.
KINDS: dict[str, Kind] = {
    "convolution_1": "convolution",
    "pooling_1": "pooling",
    "convolution_2": "convolution",
    "pooling_2": "pooling",
    "dense": "dense",
    "probabilities": "output",
}
OUTPUT = "probabilities"
IS_DIGIT = "is_digit"  # the output of the network that tells what is no digit, where there is one


class Layers:
    """The layers of a LiteRT network. Not to be shared between threads.

    A second interpreter beside the one that answers: one that keeps what lies between the image and
    the answer is slower and cannot leave it to XNNPACK.

    Args:
        content: the bytes of a LiteRT file that `Network` took.
        name: what to call it, in errors.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        self._content = content  # the interpreter reads in it, and does not keep it alive
        self._interpreter = Interpreter(
            model_content=content,
            num_threads=1,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._tensors = self._interpreter.get_tensor_details()

    def answers(self, image: NDArray[np.float32]) -> tuple[tuple[Layer, ...], float | None]:
        """Returns what each layer answers to `image`, (28, 28) float32 in [0, 1], unmoved.

        And how likely the second network finds it that this is a digit at all; None without one.

        Raises:
            ModelFileError: the layers bear other names.
        """
        # Of a layer's tensors, what it computes comes last, what it has learned before.
        outputs = {name: self._named(name)[-1] for name in KINDS}
        if "Softmax" not in outputs[OUTPUT]["name"]:  # in a network that takes one look it is named
            outputs[OUTPUT] = self._interpreter.get_output_details()[0]  # after the whole
        is_digit = self._of(IS_DIGIT)
        self._interpreter.set_tensor(self._input, image.reshape(1, SIDE, SIDE, 1))
        self._interpreter.invoke()
        # The network looks at several copies: the first is the image itself.
        layers = tuple(
            Layer(name, KINDS[name], self._interpreter.get_tensor(tensor["index"])[0])
            for name, tensor in outputs.items()
        )
        if not is_digit:
            return layers, None
        return layers, float(self._interpreter.get_tensor(is_digit[-1]["index"])[0, 0])

    def all_weights(self) -> tuple[LayerWeights, ...]:
        """Returns what each of the layers that learn has learned.

        Raises:
            ModelFileError: the layers bear other names.
        """
        return tuple(self.weights(name) for name, kind in KINDS.items() if kind != "pooling")

    def weights(self, layer: str) -> LayerWeights:
        """Returns what the layer of this name has learned.

        Raises:
            ModelFileError: no layer bears it.
        """
        tensors = self._named(layer)
        weights = self._constant(next(each for each in tensors if len(each["shape"]) > 1))
        biases = next((each for each in tensors if len(each["shape"]) == 1), None)
        if biases is None:  # all are 0, as before the training: the file has zeros for all layers
            return LayerWeights(layer, weights, np.zeros(len(weights), np.float32))
        return LayerWeights(layer, weights, self._constant(biases))

    def _constant(self, tensor: dict[str, Any]) -> NDArray[np.float32]:
        return np.asarray(self._interpreter.get_tensor(tensor["index"]), np.float32)

    def _named(self, layer: str) -> list[dict[str, Any]]:
        tensors = self._of(layer)
        if not tensors:
            raise ModelFileError(
                f"Expected a network with a layer called {layer}, as model_outlining() makes it, "
                f"received {self.name}, which has none."
            )
        return tensors

    def _of(self, layer: str) -> list[dict[str, Any]]:
        """The tensors that the layer gave its name to; where it has several, Keras numbers them."""
        named = re.compile(rf"(^|/){layer}(_\d+)?/")
        return [tensor for tensor in self._tensors if named.search(tensor["name"])]
