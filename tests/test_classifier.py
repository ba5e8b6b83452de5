"""Methods called in the wrong order, wrong parameters, and batches."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import (
    ClassifierError,
    Deformation,
    HandwrittenDigitsClassifier,
    MissingPackageError,
    ModelFileError,
    OrderError,
    ParameterError,
    PictureFormatError,
)
from tests.handwriting import draw


@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.predict(draw(3)),
        lambda it: it.explain(draw(3)),
        lambda it: it.weights(),
        lambda it: it.evaluate_model(),
        lambda it: it.save_model("models"),
    ],
)
def test_a_method_called_too_early_says_what_comes_before(call: Any) -> None:
    advice = r"Expected .* received none.*call load_model\(\) .* or train_model\(\)"
    with pytest.raises(OrderError, match=advice):
        call(HandwrittenDigitsClassifier())


def test_training_needs_a_network_and_data(classifier: HandwrittenDigitsClassifier) -> None:
    untrained = HandwrittenDigitsClassifier()
    with pytest.raises(OrderError, match=r"Expected .* received none.*call model_outlining\(\)"):
        untrained.train_model()
    untrained.model_outlining()
    with pytest.raises(OrderError, match=r"before train_model\(\).*call load_data\(\)"):
        untrained.train_model()
    with pytest.raises(OrderError, match=r"before evaluate_model\(\).*call load_data\(\)"):
        classifier.evaluate_model()


@pytest.mark.parametrize("path", ["digits.h5", "digits.txt"])
def test_an_unknown_ending_is_refused(
    classifier: HandwrittenDigitsClassifier, tmp_path: Path, path: str
) -> None:
    with pytest.raises(ModelFileError, match=r"\.keras or \.tflite, or a folder, received"):
        HandwrittenDigitsClassifier().load_model(tmp_path / path)
    with pytest.raises(ClassifierError):
        classifier.save_model(tmp_path / path)


@pytest.mark.parametrize(
    ("parameters", "received"),
    [
        ({"epochs": 0}, "epochs to be a whole number of at least 1, received 0"),
        ({"batch_size": True}, "batch_size to be .* received True"),
        ({"filters": 32}, "2 convolutions, received 32"),
        ({"filters": (32,)}, r"2 convolutions, received \(32,\)"),
        ({"filters": (32, 1.5)}, "filters to be .* received 1.5"),
        ({"kernel_size": 10}, "at most 9, received 10"),
        ({"learning_rate": 0}, "learning_rate above 0 .* received 0"),
        ({"learning_rate": float("nan")}, "received nan"),
        ({"seed": -1}, "seed to be .* received -1"),
        ({"seed": 2**32}, r"seed below 2\*\*32"),
        ({"augmentation": False}, "a Deformation or None, received False"),
    ],
)
def test_a_parameter_outside_its_range_is_named(parameters: dict[str, Any], received: str) -> None:
    with pytest.raises(ParameterError, match=received):
        HandwrittenDigitsClassifier(**parameters)


@pytest.mark.parametrize("amount", [-1, float("inf"), "1", True])
def test_a_deformation_outside_its_range_is_named(amount: Any) -> None:
    with pytest.raises(ParameterError, match="augmentation's shift to be"):
        Deformation(shift=amount)


def test_without_the_training_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    for name in [name for name in sys.modules if name.startswith("classifier.learning.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingPackageError, match=r"'keras.*pip install -r requirements\.txt"):
        HandwrittenDigitsClassifier().model_outlining()


def test_a_pickled_classifier_predicts_and_does_not_train(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    copy = pickle.loads(pickle.dumps(classifier))
    assert copy.predict(draw(3)) == classifier.predict(draw(3))
    assert copy.report == classifier.report
    with pytest.raises(OrderError):
        copy.train_model()


@pytest.mark.parametrize(
    "form", [list, tuple, np.stack, lambda images: np.stack(images)[..., None]]
)
def test_a_batch_gives_a_list_of_predictions(
    classifier: HandwrittenDigitsClassifier, form: Any
) -> None:
    images = [classifier.predict(draw(digit)).digits[0].image for digit in (3, 1, 4)]
    expected = [classifier.predict(image) for image in images]
    assert classifier.predict(form(images)) == expected
    assert [prediction.text for prediction in expected] == ["3", "1", "4"]
    assert classifier.predict([]) == []


def test_an_error_in_a_batch_names_the_picture(classifier: HandwrittenDigitsClassifier) -> None:
    with pytest.raises(
        PictureFormatError, match=r"Picture 1 of the batch: Expected .* received PDF"
    ):
        classifier.predict([draw(3), b"%PDF-1.7"])


def test_an_unknown_parameter_fails() -> None:
    with pytest.raises(TypeError, match="epoch"):
        HandwrittenDigitsClassifier(epoch=3)
