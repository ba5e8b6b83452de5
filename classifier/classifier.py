"""The library's one public class."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.errors import MissingPackageError, ModelFileError, OrderError
from classifier.ink.decode import ALL_FORMATS, Picture, decode
from classifier.network.alteration import Alteration, LeastChange, Sheet, alter, least_changes
from classifier.network.artifact import (
    MODELS_FOLDER,
    load_artifact,
    load_network,
    read_model_file,
)
from classifier.network.explanation import FeatureMaps, HeatMap, LayerWeights, SnapshotReading
from classifier.network.feature_maps import feature_maps
from classifier.network.heat_map import heat_map
from classifier.network.prediction import Prediction, Reading, WhatIf
from classifier.network.reading import read
from classifier.network.runtime import Network, Pause, no_pause
from classifier.network.snapshots import snapshots
from classifier.network.stopwatch import Stopwatch
from classifier.network.what_if import what_if_in
from classifier.parameters import Parameters

if TYPE_CHECKING:  # TensorFlow takes seconds to import: only the methods that train do so
    import keras

    from classifier.learning.data import Mnist
    from classifier.learning.evaluation import Evaluation
    from classifier.learning.trainer import Trainer


class HandwrittenDigitsClassifier:
    """Learns to read handwritten digits, and reads them.

    To read with the trained network that comes along::

        classifier = HandwrittenDigitsClassifier()
        classifier.load_model()
        print(classifier.predict("seven.png").text)

    To train one::

        classifier = HandwrittenDigitsClassifier(epochs=5, seed=1)
        classifier.load_data()
        classifier.model_outlining()
        classifier.train_model()
        print(classifier.evaluate_model().test.accuracy)
        classifier.save_model("my-model.keras")

    Once a model is loaded or trained, `predict` may be called from several threads at once, and the
    classifier be pickled, to predict in other processes.

    Args:
        **parameters: the fields of `Parameters`: filters, kernel_size, dense_units, epochs,
            batch_size, learning_rate, synthetic_digits, synthetic_others, augmentation, seed.

    Raises:
        ParameterError: a parameter outside its range.
        TypeError: a parameter that does not exist.
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
        """The data and the Keras models that training takes. Imports TensorFlow.

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
        self._network, history = trainer.train(progress_bar, folder)
        return history

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
            self._trainer.forget_model()

    def predict(self, picture: Picture, formats: tuple[str, ...] = ALL_FORMATS) -> Prediction:
        """Reads the digit or the digits in a picture, whatever the colours of ink and paper.

        Several are a number, read from left to right and line by line, whether or not they touch.

        Args:
            picture: a path; the bytes of a picture file; a PIL image; or an array of shape
                (height, width), (height, width, 1), (height, width, 3) or (height, width, 4), with
                integers in [0, 255], floats in [0, 1] or booleans.
            formats: the file formats accepted, by Pillow's names.

        Raises:
            OrderError: before load_model() or train_model().
            PictureError: the picture is broken, too large, or of a format not accepted.
        """
        return self._read(picture, formats, Stopwatch())

    def what_if(
        self, picture: Picture, formats: tuple[str, ...] = ALL_FORMATS
    ) -> tuple[WhatIf, ...]:
        """Shows how each digit would have been read, had it been prepared or drawn otherwise.

        The same drawing scaled straight down to 28x28, centred by its box, centred by its mass (the
        real thing), and drawn with thinner and thicker pens; each with the (28, 28) float32 image
        that the network would have seen, its ten probabilities, its digit, and whether that is
        another one than predict() says::

            for what_if in classifier.what_if("seven.png"):
                print([(variant.name, variant.digit) for variant in what_if.variants])
                print(what_if.flips_at_thinner, what_if.flips_at_thicker)

        Args:
            picture: as for predict().
            formats: as for predict().

        Returns:
            One `WhatIf` for each of the digits in predict()'s answer: none where that has none,
            since the picture is blank or holds but a spot.

        Raises:
            OrderError: before load_model() or train_model().
            PictureError: the picture is broken, too large, or of a format not accepted.
        """
        network = self.network
        return what_if_in(decode(picture, formats), network)

    def feature_maps(
        self, picture: Picture, digit: int = 0, formats: tuple[str, ...] = ALL_FORMATS
    ) -> FeatureMaps:
        """Shows how one digit was prepared, and what each layer of the network answered to it.

        With weights(), enough to do the network's arithmetic by hand::

            maps = classifier.feature_maps("seven.png")
            for layer in maps.layers:
                print(layer.name, layer.activations.shape)

        Args:
            picture: as for predict().
            digit: which of predict()'s digits, counted from 0.
            formats: as for predict().

        Returns:
            Its reading, its preparation, and the layers from the image to the answer:
            "convolution_1" (26, 26, 32), "pooling_1" (13, 13, 32), "convolution_2" (11, 11, 32),
            "pooling_2" (5, 5, 32), "dense" (128,), "probabilities" (10,), all float32; these are
            the sizes that the default parameters give.

        Raises:
            OrderError: before load_model() or train_model().
            ParameterError: `digit` is not a whole number of at least 0.
            DigitError: predict() reads no such digit.
            PictureError: the picture is broken, too large, or of a format not accepted.
            ModelFileError: the network's layers are not those that model_outlining() makes.
        """
        network = self.network
        return feature_maps(decode(picture, formats), network, digit)

    def weights(self) -> tuple[LayerWeights, ...]:
        """Shows what the network has learned: the numbers in each of its layers.

        A filter's answer to a window of its input is the sum of their products, plus its bias, and
        0 where that is negative (ReLU).

        Returns:
            "convolution_1" (32, 3, 3, 1), "convolution_2" (32, 3, 3, 32), "dense" (128, 800) and
            "probabilities" (10, 128), all float32, with the default parameters: each with what it
            answers first, what it looks at last. The dense layer looks at the maps of "pooling_2"
            in C order. Softmax makes the last layer's sums probabilities.

        Raises:
            OrderError: before load_model() or train_model().
            ModelFileError: the network's layers are not those that model_outlining() makes.
        """
        return self.network.layers().all_weights()

    def heat_map(
        self,
        picture: Picture,
        digit: int = 0,
        formats: tuple[str, ...] = ALL_FORMATS,
        pause: Pause = no_pause,
    ) -> HeatMap:
        """Shows which ink of one digit speaks for each of the ten digits, and which against.

        By occlusion: a patch of paper is laid over one place after another, and the network asked
        again (Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014,
        section 4.2)::

            heat_map = classifier.heat_map("seven.png")
            for_the_answer = heat_map.heat[heat_map.reading.digit]  # (28, 28), above 0: speaks for

        Args:
            picture: as for predict().
            digit: which of predict()'s digits, counted from 0.
            formats: as for predict().
            pause: is called between one question to the network and the next: where many share a
                thread, it can let others have a turn.

        Returns:
            Its reading, and `heat`, (10, 28, 28) float32: how far each digit's odds fall, in nats,
            where the ink around a pixel is erased; `HeatMap` says against what.

        Raises:
            OrderError: before load_model() or train_model().
            ParameterError: `digit` is not a whole number of at least 0.
            DigitError: predict() reads no such digit.
            PictureError: the picture is broken, too large, or of a format not accepted.
        """
        network = self.network
        return heat_map(decode(picture, formats), network, digit, pause)

    def snapshots(
        self,
        picture: Picture,
        digit: int = 0,
        formats: tuple[str, ...] = ALL_FORMATS,
        pause: Pause = no_pause,
    ) -> tuple[SnapshotReading, ...]:
        """Shows what the network would have answered at moments of its training.

        Args:
            picture: as for predict().
            digit: which of predict()'s digits, counted from 0.
            formats: as for predict().
            pause: is called between one question to the network and the next: where many share a
                thread, it can let others have a turn.

        Returns:
            From the random weights it began with to the last step: the probabilities, and the
            filters of the first convolution, (32, 3, 3) float32 with the default parameters. A
            snapshot is the network alone, its weights rounded to 16 bits, and takes one look.

        Raises:
            OrderError: before load_model() or train_model().
            ModelFileError: no snapshots came along: they lie in a folder that save_model() wrote.
            ParameterError: `digit` is not a whole number of at least 0.
            DigitError: predict() reads no such digit.
            PictureError: the picture is broken, too large, or of a format not accepted.
        """
        network = self.network
        listed = (self._report or {}).get("snapshots")
        if not listed or self._folder is None:
            raise ModelFileError(
                f"Expected a model with snapshots of its training, received {network.name} without "
                "any: they lie in a folder that save_model() wrote after train_model()."
            )
        return snapshots(decode(picture, formats), network, digit, self._folder, listed, pause)

    def alter(
        self,
        picture: Picture,
        alteration: Alteration,
        digit: int = 0,
        formats: tuple[str, ...] = ALL_FORMATS,
    ) -> Reading:
        """Reads one digit moved, turned, drawn by another pen, or prepared otherwise::

            classifier.alter("six.png", Alteration(turn=180)).digit  # 9

        Args:
            picture: as for predict().
            alteration: what to change; nothing changed, predict()'s reading comes of it.
            digit: which of predict()'s digits, counted from 0.
            formats: as for predict().

        Returns:
            The reading. Where all ink left the field, or a thin pen left none, the image is empty.

        Raises:
            OrderError: before load_model() or train_model().
            ParameterError: `digit` is not a whole number of at least 0.
            DigitError: predict() reads no such digit.
            PictureError: the picture is broken, too large, or of a format not accepted.
        """
        network = self.network
        return alter(decode(picture, formats), network, digit, alteration)

    def least_changes(
        self,
        picture: Picture,
        digit: int = 0,
        sheet: Sheet | None = None,
        formats: tuple[str, ...] = ALL_FORMATS,
        pause: Pause = no_pause,
    ) -> tuple[LeastChange, ...]:
        """Finds the least changes that make one digit another in the network's eyes.

        Tried are turns each way to 45 degrees, pens from a quarter to four times as wide, and
        moves in eight directions by up to 14 pixels of the field, without centring.

        Args:
            picture: as for predict().
            digit: which of predict()'s digits, counted from 0.
            sheet: the sheet it was drawn on, as in `Alteration`.
            formats: as for predict().
            pause: is called between one question to the network and the next: where many share a
                thread, it can let others have a turn.

        Returns:
            The least change of each kind after which the answer is another digit: no more than one
            each, and none of a kind that cannot do it. Where it is enough not to centre it, the
            least move is by 0 pixels.

        Raises:
            OrderError: before load_model() or train_model().
            ParameterError: `digit` is not a whole number of at least 0, or there is no such sheet.
            DigitError: predict() reads no such digit.
            PictureError: the picture is broken, too large, or of a format not accepted.
        """
        network = self.network
        return least_changes(decode(picture, formats), network, digit, sheet, pause)

    def answer(
        self,
        picture: Picture,
        formats: tuple[str, ...] = ALL_FORMATS,
        steps: dict[str, float] | None = None,
    ) -> dict[str, Any]:
        """Reads as predict() does, and tells it in the types of JSON: what the API answers.

        The shape is a contract: it may grow, and what is there never changes.

        Args:
            picture: as for predict().
            formats: as for predict().
            steps: a dictionary to add to how many seconds each step took: "unpack_the_png" (or
                whatever the picture is), "find_the_ink", "part_it", "prepare_it",
                "ask_the_network", "weigh_the_answer", "write_the_answer". There is no "prepare_it"
                nor "ask_the_network" where there is no ink.

        Raises:
            OrderError: before load_model() or train_model().
            PictureError: the picture is broken, too large, or of a format not accepted.
        """
        start = time.perf_counter()
        watch = Stopwatch(steps)
        prediction = self._read(picture, formats, watch)
        seconds = time.perf_counter() - start
        answer = {
            **prediction.as_dict(),
            "model": {"name": self.network.name, "sha256": self.network.sha256},
            "elapsed_ms": round(seconds * 1000, 3),
        }
        watch.lap("write_the_answer")
        return answer

    def _read(self, picture: Picture, formats: tuple[str, ...], watch: Stopwatch) -> Prediction:
        network = self.network
        image = decode(picture, formats)
        watch.lap("unpack_the_png")
        return read(image, network, watch)


def _check_kind(path: Path) -> None:
    if path.suffix not in ("", ".keras", ".tflite") and not path.is_dir():
        raise ModelFileError(
            f"Expected a name ending in .keras or .tflite, or a folder, received {path}."
        )
