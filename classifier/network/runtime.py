"""The trained network, run by LiteRT: 28x28 images -> probabilities."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from classifier.errors import ModelFileError
from classifier.ink.normalise import SIDE
from classifier.network.layers import Layers
from classifier.network.prediction import Reading

LITERT_IDENTIFIER = b"TFL3"  # bytes 4 to 8 of every LiteRT file (FlatBuffers file identifier)
INPUT_SHAPE = (1, SIDE, SIDE, 1)
OUTPUT_SHAPE = (1, 10)


class Network:
    """A LiteRT network that reads one digit. Threads may share it.

    Args:
        content: a LiteRT file.
        name: what answers and errors call it.

    Raises:
        ModelFileError: not a LiteRT file, or one with other shapes.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        self.content = content
        self.sha256 = hashlib.sha256(content).hexdigest()
        # An interpreter shared without a lock fails. One per thread would take more memory with
        # each thread. An answer takes some 0.1 ms, so waiting for the lock costs little.
        self._lock = threading.Lock()
        if content[4:8] != LITERT_IDENTIFIER:
            raise ModelFileError(f"Expected a LiteRT file (.tflite), received {name}.")
        try:
            self._interpreter = Interpreter(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
            self._input, self._output = self._check_shapes()
            self._check_probabilities()
        except (ValueError, RuntimeError) as error:
            raise ModelFileError(
                f"Expected a whole LiteRT file, received {name}, which is broken: {error}"
            ) from error

    def __reduce__(self) -> tuple[type[Network], tuple[bytes, str]]:
        """Pickle the file; unpickling makes a new interpreter from it."""
        return Network, (self.content, self.name)

    def layers(self) -> Layers:
        """Return the network's layers, loaded each time: in half a millisecond, 2 MB."""
        return Layers(self.content, self.name)

    def read(self, image: NDArray[np.float32]) -> Reading:
        """Return the answer to `image`, (28, 28) float32 in [0, 1]."""
        row = self.probabilities([image])[0]
        return Reading(int(row.argmax()), tuple(row.tolist()), image)

    def probabilities(
        self, images: NDArray[np.float32] | Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Return (count, 10) probabilities for `images`, each (28, 28) float32 in [0, 1]."""
        answers = np.empty((len(images), 10), np.float32)
        for image, answer in zip(images, answers, strict=True):
            with self._lock:  # once per image: a long number does not block other threads
                self._interpreter.set_tensor(self._input, image.reshape(INPUT_SHAPE))
                self._interpreter.invoke()
                answer[:] = self._interpreter.get_tensor(self._output)[0]
        return answers

    def _check_shapes(self) -> tuple[int, int]:
        """Return the indices of the input and the output."""
        ends = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        found = [[(tuple(each["shape"].tolist()), each["dtype"]) for each in end] for end in ends]
        if found != [[(INPUT_SHAPE, np.float32)], [(OUTPUT_SHAPE, np.float32)]]:
            raise ModelFileError(
                f"Expected a network from {INPUT_SHAPE} to {OUTPUT_SHAPE}, both float32, "
                f"received {self.name}, which goes from {found[0]} to {found[1]}."
            )
        return ends[0][0]["index"], ends[1][0]["index"]

    def _check_probabilities(self) -> None:
        # With an empty image, the network is unsure: its test-time augmentation runs, too.
        answer = self.probabilities(np.zeros((1, SIDE, SIDE), np.float32))[0]
        if not (answer.min() >= 0 and abs(answer.sum() - 1) < 1e-3):  # also false for NaN
            raise ModelFileError(
                f"Expected a network that answers with probabilities, received {self.name}, whose "
                f"ten outputs lie between {answer.min()} and {answer.max()} and add up to "
                f"{answer.sum()}. Its last layer may lack a softmax."
            )
