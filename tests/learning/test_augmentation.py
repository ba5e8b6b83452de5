from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier import Deformation, Parameters
from classifier.learning.batches import training_batches
from tests.handwriting import mnist_like

LEVELS, _ = mnist_like(16)
IMAGES = LEVELS.astype(np.float32) / 255
STILL = Deformation(shift=0, rotation=0, scale=0, shear=0, elastic=0)


def epochs(count: int, augmentation: Deformation | None) -> list[NDArray[np.float32]]:
    """Return the deformed images of each epoch in the order of IMAGES."""
    parameters = Parameters(epochs=count, batch_size=16, augmentation=augmentation)
    batches = list(training_batches(LEVELS, np.arange(16), parameters, 0))
    orders = [numbers.numpy().tolist() for _, numbers in batches]
    assert all(sorted(order) == list(range(16)) for order in orders)
    assert len({tuple(order) for order in orders}) == count, "each epoch has another order"
    return [images.numpy()[np.argsort(numbers)] for images, numbers in batches]


@pytest.mark.parametrize("augmentation", [None, STILL])
def test_without_augmentation_the_images_are_unchanged(augmentation: Deformation | None) -> None:
    for images in epochs(2, augmentation):
        np.testing.assert_allclose(images, IMAGES, atol=1e-6)


@pytest.mark.parametrize("kind", ["shift", "rotation", "scale", "shear", "elastic"])
def test_each_deformation_moves_ink_differently_in_each_epoch(kind: str) -> None:
    deformation = Deformation(**{**vars(STILL), kind: getattr(Deformation(), kind)})
    first, second = epochs(2, deformation)
    assert not np.array_equal(first, second)
    assert 0 <= first.min() < first.max() <= 1
    assert np.abs(first - IMAGES).mean() > 0.005
    ratio = first.sum(axis=(1, 2, 3)) / IMAGES.sum(axis=(1, 2, 3))
    assert 0.6 < ratio.min() <= ratio.max() < 1.6
