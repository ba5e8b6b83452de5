"""The 70,000 MNIST images, through TensorFlow Datasets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import requests
import tensorflow_datasets as tfds
from numpy.typing import NDArray

from classifier.errors import DatasetError

DATASET = "mnist:3.0.1"
ARCHIVES_ADDRESS = "https://storage.googleapis.com/cvdf-datasets/mnist/"  # where TFDS finds them
ARCHIVES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
HOW_TO_GET_IT = (
    "With a network, run this again: the 11 MB are downloaded by themselves. Without one, put "
    f"{', '.join(ARCHIVES)} into downloads/manual in the folder that TFDS_DATA_DIR names "
    "(~/tensorflow_datasets if it names none), or point TFDS_DATA_DIR at a folder in which "
    "TensorFlow Datasets has prepared MNIST."
)
VALIDATION_SHARE = 12  # one training image in so many, the last ones, watches over the training


@dataclass(frozen=True)
class Examples:
    """Images and what they show."""

    images: NDArray[np.float32]  # (count, 28, 28, 1), ink in [0, 1]
    labels: NDArray[np.int64]  # (count,), 0 to 9

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Mnist:
    """MNIST in three parts: one to learn from, one to choose by, one to report on."""

    train: Examples  # 55,000
    validation: Examples  # 5,000
    test: Examples  # 10,000


def load_mnist() -> Mnist:
    """Returns MNIST from the folder that TFDS_DATA_DIR names, downloading it there once if need be.

    Raises:
        DatasetError: not prepared, and it cannot be downloaded.
    """
    try:
        builder = tfds.builder(DATASET)
        if not builder.is_prepared():
            _prepare(builder)
        train, test = builder.as_dataset(split=["train", "test"], batch_size=-1)
    # TFDS passes on whatever its downloader, its reader or the disk raised.
    except Exception as error:
        raise DatasetError(
            f"Expected MNIST to be prepared or to be downloadable, received: {error}\n"
            f"{HOW_TO_GET_IT}"
        ) from error
    known = _examples(tfds.as_numpy(train))
    training = len(known) - math.ceil(len(known) / VALIDATION_SHARE)
    return Mnist(
        train=Examples(known.images[:training], known.labels[:training]),
        validation=Examples(known.images[training:], known.labels[training:]),
        test=_examples(tfds.as_numpy(test)),
    )


def _prepare(builder: tfds.core.DatasetBuilder) -> None:
    data_folder = Path(builder.data_dir).parents[1]
    manual = data_folder / "downloads" / "manual"
    if not all((manual / archive).exists() for archive in ARCHIVES):
        # TFDS asks ten times, for over three minutes, before it says that there is no network.
        requests.head(ARCHIVES_ADDRESS, timeout=10)
    builder.download_and_prepare(download_dir=data_folder / "downloads")


def _examples(split: dict[str, Any]) -> Examples:
    return Examples(split["image"].astype(np.float32) / 255.0, split["label"].astype(np.int64))
