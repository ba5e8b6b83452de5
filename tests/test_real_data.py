"""What the committed model must achieve on real handwriting, where that is (see conftest.py)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier
from classifier.ink.normalise import CENTRE
from classifier.learning.data import Mnist
from classifier.network.artifact import MODELS_FOLDER
from evaluation import robustness, strokes
from evaluation.drawings import Drawings, load_drawings

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def mnist(real_data: Path) -> Mnist:
    """Return the real MNIST."""
    import tensorflow_datasets as tfds

    with pytest.MonkeyPatch.context() as patch:
        folder = real_data / "tensorflow_datasets"
        patch.setattr(tfds.core.constants, "DATA_DIR", str(folder))
        return HandwrittenDigitsClassifier().load_data()


@pytest.fixture(scope="module")
def drawings(real_data: Path) -> Drawings:
    """Return drawings by pen of digits and of non-digits."""
    return load_drawings(real_data / "strokes" / "development.json")


def test_the_report_is_right_about_the_test_images(
    classifier: HandwrittenDigitsClassifier, mnist: Mnist
) -> None:
    answers = classifier.network.probabilities(mnist.test.images).argmax(axis=1)
    trainable = HandwrittenDigitsClassifier()
    trainable.load_model(MODELS_FOLDER / "mnist-cnn.keras")
    by_keras = trainable.network.probabilities(mnist.test.images).argmax(axis=1)
    report = json.loads((MODELS_FOLDER / "report.json").read_text())
    right = int((answers == mnist.test.labels).sum())
    assert right == report["measured"]["test"]["right"]
    assert right >= 9_950
    assert (answers == by_keras).all()


def test_mnist_has_its_mass_where_the_preparation_puts_it_and_hardly_any_spots(
    classifier: HandwrittenDigitsClassifier, mnist: Mnist
) -> None:
    images = mnist.validation.images[..., 0]
    mass = images.sum(axis=(1, 2))
    for axis in (1, 2):
        centres = images.sum(axis=axis) @ (np.arange(28) + 0.5) / mass
        assert centres.mean() == pytest.approx(CENTRE, abs=0.02)
        assert 13.97 < centres.min() < centres.max() < 15.03
    spots = [prediction.digits for prediction in classifier.predict(images)].count(())
    assert spots < len(images) / 1000


def test_real_drawings_of_digits_are_read_and_others_are_not(
    classifier: HandwrittenDigitsClassifier, drawings: Drawings
) -> None:
    measured = strokes.measure(classifier, drawings, seed=1)
    assert measured["top_1"]["images"] == 1200
    assert measured["top_1"]["accuracy"] >= 0.99
    assert measured["answered"]["accuracy"] >= 0.995
    assert measured["share_unsure"] <= 0.02
    assert measured["calibration"]["error"] <= 0.01
    assert measured["others"]["share_unsure"] >= 0.9
    assert measured["others"]["auroc"] >= 0.99


def test_answers_hold_with_another_brush_or_size_or_place(
    classifier: HandwrittenDigitsClassifier, drawings: Drawings
) -> None:
    some = drawings._replace(digits=drawings.digits[::20])
    measured = robustness.measure(classifier, some)
    for ladder in ("brush", "size", "place"):
        assert measured[ladder]["same_digit"] >= 0.99
        assert measured[ladder]["same_verdict"] >= 0.98
