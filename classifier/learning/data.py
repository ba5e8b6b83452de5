"""Load the 70,000 MNIST images through TensorFlow Datasets."""

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
    "With a network connection, run this again: it downloads the 11 MB. Without one, put "
    f"{', '.join(ARCHIVES)} into downloads/manual in the folder that TFDS_DATA_DIR names "
    "(~/tensorflow_datasets by default), or let TFDS_DATA_DIR name a folder in which TensorFlow "
    "Datasets has prepared MNIST."
)
VALIDATION_SHARE = 12  # the last twelfth of the training images is for validation


@dataclass(frozen=True)
class Examples:
    """Images and their labels."""

    images: NDArray[np.float32]  # (count, 28, 28, 1), ink in [0, 1]
    labels: NDArray[np.int64]  # (count,), 0 to 9

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Mnist:
    """MNIST in three parts: for training, for making choices, and for the final test."""

    train: Examples  # 55,000
    validation: Examples  # 5,000
    test: Examples  # 10,000


def load_mnist() -> Mnist:
    """Return MNIST from the folder that TFDS_DATA_DIR names, downloading it there if need be.

    Raises:
        DatasetError: MNIST is not prepared and cannot be downloaded.
    """
    try:
        builder = tfds.builder(DATASET)
        if not builder.is_prepared():
            _prepare(builder)
        train, test = builder.as_dataset(split=["train", "test"], batch_size=-1)
    # TFDS passes on whatever its downloader, its reader or the disk raised.
    except Exception as error:
        raise DatasetError(
            f"Expected MNIST to be prepared or downloadable, received: {error}\n{HOW_TO_GET_IT}"
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
        # Without a network, TFDS retries for over three minutes before it fails.
        requests.head(ARCHIVES_ADDRESS, timeout=10)
    builder.download_and_prepare(download_dir=data_folder / "downloads")


def _examples(split: dict[str, Any]) -> Examples:
    return Examples(split["image"].astype(np.float32) / 255.0, split["label"].astype(np.int64))
