"""The library's one public class."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from numpy.typing import NDArray

from classifier.errors import MissingPackageError, ModelFileError, OrderError, PictureError
from classifier.ink.decode import ALL_FORMATS, FileOrImage, Picture, as_batch, decode
from classifier.network.artifact import (
    MODELS_FOLDER,
    load_artifact,
    load_network,
    read_model_file,
)
from classifier.network.explanation import Explanation
from classifier.network.layers import LayerWeights
from classifier.network.prediction import Prediction
from classifier.network.reading import read
from classifier.network.runtime import Network
from classifier.parameters import Parameters

if TYPE_CHECKING:  # TensorFlow takes seconds to import: only the methods that train do so
    import keras

    from classifier.learning.data import Mnist
    from classifier.learning.evaluation import Evaluation
    from classifier.learning.trainer import Trainer


class HandwrittenDigitsClassifier:
    """Reads handwritten digits, and learns to.

    To read with the model of this project::

        classifier = HandwrittenDigitsClassifier()
        classifier.load_model()
        print(classifier.predict("seven.png").text)

    To train a model::

        classifier = HandwrittenDigitsClassifier(epochs=5, seed=1)
        classifier.load_data()
        classifier.model_outlining()
        classifier.train_model()
        print(classifier.evaluate_model().test.accuracy)
        classifier.save_model("my-model.keras")

    Threads may share a classifier to predict and explain. Pickle it to do so in other processes.

    Args:
        **parameters: the fields of `Parameters`.

    Raises:
        ParameterError: a parameter is outside its range.
        TypeError: there is no such parameter.
    """

    def __init__(self, **parameters: Any) -> None:
        self.parameters = Parameters(**parameters)
        self._trainer: Trainer | None = None
        self._network: Network | None = None
        self._report: dict[str, Any] | None = None
        self._folder: Path | None = None  # of the report and the snapshots that it lists

    def __getstate__(self) -> dict[str, Any]:
        """A pickled classifier can predict; the data and the Keras models stay behind."""
        return {**vars(self), "_trainer": None}

    @property
    def network(self) -> Network:
        """The network that answers: its `name` and `sha256` identify it.

        Raises:
            OrderError: before load_model() or train_model().
        """
        if self._network is None:
            raise OrderError(
                "Expected a trained network, received none: call load_model() to load one, or "
                "train_model()."
            )
        return self._network

    @property
    def report(self) -> dict[str, Any] | None:
        """The report that save_model() wrote beside the loaded network; None if there is none."""
        return self._report

    @property
    def trainer(self) -> Trainer:
        """The data and the Keras models of the training; imports TensorFlow.

        Raises:
            MissingPackageError: requirements.txt is not installed.
        """
        if self._trainer is None:
            try:
                from classifier.learning.trainer import Trainer
            except ModuleNotFoundError as error:
                raise MissingPackageError(
                    f"Expected the packages that training needs, received none called "
                    f"{error.name!r}: `pip install -r requirements.txt` installs them."
                ) from error
            self._trainer = Trainer(self.parameters)
        return self._trainer

    def load_data(self) -> Mnist:
        """Load the 70,000 MNIST images, downloading them (11 MB) the first time.

        Returns:
            55,000 images to train with, 5,000 for validation and 10,000 for the test; each part has
            `images`, (count, 28, 28, 1) float32 in [0, 1], and `labels`, (count,) int64.

        Raises:
            DatasetError: MNIST is not there and cannot be downloaded.
            MissingPackageError: requirements.txt, which training needs, is not installed.
        """
        return self.trainer.load_data()

    def model_outlining(self) -> keras.Model:
        """Build, compile and return an untrained network with these parameters."""
        model = self.trainer.outline()
        self._network = self._report = self._folder = None
        return model

    def train_model(
        self, progress_bar: bool = True, checkpoint: str | os.PathLike[str] | None = None
    ) -> dict[str, list[float]]:
        """Train the network on MNIST and on synthesised handwriting, and calibrate it.

        Args:
            progress_bar: show the progress and the time that is left.
            checkpoint: a folder for the training checkpoint, which is written after every epoch.
                After an interruption, the same call with the same folder continues from there and
                ends with the same weights.

        Returns:
            Figures after each epoch: `loss`, `accuracy`, `val_loss`, `val_accuracy`,
            `seconds`.

        Raises:
            OrderError: before load_data(), or before model_outlining() or load_model() of a
                Keras model.
            ParameterError: the checkpoint is that of a training with other parameters.
            ModelFileError: the checkpoint cannot be read.
        """
        trainer = self.trainer
        trainer.check_ready()
        self._network = None  # an interrupted training leaves nothing half-trained that answers
        folder = None if checkpoint is None else Path(checkpoint)
        self._network = trainer.train(progress_bar, folder)
        return trainer.history

    def evaluate_model(self) -> Evaluation:
        """Read the validation and the test images, unchanged, with the network that answers.

        Returns:
            `validation` and `test`, each with `images`, `right` and `accuracy` in [0, 1].

        Raises:
            OrderError: before load_data(), or without a trained network.
        """
        network = self.network
        return self.trainer.evaluate(network)

    def save_model(self, path: str | os.PathLike[str] = MODELS_FOLDER) -> dict[str, Any]:
        """Write the trained network, completely or not at all.

        Args:
            path: a name ending in ".keras", to train further; a name ending in ".tflite", to
                predict; or a folder, which gets both, the snapshots of the training, and a report
                with plots.

        Returns:
            The report; for a single file only its `files`: each one's SHA-256 and size in bytes.

        Raises:
            OrderError: there is no network yet, or for a folder no data to evaluate it on.
            ModelFileError: another ending, or the file cannot be written.
        """
        path, network = Path(path), self.network
        _check_kind(path)
        return self.trainer.save(path, network)

    def load_model(
        self, path: str | os.PathLike[str] = MODELS_FOLDER, sha256: str | None = None
    ) -> None:
        """Load a saved network.

        Args:
            path: a LiteRT file (".tflite"), to predict without TensorFlow; a Keras file
                (".keras"), to predict and to train further; or a folder written by save_model(),
                whose LiteRT file is loaded. In a folder, the file must have the SHA-256 that the
                report beside it gives.
            sha256: the SHA-256 that the file must have, in lower-case hexadecimal digits.

        Raises:
            ModelFileError: there is no such file, it is not a model that reads digits, or it does
                not have the SHA-256 of the report or of `sha256`.
        """
        path = Path(path)
        _check_kind(path)
        if path.suffix == ".keras":
            read_model_file(path, sha256)  # tells what is wrong before TensorFlow is imported
            self._network = self.trainer.load(path)
            self._report = self._folder = None
            return
        if path.suffix == ".tflite":
            self._network, self._report, self._folder = load_network(path, sha256), None, None
        else:
            self._network, self._report = load_artifact(path, sha256)
            self._folder = path.resolve()
        if self._trainer is not None:
            self._trainer.trained = None

    @overload
    def predict(self, picture: FileOrImage, formats: tuple[str, ...] = ...) -> Prediction: ...

    @overload
    def predict(
        self, picture: list[Any] | tuple[Any, ...], formats: tuple[str, ...] = ...
    ) -> list[Prediction]: ...

    @overload
    def predict(self, picture: NDArray[Any], formats: tuple[str, ...] = ...) -> Any: ...

    def predict(self, picture: Any, formats: tuple[str, ...] = ALL_FORMATS) -> Any:
        """Read the digit or digits in a picture, whatever the colours of ink and paper.

        Several digits are a number, read from left to right and line by line, touching or not.

        A picture is one of:

        - a path;
        - the bytes of a picture file, or an object that reads them: a file opened in binary mode, a
          BytesIO, an upload;
        - a PIL image;
        - an array or tensor of shape (height, width) or (height, width, channels), with 1, 3 or 4
          channels: booleans; or numbers from 0 to 1, to 255, or to 4,095 or 65,535 (16 bits).

        Args:
            picture: a picture; or a batch: a list or tuple of pictures, or an array of shape
                (count, 28, 28) or (count, height, width, channels).
            formats: the file formats accepted, by Pillow's names.

        Returns:
            The prediction; for a batch, a list of predictions. Pictures with an EXIF orientation
            are turned upright first; `box` refers to the upright picture.

        Raises:
            OrderError: before load_model() or train_model().
            PictureError: a picture is broken, too large, animated, or in a refused format.
        """
        network = self.network
        batch = as_batch(picture)
        if batch is None:
            return read(decode(picture, formats), network)
        predictions = []
        for number, each in enumerate(batch):
            try:
                predictions.append(read(decode(each, formats), network))
            except PictureError as error:
                raise type(error)(f"Picture {number} of the batch: {error}") from error
        return predictions

    def explain(
        self, picture: Picture, digit: int = 0, formats: tuple[str, ...] = ALL_FORMATS
    ) -> Explanation:
        """Explain how one digit of a picture was read::

            explanation = classifier.explain("seven.png")
            explanation.layers(), explanation.heat_map(), explanation.what_if()

        Args:
            picture: as for predict(), but no batch.
            digit: which of predict()'s digits, counted from 0.
            formats: as for predict().

        Raises:
            OrderError: before load_model() or train_model().
            ParameterError: `digit` is not a whole number of at least 0.
            DigitError: predict() finds no such digit.
            PictureError: the picture is broken, too large, or in a format that is not accepted.
        """
        network = self.network
        return Explanation(decode(picture, formats), network, digit, self._report, self._folder)

    def weights(self) -> tuple[LayerWeights, ...]:
        """Return what each layer of the network has learned.

        A filter's output for a window of its input is the sum of their products plus its bias, or
        0 if that is negative (ReLU). Softmax turns the last layer's sums into probabilities.

        Returns:
            From the input to the output: "convolution_1" (32, 3, 3, 1), "convolution_2"
            (32, 3, 3, 32), "dense" (128, 800) and "probabilities" (10, 128), all float32, with the
            default parameters. The axis of the outputs comes first, that of the inputs last. The
            dense layer's inputs are the maps of "pooling_2" in C order.

        Raises:
            OrderError: before load_model() or train_model().
            ModelFileError: the network's layers are not those that model_outlining() makes.
        """
        return self.network.layers().all_weights()


def _check_kind(path: Path) -> None:
    if path.suffix not in ("", ".keras", ".tflite") and not path.is_dir():
        raise ModelFileError(
            f"Expected a name ending in .keras or .tflite, or a folder, received {path}."
        )
