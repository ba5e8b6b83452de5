"""The trained network, run by LiteRT: 28x28 images -> probabilities."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from classifier.errors import ModelFileError
from classifier.ink.normalise import SIDE
from classifier.network.layers import Layers

LITERT_IDENTIFIER = b"TFL3"  # bytes 4 to 8 of every LiteRT file, by its FlatBuffers schema
INPUT_SHAPE = (1, SIDE, SIDE, 1)
OUTPUT_SHAPE = (1, 10)

Pause = Callable[[], object]  # what is called between one question to the network and the next


def no_pause() -> None:
    """Goes on at once."""


class Network:
    """A LiteRT network that tells the ten digits apart. Safe to share between threads.

    Args:
        content: the bytes of a LiteRT file.
        name: what to call it, in answers and in errors.

    Raises:
        ModelFileError: not a LiteRT file, or one of other shapes.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        self.content = content
        self.sha256 = hashlib.sha256(content).hexdigest()
        # An interpreter shared without a lock fails, and one per thread would grow with the
        # server's threads; an answer takes some 0.1 ms, so waiting for the lock costs little.
        self._lock = threading.Lock()
        self._interpreter = _interpreter(content, name)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._check_probabilities()

    def __reduce__(self) -> tuple[type[Network], tuple[bytes, str]]:
        """What is pickled is the file: it becomes an interpreter where it arrives."""
        return Network, (self.content, self.name)

    def layers(self) -> Layers:
        """Returns what goes on inside, opened anew: that takes half a millisecond, to keep it 2 MB.

        Raises:
            ModelFileError: its layers do not bear the names that model_outlining() gives.
        """
        return Layers(self.content, self.name)

    def probabilities(
        self, images: NDArray[np.float32] | Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Returns (count, 10) probabilities for `images`, each (28, 28) float32 in [0, 1]."""
        answers = np.empty((len(images), 10), np.float32)
        for image, answer in zip(images, answers, strict=True):
            with self._lock:  # for one image at a time: a long number keeps nobody waiting
                self._interpreter.set_tensor(self._input, image.reshape(INPUT_SHAPE))
                self._interpreter.invoke()
                answer[:] = self._interpreter.get_tensor(self._output)[0]
        return answers

    def _check_probabilities(self) -> None:
        try:  # on nothing, of which nobody is sure: so the other looks are taken, too
            answer = self.probabilities(np.zeros((1, SIDE, SIDE), np.float32))[0]
        except RuntimeError as error:  # some of what is missing only shows now
            raise _broken(self.name, error) from error
        if not (answer.min() >= 0 and abs(answer.sum() - 1) < 1e-3):  # so written, NaN fails too
            raise ModelFileError(
                f"Expected a network that answers with probabilities, received {self.name}, whose "
                f"ten outputs lie between {answer.min()} and {answer.max()} and add up to "
                f"{answer.sum()}. Its last layer may lack a softmax."
            )


def _interpreter(content: bytes, name: str) -> Interpreter:
    if content[4:8] != LITERT_IDENTIFIER:
        raise ModelFileError(
            f"Expected a LiteRT file (.tflite), received {name}, which is none. "
            "`python train.py` makes a good one."
        )
    try:
        interpreter = Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise _broken(name, error) from error
    shapes = tuple(
        [(tuple(map(int, tensor["shape"])), tensor["dtype"]) for tensor in tensors]
        for tensors in (interpreter.get_input_details(), interpreter.get_output_details())
    )
    if shapes != ([(INPUT_SHAPE, np.float32)], [(OUTPUT_SHAPE, np.float32)]):
        raise ModelFileError(
            f"Expected a network from {INPUT_SHAPE} to {OUTPUT_SHAPE}, both float32, "
            f"received {name}, which goes from {shapes[0]} to {shapes[1]}."
        )
    return interpreter


def _broken(name: str, error: Exception) -> ModelFileError:
    return ModelFileError(
        f"Expected a whole LiteRT file, received {name}, which is broken: {error}"
    )
