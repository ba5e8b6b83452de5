"""How well a network reads images whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from classifier.learning.data import Examples
from classifier.network.runtime import Network


@dataclass(frozen=True)
class Score:
    """How many images were read, and how many of them rightly."""

    images: int
    right: int

    @property
    def accuracy(self) -> float:
        """The share read rightly, in [0, 1]."""
        return self.right / self.images


@dataclass(frozen=True)
class Evaluation:
    """The scores on the images that chose the checkpoint, and on those that chose nothing."""

    validation: Score
    test: Score


def score(network: Network, examples: Examples) -> Score:
    """Reads every one of `examples`, just as it is, and counts the right answers."""
    answers = network.probabilities(examples.images).argmax(axis=1)
    return Score(images=len(examples), right=int((answers == examples.labels).sum()))


def same_answers(network: Network, model: keras.Model, examples: Examples) -> Score:
    """Counts on how many of `examples` LiteRT and Keras give the same answer."""
    by_litert = network.probabilities(examples.images).argmax(axis=1)
    by_keras = model.predict(examples.images, batch_size=1000, verbose=0).argmax(axis=1)
    return Score(images=len(examples), right=int((by_litert == by_keras).sum()))
