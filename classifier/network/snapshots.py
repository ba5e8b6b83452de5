"""What the network would have answered at earlier steps of its training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.network.artifact import load_network
from classifier.network.prediction import Reading, as_tensor


@dataclass(frozen=True)
class SnapshotReading(Reading):
    """The answer of the network as it was at one step of its training."""

    step: int  # batches trained on so far
    epoch: float  # passes over the training images so far
    accuracy: float  # of the snapshot on MNIST's validation images, in [0, 1]
    filters: NDArray[np.float32] = field(compare=False)  # (filters, height, width): 1st convolution

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the image in JSON types."""
        return {
            "step": self.step,
            "epoch": self.epoch,
            "accuracy": self.accuracy,
            "digit": self.digit,
            "probabilities": self.probabilities,
            "filters": as_tensor(self.filters),
        }


def read_snapshots(
    image: NDArray[np.float32], folder: Path, listed: Iterable[dict[str, Any]]
) -> tuple[SnapshotReading, ...]:
    """Return how each snapshot reads `image`, (28, 28) float32 in [0, 1].

    The snapshots are loaded each time: that takes milliseconds, and keeping one takes a megabyte.

    Args:
        folder: where the snapshots are.
        listed: the report's entry on each of them.

    Raises:
        ModelFileError: a snapshot is missing or has another SHA-256 than the report gives.
    """
    readings = []
    for entry in listed:
        snapshot = load_network(folder / entry["file"], entry["sha256"])
        readings.append(
            SnapshotReading(
                **vars(snapshot.read(image)),
                step=entry["step"],
                epoch=entry["epoch"],
                accuracy=entry["validation"]["accuracy"],
                filters=snapshot.layers().weights("convolution_1").weights[..., 0],
            )
        )
    return tuple(readings)
