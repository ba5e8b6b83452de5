"""One digit of a picture, and why the network read it that way."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from classifier.errors import ModelFileError
from classifier.ink.decode import Pixels
from classifier.network.alteration import Alteration, LeastChange, Sheet, alter, least_changes
from classifier.network.feature_maps import FeatureMaps, Preparation, prepare
from classifier.network.heat_map import HeatMap, heat
from classifier.network.prediction import Reading
from classifier.network.reading import locate_digit
from classifier.network.runtime import Network
from classifier.network.snapshots import SnapshotReading, read_snapshots
from classifier.network.what_if import WhatIf, what_if


class Explanation:
    """One digit of a picture, and why the network read it that way.

    `HandwrittenDigitsClassifier.explain()` makes it. The picture has been decoded and segmented;
    each method computes its part when it is called.

    Attributes:
        prediction: the `Prediction` for the whole picture, as from predict().
        reading: the explained digit, one of `prediction.digits`.
    """

    def __init__(
        self,
        picture: Pixels,
        network: Network,
        digit: int,
        report: dict[str, Any] | None,
        folder: Path | None,
    ) -> None:
        self.prediction, self._digit = locate_digit(picture, network, digit)
        self.reading = self._digit.reading
        self._network = network
        self._snapshots = (report or {}).get("snapshots")
        self._folder = folder

    @cached_property
    def preparation(self) -> Preparation:
        """How the digit's ink became the (28, 28) image that the network read."""
        return prepare(self._digit)

    def layers(self) -> FeatureMaps:
        """Return the output of each layer, from the image to the answer.

        With the classifier's weights(), that is enough to redo the network's arithmetic by hand.
        With the default parameters, there are "convolution_1" (26, 26, 32), "pooling_1"
        (13, 13, 32), "convolution_2" (11, 11, 32), "pooling_2" (5, 5, 32), "dense" (128,) and
        "probabilities" (10,), all float32.

        Raises:
            ModelFileError: the network's layers are not those that model_outlining() makes.
        """
        layers, is_digit = self._network.layers().outputs(self.reading.image)
        return FeatureMaps(self.reading, self.preparation, layers, is_digit)

    def heat_map(self) -> HeatMap:
        """Return which ink speaks for each of the ten digits, and which against.

        By occlusion: one part of the ink after another is erased, and the network reads the rest.
        `heat`, (10, 28, 28) float32, is above 0 where the ink speaks for a digit.
        """
        return HeatMap(self.reading, heat(self.reading.image, self._network))

    def snapshots(self) -> tuple[SnapshotReading, ...]:
        """Return what the network would have answered at earlier steps of its training.

        From the random initial weights to the last step: the probabilities, and the filters of the
        first convolution, (32, 3, 3) float32 with the default parameters. A snapshot is the network
        alone, with 16-bit weights and without test-time augmentation.

        Raises:
            ModelFileError: the model does not come from a folder that save_model() wrote after
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

        Scaled straight to 28x28, centred by its bounding box, and centred by its mass as predict()
        does; and drawn with thinner and thicker pens.
        """
        return what_if(self._digit.ink_in_picture(), self._network)

    def alter(self, alteration: Alteration) -> Reading:
        """Read the digit moved, turned, drawn with another pen, or prepared differently::

            classifier.explain("six.png").alter(Alteration(turn=180)).digit  # 9

        If nothing is left of the ink, the image of the reading is empty.
        """
        return alter(self._digit, self._network, alteration)

    def least_changes(self, sheet: Sheet | None = None) -> tuple[LeastChange, ...]:
        """Return the smallest changes that make the network read another digit.

        Tried are turns of up to 45 degrees each way, pens from a quarter to four times as wide, and
        moves in eight directions by up to 14 pixels of the 28x28 image, without centring. There is
        at most one change of each kind. If not centring is enough, the smallest move is 0 pixels.

        Args:
            sheet: the sheet that the digit was drawn on, as in `Alteration`.

        Raises:
            ParameterError: `sheet` is outside its range.
        """
        return least_changes(self._digit, self._network, sheet)
