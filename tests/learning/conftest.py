"""A small MNIST, a small network trained on it once, and the folder where it was saved."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from classifier import HandwrittenDigitsClassifier
from classifier.learning import data, evaluation, plots, rejection, report
from classifier.learning.data import Mnist
from tests.handwriting import mnist_like

PARAMETERS: dict[str, Any] = {
    "filters": (4, 6),
    "kernel_size": 5,
    "dense_units": 16,
    "epochs": 3,
    "batch_size": 16,
    "learning_rate": 0.01,
    "synthetic_digits": 200,
    "synthetic_others": 100,
}
STEPS = 47  # per epoch: 550 training images and 200 synthesised digits, in batches of 16
Train = Callable[..., HandwrittenDigitsClassifier]
gc.freeze()  # Exporting collects garbage, and would search all of TensorFlow's objects each time.


def interrupt(*arguments: object, **options: object) -> None:
    raise KeyboardInterrupt


class SmallBuilder:
    """Stands in for TFDS's builder: 600 training and 100 test images."""

    def is_prepared(self) -> bool:
        return True

    def as_dataset(self, split: list[str], batch_size: int) -> list[dict[str, Any]]:
        parts = mnist_like(600, seed=1), mnist_like(100, seed=2)
        return [{"image": images, "label": labels} for images, labels in parts]


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data.tfds, "builder", lambda name: SmallBuilder())
        patch.setattr(data.tfds, "as_numpy", lambda part: part)
        return data.load_mnist()


@pytest.fixture(scope="session")
def train(mnist: Mnist) -> Iterator[Train]:
    """A function that trains a small network; few drawings are used to evaluate it."""

    def train(checkpoint: Path | None = None, **changes: Any) -> HandwrittenDigitsClassifier:
        classifier = HandwrittenDigitsClassifier(**{**PARAMETERS, **changes})
        classifier.trainer.data = mnist
        classifier.model_outlining()
        classifier.train_model(progress_bar=False, checkpoint=checkpoint)
        return classifier

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rejection, "EPOCHS", 4)
        patch.setattr(evaluation, "HELD_OUT_DIGITS", 100)
        patch.setattr(evaluation, "HELD_OUT_NON_DIGITS", 20)
        patch.setitem(report.TIMED, "keras", 1)
        yield train


@pytest.fixture(scope="session")
def small(train: Train) -> HandwrittenDigitsClassifier:
    """A small trained network, which no test changes."""
    return train()


@pytest.fixture(scope="session")
def folder(small: HandwrittenDigitsClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small network, with plots for light pages only."""
    folder = tmp_path_factory.mktemp("artifact") / "new" / "models"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "THEMES", plots.THEMES[:1])
        small.save_model(folder)
    return folder
