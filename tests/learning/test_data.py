from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import requests

from classifier import DatasetError
from classifier.learning import data
from classifier.learning.data import load_mnist


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


@pytest.mark.long
@pytest.mark.real_data
def test_the_four_archives_are_enough_to_load_mnist_without_a_network(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manual = Path("downloads", "manual")
    shutil.copytree(real_data / "tensorflow_datasets" / manual, tmp_path / manual)
    monkeypatch.setattr(data.tfds.core.constants, "DATA_DIR", str(tmp_path))
    mnist = load_mnist()
    assert (len(mnist.train), len(mnist.validation)) == (55_000, 5_000)
    assert (mnist.test.images.shape, mnist.test.images.dtype) == ((10_000, 28, 28, 1), np.float32)
    assert (mnist.test.images.min(), mnist.test.images.max()) == (0, 1)
    # The published counts of each digit in the test images.
    expected = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.test.labels).tolist() == expected
