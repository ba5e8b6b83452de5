"""The network at moments of its training."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from classifier.network.artifact import MODELS_FOLDER
from tests.handwriting import DIGITS, draw, draw_number


@pytest.mark.parametrize("digit", DIGITS)
def test_from_random_weights_to_the_finished_network(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    found = classifier.explain(draw(digit)).snapshots()
    steps = [each.step for each in found]
    assert steps[0] == 0
    assert steps == sorted(steps)
    assert found[0].confidence < 0.3
    assert found[0].accuracy < 0.2
    assert found[-1].digit == digit
    assert found[-1].accuracy > 0.99
    assert found[-1].epoch > 1
    for each in found:
        assert sum(each.probabilities) == pytest.approx(1, abs=1e-4)
        assert each.filters.shape == (32, 3, 3)
        assert each.filters.dtype == np.float32
        np.testing.assert_array_equal(each.image, classifier.predict(draw(digit)).digits[0].image)


def test_the_filters_are_learned_and_end_as_those_that_answer(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    first, *_, last = classifier.explain(draw(3)).snapshots()
    finished = classifier.weights()[0].weights[..., 0]
    np.testing.assert_allclose(last.filters, finished, rtol=1e-3, atol=1e-4)  # 16 bits each
    assert np.abs(first.filters - finished).max() > 0.1


def test_each_digit_of_a_number(classifier: HandwrittenDigitsClassifier) -> None:
    for number, digit in enumerate((4, 1)):
        assert classifier.explain(draw_number("41"), number).snapshots()[-1].digit == digit


def test_a_single_file_has_no_snapshots() -> None:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(MODELS_FOLDER)
    classifier.load_model(MODELS_FOLDER / "mnist-cnn.tflite")
    with pytest.raises(ModelFileError, match=r"with snapshots .* received mnist-cnn without any"):
        classifier.explain(draw(3)).snapshots()


def test_a_copy_in_another_process_finds_them(classifier: HandwrittenDigitsClassifier) -> None:
    copy = pickle.loads(pickle.dumps(classifier))
    assert copy.explain(draw(3)).snapshots() == classifier.explain(draw(3)).snapshots()


def test_snapshots_that_are_gone_or_of_another_training_are_named(tmp_path: Path) -> None:
    folder = shutil.copytree(MODELS_FOLDER, tmp_path / "models")
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(folder)
    shutil.copy(folder / "mnist-cnn.tflite", folder / "snapshots" / "step-000300.tflite")
    with pytest.raises(ModelFileError, match=r"step-000300\.tflite to have the SHA-256"):
        classifier.explain(draw(3)).snapshots()
    shutil.rmtree(folder / "snapshots")
    with pytest.raises(ModelFileError, match=r"Expected a model at .*step-000000\.tflite"):
        classifier.explain(draw(3)).snapshots()
