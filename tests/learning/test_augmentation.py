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
    result: NDArray[np.float32] = deform(tf.constant(IMAGES), deformation, tf.constant((0, 1)))
    return np.asarray(result)


def test_no_deformation_changes_nothing() -> None:
    np.testing.assert_allclose(deformed(STILL), IMAGES, atol=1e-6)


@pytest.mark.parametrize("kind", ["shift", "rotation", "scale", "shear", "elastic"])
def test_each_deformation_moves_ink_and_keeps_it_crisp(kind: str) -> None:
    result = deformed(Deformation(**{**vars(STILL), kind: getattr(Deformation(), kind)}))
    assert result.shape == IMAGES.shape
    assert 0 <= result.min() < result.max() <= 1
    assert np.abs(result - IMAGES).mean() > 0.005
    ratio = result.sum(axis=(1, 2, 3)) / IMAGES.sum(axis=(1, 2, 3))
    assert 0.6 < ratio.min() <= ratio.max() < 1.6
    before, after = (np.abs(np.diff(each, axis=2)).max(axis=(1, 2, 3)) for each in (IMAGES, result))
    assert (after / before).mean() > 0.85


def test_a_shift_moves_each_image_by_another_amount_up_to_the_largest() -> None:
    result = deformed(Deformation(**{**vars(STILL), "shift": 2.0}))
    before, after = (
        each.sum(axis=(1, 3)) @ np.arange(28) / each.sum(axis=(1, 2, 3))
        for each in (IMAGES, result)
    )
    assert 1 < np.abs(after - before).max() <= 2.05
    assert np.ptp(after - before) > 2


def batches(first_epoch: int = 0, **parameters: Any) -> list[tuple[Any, Any]]:
    dataset = training_batches(LEVELS, np.arange(16), Parameters(**parameters), first_epoch)
    return [(images.numpy(), numbers.numpy()) for images, numbers in dataset]


def test_every_epoch_has_all_images_in_another_order_and_deformed_differently() -> None:
    (first, order), (second, other_order) = batches(batch_size=16, epochs=2)
    assert sorted(order) == sorted(other_order) == list(range(16))
    assert order.tolist() != other_order.tolist()
    assert not np.array_equal(first[order.argsort()], second[other_order.argsort()])


def test_a_later_start_gives_the_same_batches() -> None:
    all_epochs, rest = (batches(start, batch_size=6, epochs=4) for start in (0, 2))
    for expected, received in zip(all_epochs[6:], rest, strict=True):
        np.testing.assert_array_equal(expected[0], received[0])
        np.testing.assert_array_equal(expected[1], received[1])


def test_without_augmentation_the_images_are_unchanged() -> None:
    ((images, order),) = batches(batch_size=16, epochs=1, augmentation=None)
    np.testing.assert_allclose(images, IMAGES[order], atol=1e-6)
