from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from classifier import Deformation, Parameters
from classifier.learning.augmentation import deform
from classifier.learning.training import training_batches
from tests.handwriting import mnist_like

IMAGES = mnist_like(16)[0].astype(np.float32) / 255  # in 256 levels, as training has them
STILL = Deformation(shift=0, rotation=0, scale=0, shear=0, elastic=0)


def deformed(deformation: Deformation, seed: int = 0) -> NDArray[np.float32]:
    result: NDArray[np.float32] = deform(
        tf.constant(IMAGES), deformation, tf.constant((seed, 1))
    ).numpy()
    return result


def test_no_deformation_changes_nothing() -> None:
    np.testing.assert_allclose(deformed(STILL), IMAGES, atol=1e-6)


@pytest.mark.parametrize("kind", ["shift", "rotation", "scale", "shear", "elastic"])
def test_each_deformation_moves_ink_and_keeps_it(kind: str) -> None:
    default = getattr(Deformation(), kind)
    result = deformed(Deformation(**{**vars(STILL), kind: default}))

    assert result.shape == IMAGES.shape
    assert result.min() >= 0
    assert result.max() <= 1
    assert np.abs(result - IMAGES).mean() > 0.005
    ratio = result.sum(axis=(1, 2, 3)) / IMAGES.sum(axis=(1, 2, 3))
    assert 0.6 < ratio.min() <= ratio.max() < 1.6


def test_a_shift_is_a_shift() -> None:
    result = deformed(Deformation(**{**vars(STILL), "shift": 2.0}))

    def centres(images: NDArray[np.float32]) -> NDArray[np.float32]:
        columns = images.sum(axis=(1, 3))
        moments: NDArray[np.float32] = columns @ np.arange(28) / columns.sum(axis=1)
        return moments

    moved = centres(result) - centres(IMAGES)
    assert np.abs(moved).max() <= 2.05
    assert np.abs(moved).max() > 1
    assert np.ptp(moved) > 2  # each its own way


def test_strokes_stay_crisp() -> None:
    """One bicubic interpolation: full strokes stay full."""
    edges = np.abs(np.diff(IMAGES, axis=2)).max(axis=(1, 2, 3))
    after = np.abs(np.diff(deformed(Deformation()), axis=2)).max(axis=(1, 2, 3))
    assert (after / edges).mean() > 0.85


def test_the_seed_decides() -> None:
    np.testing.assert_array_equal(deformed(Deformation(), 3), deformed(Deformation(), 3))
    assert not np.array_equal(deformed(Deformation(), 3), deformed(Deformation(), 4))


def batches(parameters: Parameters, first_epoch: int = 0) -> list[Any]:
    levels = np.round(IMAGES * 255).astype(np.uint8)
    return list(training_batches(levels, np.arange(16), parameters, first_epoch))


def test_every_epoch_deforms_anew_and_a_seed_repeats_them_all() -> None:
    def epochs() -> list[NDArray[np.float32]]:
        return [
            images.numpy()[labels.numpy().argsort()]
            for images, labels in batches(Parameters(batch_size=16, epochs=2))
        ]

    first, second = epochs()
    assert not np.array_equal(first, second)
    for once, again in zip((first, second), epochs(), strict=True):
        np.testing.assert_array_equal(once, again)


def test_a_later_start_gives_the_same_batches_from_there() -> None:
    parameters = Parameters(batch_size=6, epochs=4)
    whole, rest = batches(parameters), batches(parameters, first_epoch=2)
    assert len(rest) == len(whole) / 2 == 6
    for expected, received in zip(whole[6:], rest, strict=True):
        np.testing.assert_array_equal(expected[0], received[0])
        np.testing.assert_array_equal(expected[1], received[1])


def test_the_order_of_the_images_changes_with_every_epoch() -> None:
    first, second = (
        labels.numpy().tolist() for _, labels in batches(Parameters(batch_size=16, epochs=2))
    )
    assert first != second
    assert sorted(first) == sorted(second) == list(range(16))


def test_without_augmentation_the_images_are_left_alone() -> None:
    ((images, labels),) = batches(Parameters(batch_size=16, epochs=1, augmentation=None))
    np.testing.assert_allclose(images.numpy()[labels.numpy().argsort()], IMAGES, atol=1e-6)
