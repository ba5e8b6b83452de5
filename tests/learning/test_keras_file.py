"""Keras files are read as data: code in them is refused, and never runs."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from classifier.learning import keras_file


def network(*layers: keras.layers.Layer) -> keras.Model:
    flat = [keras.Input((28, 28, 1)), keras.layers.Flatten()]
    return keras.Sequential([*flat, *layers, keras.layers.Dense(10, activation="softmax")])


@pytest.mark.parametrize("is_second", [False, True])
def test_a_layer_of_code_is_refused_and_does_not_run(tmp_path: Path, is_second: bool) -> None:
    trace, path = str(tmp_path / "trace"), tmp_path / "hostile.keras"
    # Wherever this code runs, it leaves a file; it cannot refer to Path.
    code = lambda images: [open(trace, "w").close(), images][1]  # noqa: E731, PTH123
    hostile = network(keras.layers.Lambda(code))
    keras_file.write(path, network() if is_second else hostile, hostile if is_second else None)
    Path(trace).unlink()
    with pytest.raises(ModelFileError, match=r"Expected a Keras model at .*(?s:.)*Lambda"):
        HandwrittenDigitsClassifier().load_model(path)
    assert not Path(trace).exists()
