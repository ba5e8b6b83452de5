from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from classifier import Deformation, Parameters
from classifier.learning.augmentation import deform
from classifier.learning.batches import training_batches
from tests.handwriting import mnist_like

LEVELS, LABELS = mnist_like(16)
IMAGES = LEVELS.astype(np.float32) / 255
STILL = Deformation(shift=0, rotation=0, scale=0, shear=0, elastic=0)


def deformed(deformation: Deformation) -> NDArray[np.float32]:
    return np.asarray(deform(tf.constant(IMAGES), deformation, tf.constant((0, 1))))


def test_no_deformation_changes_nothing() -> None:
    np.testing.assert_allclose(deformed(STILL), IMAGES, atol=1e-6)


@pytest.mark.parametrize("kind", ["shift", "rotation", "scale", "shear", "elastic"])
def test_each_deformation_moves_ink_and_keeps_it_crisp(kind: str) -> None:
    result = deformed(Deformation(**{**vars(STILL), kind: getattr(Deformation(), kind)}))
    assert 0 <= result.min() < result.max() <= 1
    assert np.abs(result - IMAGES).mean() > 0.005
    ratio = result.sum(axis=(1, 2, 3)) / IMAGES.sum(axis=(1, 2, 3))
    assert 0.6 < ratio.min() <= ratio.max() < 1.6
    before, after = (np.abs(np.diff(each, axis=2)).max(axis=(1, 2, 3)) for each in (IMAGES, result))
    assert (after / before).mean() > 0.85


def batches(**parameters: Any) -> list[tuple[Any, Any]]:
    dataset = training_batches(LEVELS, np.arange(16), Parameters(batch_size=16, **parameters), 0)
    return [(images.numpy(), numbers.numpy()) for images, numbers in dataset]


def test_every_epoch_has_all_images_in_another_order_and_deformed_differently() -> None:
    (first, order), (second, other_order) = batches(epochs=2)
    assert sorted(order) == sorted(other_order) == list(range(16))
    assert order.tolist() != other_order.tolist()
    assert not np.array_equal(first[order.argsort()], second[other_order.argsort()])


def test_without_augmentation_the_images_are_unchanged() -> None:
    ((images, order),) = batches(epochs=1, augmentation=None)
    np.testing.assert_allclose(images, IMAGES[order], atol=1e-6)
