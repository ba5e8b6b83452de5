"""The training half of `HandwrittenDigitsClassifier`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from classifier.errors import OrderError
from classifier.learning import export, keras_file
from classifier.learning.answering import answering
from classifier.learning.data import Mnist, load_mnist
from classifier.learning.evaluation import Evaluation, score
from classifier.learning.outline import build, prepare
from classifier.learning.training import Trained, train
from classifier.network.runtime import Network
from classifier.parameters import Parameters


class Trainer:
    """Train a network, evaluate it and write it to files.

    A trainer holds the data and the Keras models, which predicting does not need. Its methods raise
    the errors that those of `HandwrittenDigitsClassifier` list.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.data: Mnist | None = None
        self.trained: Trained | None = None  # or about to be trained

    def load_data(self) -> Mnist:
        """Load MNIST."""
        self.data = load_mnist()
        return self.data

    def outline(self) -> keras.Model:
        """Build and compile an untrained network from the parameters."""
        self.trained = Trained(build(self.parameters), parameters=self.parameters)
        return self.trained.model

    def check_ready(self) -> None:
        """Raise an OrderError if there is no network or no data to train with."""
        self._network_for("train_model")
        self._data_for("train_model")

    def train(self, progress_bar: bool = True, checkpoint: Path | None = None) -> Network:
        """Train and calibrate the network, and return it in LiteRT's format."""
        trained, data = self._network_for("train_model"), self._data_for("train_model")
        self.trained = train(trained, data, self.parameters, progress_bar, checkpoint)
        return _exported(self.trained, trained.model.name)

    @property
    def history(self) -> dict[str, list[float]]:
        """The metrics after each epoch of the last training."""
        return self._network_for("train_model").history

    def evaluate(self, network: Network) -> Evaluation:
        """Count the validation and test images that `network` reads correctly."""
        data = self._data_for("evaluate_model")
        return Evaluation(score(network, data.validation), score(network, data.test))

    def load(self, path: Path) -> Network:
        """Load a Keras file, to predict and to train further."""
        loaded = Trained(*keras_file.read(path))
        if not loaded.model.compiled:
            prepare(loaded.model, self.parameters)
        network = _exported(loaded, path.stem)
        self.trained = loaded
        return network

    def save(self, path: Path, network: Network) -> dict[str, Any]:
        """Write a LiteRT file, a Keras file, or a folder with both and a report."""
        if path.suffix == ".tflite":
            return export.save_file(path, lambda file: file.write_bytes(network.content))
        trained = self._network_for("save_model")
        if path.suffix == ".keras":
            both = trained.model, trained.rejection
            return export.save_file(path, lambda file: keras_file.write(file, *both))
        return export.save_artifact(path, trained, self._data_for("save_model"))

    def _network_for(self, method: str) -> Trained:
        if self.trained is None:
            raise OrderError(
                f"Expected a Keras network before {method}(), received none: call "
                "model_outlining(), or load_model() with a file that ends in .keras."
            )
        return self.trained

    def _data_for(self, method: str) -> Mnist:
        if self.data is None:
            raise OrderError(f"Expected data before {method}(), received none: call load_data().")
        return self.data


def _exported(trained: Trained, name: str) -> Network:
    return Network(export.to_litert(answering(trained.model, trained.rejection)), name)
