"""The training half of `HandwrittenDigitsClassifier`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from classifier.errors import OrderError
from classifier.learning import export
from classifier.learning.answering import answering
from classifier.learning.data import Mnist, load_mnist
from classifier.learning.evaluation import Evaluation, score
from classifier.learning.outline import build
from classifier.learning.training import Training, train
from classifier.network.runtime import Network
from classifier.parameters import Parameters


class Trainer:
    """Train a network, evaluate it and write it to files.

    A trainer holds what training takes and predicting does not: the data and the Keras models. The
    methods raise the errors that those of `HandwrittenDigitsClassifier` list.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.data: Mnist | None = None
        self.forget_model()

    def forget_model(self) -> None:
        """Drop the models and the training, and keep the data."""
        self.model: keras.Model | None = None
        self.rejection: keras.Model | None = None  # recognises non-digits
        self.training: Training | None = None
        self.is_outlined = False  # built from the parameters, rather than loaded

    def load_data(self) -> Mnist:
        """Load MNIST."""
        self.data = load_mnist()
        return self.data

    def outline(self) -> keras.Model:
        """Build and compile an untrained network from the parameters."""
        self.forget_model()
        self.model, self.is_outlined = build(self.parameters), True
        return self.model

    def check_ready(self) -> None:
        """Raise an OrderError if there is no network or no data to train with."""
        self._model_for("train_model")
        self._data_for("train_model")

    def train(
        self, progress_bar: bool = True, checkpoint: Path | None = None
    ) -> tuple[Network, dict[str, list[float]]]:
        """Train the network and calibrate it; return it as LiteRT runs it, and the history."""
        model, data = self._model_for("train_model"), self._data_for("train_model")
        self.training = self.rejection = None
        self.training = train(model, data, self.parameters, progress_bar, checkpoint)
        self.rejection = self.training.rejection
        return _exported(model, self.rejection, model.name), self.training.history

    def evaluate(self, network: Network) -> Evaluation:
        """Count the validation and test images that `network` reads correctly."""
        data = self._data_for("evaluate_model")
        return Evaluation(score(network, data.validation), score(network, data.test))

    def load(self, path: Path) -> Network:
        """Load a Keras file, to predict and to continue training."""
        model, rejection = export.load_keras(path, self.parameters)
        network = _exported(model, rejection, path.stem)
        self.forget_model()
        self.model, self.rejection = model, rejection
        return network

    def save(self, path: Path, network: Network) -> dict[str, Any]:
        """Write a LiteRT file, a Keras file, or a folder with both and a report."""
        if path.suffix == ".tflite":
            return export.save_file(network.content, path)
        model = self._model_for("save_model")
        if path.suffix == ".keras":
            return export.save_keras(model, self.rejection, path)
        data = self._data_for("save_model")
        parameters = self.parameters if self.is_outlined else None
        return export.save_artifact(path, model, self.rejection, data, parameters, self.training)

    def check_run(self, folder: Path) -> None:
        """Raise the ModelFileError that add_run() would raise, before hours of training."""
        export.check_run(folder, self.parameters)

    def add_run(self, folder: Path) -> dict[str, Any]:
        """Add this network's figures to the report on one that differs only in its seed.

        Args:
            folder: written by save_model(). Its models stay as they are.

        Returns:
            The report on this network.

        Raises:
            OrderError: the network was not outlined and trained here, or there is no data.
            ModelFileError: the folder holds no report, a report on other parameters, or one on the
                same seed.
        """
        model, data = self._model_for("add_run"), self._data_for("add_run")
        if self.training is None or not self.is_outlined:
            raise OrderError(
                "Expected model_outlining() and train_model() before add_run(), received a network "
                "that was loaded."
            )
        return export.add_run(folder, model, data, self.parameters, self.training)

    def _model_for(self, method: str) -> keras.Model:
        if self.model is None:
            raise OrderError(
                f"Expected a Keras network before {method}(), received none: call "
                "model_outlining(), or load_model() with a file that ends in .keras."
            )
        return self.model

    def _data_for(self, method: str) -> Mnist:
        if self.data is None:
            raise OrderError(f"Expected data before {method}(), received none: call load_data().")
        return self.data


def _exported(model: keras.Model, rejection: keras.Model | None, name: str) -> Network:
    return Network(export.to_litert(answering(model, rejection)), name)
