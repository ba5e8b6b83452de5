"""What the committed model must show on real handwriting; see conftest.py for where that lies."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import robustness, strokes
from benchmarks.servers import ROOT, running
from classifier import HandwrittenDigitsClassifier
from classifier.ink.normalise import CENTRE
from classifier.learning.answering import answering

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def evaluated(real_data: Path) -> HandwrittenDigitsClassifier:
    """The committed Keras model, with the real MNIST."""
    import tensorflow_datasets as tfds

    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(ROOT / "models" / "mnist-cnn.keras")
    with pytest.MonkeyPatch.context() as patch:
        folder = real_data / "tensorflow_datasets"
        patch.setattr(tfds.core.constants, "DATA_DIR", str(folder))
        classifier.load_data()
    return classifier


def test_the_report_tells_the_truth_about_the_test_images(
    evaluated: HandwrittenDigitsClassifier, classifier: HandwrittenDigitsClassifier
) -> None:
    test = evaluated._loaded_data("this test").test
    answers = classifier.network.probabilities(test.images).argmax(axis=1)
    network = evaluated._keras_model("this test")
    by_keras = answering(network, evaluated._rejection).predict(test.images, verbose=0)
    one_look = network.predict(test.images, verbose=0).argmax(axis=1)
    report = json.loads((ROOT / "models" / "report.json").read_text())

    right = int((answers == test.labels).sum())
    assert right == report["measured"]["test"]["right"]
    assert right >= 9_950
    assert int((one_look == test.labels).sum()) == report["one_look"]["test"]["right"]
    assert (answers == by_keras.argmax(axis=1)).all()


def test_mnist_is_prepared_as_we_prepare_and_its_digits_are_no_spots(
    evaluated: HandwrittenDigitsClassifier,
) -> None:
    images = evaluated._loaded_data("this test").validation.images[..., 0]
    mass = images.sum(axis=(1, 2))
    for axis in (1, 2):
        centres = images.sum(axis=axis) @ (np.arange(28) + 0.5) / mass
        assert centres.mean() == pytest.approx(CENTRE, abs=0.02)
        assert 13.97 < centres.min() < centres.max() < 15.03

    verdicts = [evaluated.predict(image).digits for image in images]
    assert verdicts.count(()) < len(images) / 1000


def test_real_pen_drawings_are_read_by_the_running_app_and_others_are_not(real_data: Path) -> None:
    drawings = json.loads((real_data / "strokes" / "development.json").read_text())
    with running() as server:
        measured = strokes.measure(
            server.address, drawings["digits"], drawings["not_digits"], seed=1
        )
    assert measured["top_1"]["images"] == 1200
    assert measured["top_1"]["accuracy"] >= 0.99
    assert measured["answered"]["accuracy"] >= 0.995
    assert measured["share_unsure"] <= 0.02
    assert measured["calibration"]["error"] <= 0.01
    assert measured["others"]["share_unsure"] >= 0.9
    assert measured["others"]["auroc"] >= 0.99


def test_a_real_drawing_keeps_its_answer_with_another_brush_elsewhere_or_at_another_size(
    classifier: HandwrittenDigitsClassifier, real_data: Path
) -> None:
    drawings = json.loads((real_data / "strokes" / "development.json").read_text())
    measured = robustness.measure(classifier, drawings["digits"][::20])
    for ladder in ("brush", "size", "place"):
        assert measured[ladder]["same_digit"] >= 0.99
        assert measured[ladder]["same_verdict"] >= 0.98
