"""A digit -> what the network would have answered at moments of its training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classifier.ink.decode import Pixels
from classifier.network.artifact import load_network
from classifier.network.explanation import SnapshotReading
from classifier.network.reading import find_digit
from classifier.network.runtime import Network, Pause


def snapshots(
    picture: Pixels,
    network: Network,
    digit: int,
    folder: Path,
    listed: list[dict[str, Any]],
    pause: Pause,
) -> tuple[SnapshotReading, ...]:
    """Returns how the snapshots in `folder` read the digit of this number in `picture`.

    They are loaded anew each time: that takes milliseconds, and to keep them, a megabyte each.

    Args:
        listed: what the report says of each.

    Raises:
        ModelFileError: a snapshot is not there, or another one than that in the report.
    """
    image = find_digit(picture, network, digit).reading.image
    readings = []
    for each in listed:
        pause()
        snapshot = load_network(folder / each["file"], each["sha256"])
        probabilities = snapshot.probabilities(image[None])[0]
        readings.append(
            SnapshotReading(
                digit=int(probabilities.argmax()),
                probabilities=tuple(map(float, probabilities)),
                image=image,
                step=each["step"],
                epoch=each["epoch"],
                accuracy=each["validation"]["accuracy"],
                filters=snapshot.layers().weights("convolution_1").weights[..., 0],
            )
        )
    return tuple(readings)
