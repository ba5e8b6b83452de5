"""One digit of a picture, and why the network read it that way."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from classifier.errors import ModelFileError
from classifier.ink.decode import Pixels
from classifier.network.alteration import Alteration, LeastChange, Sheet, alter, least_changes
from classifier.network.feature_maps import FeatureMaps, Preparation, feature_maps, preparation
from classifier.network.heat_map import HeatMap, heat
from classifier.network.prediction import DigitReading, Prediction, Reading
from classifier.network.reading import locate_digit
from classifier.network.runtime import Network
from classifier.network.snapshots import SnapshotReading, read_snapshots
from classifier.network.what_if import WhatIf, what_if


class Explanation:
    """One digit of a picture, and why the network read it that way.

    `HandwrittenDigitsClassifier.explain()` makes it: the picture is decoded and segmented once.
    Each method computes its part when it is called.

    Attributes:
        prediction: the `Prediction` for the whole picture, as predict() returns it.
        reading: the explained digit, one of `prediction.digits`.

    Raises:
        ParameterError: `digit` is not a whole number of at least 0.
        DigitError: the picture holds no such digit.
    """

    prediction: Prediction
    reading: DigitReading

    def __init__(
        self,
        picture: Pixels,
        network: Network,
        digit: int = 0,
        report: dict[str, Any] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.prediction, self._digit = locate_digit(picture, network, digit)
        self.reading = self._digit.reading
        self._network = network
        self._snapshots = (report or {}).get("snapshots")
        self._folder = folder

    @cached_property
    def preparation(self) -> Preparation:
        """How the digit's ink became the (28, 28) image that the network read."""
        return preparation(self._digit)

    def layers(self) -> FeatureMaps:
        """Return what each layer of the network computed for the digit.

        With the classifier's weights(), that is enough to redo the network's arithmetic by hand.

        Returns:
            The reading, the preparation, and the layers from the image to the answer:
            "convolution_1" (26, 26, 32), "pooling_1" (13, 13, 32), "convolution_2" (11, 11, 32),
            "pooling_2" (5, 5, 32), "dense" (128,), "probabilities" (10,), all float32. These are
            the shapes that the default parameters give.

        Raises:
            ModelFileError: the network's layers are not those that model_outlining() makes.
        """
        return feature_maps(self._digit, self._network)

    def heat_map(self) -> HeatMap:
        """Return which ink speaks for each of the ten digits, and which against.

        By occlusion: patches of the digit are erased, and the network reads the rest (Zeiler and
        Fergus, "Visualizing and understanding convolutional networks", 2014, section 4.2).

        Returns:
            The reading and `heat`, (10, 28, 28) float32 in nats. `heat[reading.digit]` is above 0
            where the ink speaks for the answer.
        """
        return HeatMap(self.reading, heat(self.reading.image, self._network))

    def snapshots(self) -> tuple[SnapshotReading, ...]:
        """Return what the network would have answered at earlier steps of its training.

        Returns:
            From the random initial weights to the last step: the probabilities, and the filters of
            the first convolution, (32, 3, 3) float32 with the default parameters. A snapshot is
            the network alone, with 16-bit weights and without test-time augmentation.

        Raises:
            ModelFileError: the model was not loaded from a folder that save_model() wrote after
                training, or a snapshot in it is missing or has been changed.
        """
        if not self._snapshots or self._folder is None:
            raise ModelFileError(
                "Expected a model with snapshots of its training, received "
                f"{self._network.name} without any: load a folder that save_model() wrote."
            )
        return read_snapshots(self.reading.image, self._folder, self._snapshots)

    def what_if(self) -> WhatIf:
        """Return how the digit would have been read if prepared or drawn differently.

        Scaled straight to 28x28, centred by its box, and centred by its mass, as predict() does;
        and drawn with thinner and thicker pens. Each variant has the (28, 28) float32 image, its
        ten probabilities, its digit, and whether that differs from predict()'s.
        """
        return what_if(self._digit.ink_in_picture(), self._network)

    def alter(self, alteration: Alteration) -> Reading:
        """Read the digit moved, turned, drawn with another pen, or prepared differently::

            classifier.explain("six.png").alter(Alteration(turn=180)).digit  # 9

        Returns:
            The reading. If nothing is left of the ink, its image is empty.
        """
        return alter(self._digit, self._network, alteration)

    def least_changes(self, sheet: Sheet | None = None) -> tuple[LeastChange, ...]:
        """Find the smallest changes that make the network read another digit.

        Tried are turns of up to 45 degrees each way, pens from a quarter to four times as wide, and
        moves in eight directions by up to 14 pixels of the 28x28 image, without centring.

        Args:
            sheet: the sheet that the digit was drawn on, as in `Alteration`.

        Returns:
            At most one change of each kind: the smallest with which another digit is read. Where
            not centring the digit is enough, the smallest move is by 0 pixels.

        Raises:
            ParameterError: `sheet` is outside its range.
        """
        return least_changes(self._digit, self._network, sheet)
