"""A small MNIST made by the tests, in the place of the real one."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

from classifier.learning import data
from tests.handwriting import mnist_like


class SmallBuilder:
    """Answers as TFDS's builder for MNIST does, with 600 training and 100 test images."""

    def is_prepared(self) -> bool:
        return True

    def as_dataset(self, split: list[str], batch_size: int) -> list[dict[str, Any]]:
        assert (split, batch_size) == (["train", "test"], -1)
        return [self._split(600, seed=1), self._split(100, seed=2)]

    def _split(self, count: int, seed: int) -> dict[str, Any]:
        images, labels = mnist_like(count, seed)
        return {"image": tf.constant(images), "label": tf.constant(labels)}


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data.tfds, "builder", lambda name: SmallBuilder())
