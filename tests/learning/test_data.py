from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import requests

from classifier import DatasetError
from classifier.learning import data
from classifier.learning.data import Mnist, load_mnist


def test_a_twelfth_of_the_training_images_is_for_validation(mnist: Mnist) -> None:
    parts = (mnist.train, mnist.validation, mnist.test)
    assert [len(part) for part in parts] == [550, 50, 100]
    assert (mnist.test.images.shape, mnist.test.images.dtype) == ((100, 28, 28, 1), np.float32)
    assert (mnist.test.images.min(), mnist.test.images.max()) == (0, 1)


def test_without_network_and_dataset_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*arguments: object, **options: object) -> None:
        raise requests.ConnectionError("Name or service not known")

    monkeypatch.setattr(data.requests, "head", no_network)
    monkeypatch.setattr(data.tfds.core.constants, "DATA_DIR", str(tmp_path))
    with pytest.raises(DatasetError) as caught:
        load_mnist()
    for hint in ("not known", "TFDS_DATA_DIR", "train-images-idx3-ubyte.gz", "downloads/manual"):
        assert hint in str(caught.value)


@pytest.mark.real_data
def test_the_real_mnist_has_70_000_images(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = real_data / "tensorflow_datasets"
    monkeypatch.setattr(data.tfds.core.constants, "DATA_DIR", str(folder))
    mnist = load_mnist()
    assert (len(mnist.train), len(mnist.validation), len(mnist.test)) == (55_000, 5_000, 10_000)
    # The published counts of each digit in the test images.
    expected = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.test.labels).tolist() == expected


@pytest.mark.long
@pytest.mark.real_data
def test_the_four_archives_are_enough_without_a_network(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manual = Path("downloads", "manual")
    shutil.copytree(real_data / "tensorflow_datasets" / manual, tmp_path / manual)
    monkeypatch.setattr(data.tfds.core.constants, "DATA_DIR", str(tmp_path))
    assert len(load_mnist().test) == 10_000
