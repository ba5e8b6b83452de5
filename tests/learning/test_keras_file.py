"""Which Keras files are loaded. Code in them is refused, and does not run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import pytest
from keras import layers

from classifier import HandwrittenDigitsClassifier, ModelFileError
from classifier.learning import keras_file


def network(
    *hidden: keras.layers.Layer, side: int = 28, activation: str = "softmax"
) -> keras.Model:
    last = layers.Dense(10, activation=activation)
    return keras.Sequential([keras.Input((side, side, 1)), layers.Flatten(), *hidden, last])


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_bytes(b"no"), r"Expected a Keras model at .*other\.keras"),
        (lambda path: path.write_bytes(b"PK\3\4" + b"\0" * 99), "Expected a Keras model at"),
        (lambda path: network(side=32).save(path), r"Expected a network from .* \(None, 32, 32"),
        (lambda path: network(activation="sigmoid").save(path), "answers with probabilities"),
    ],
)
def test_a_file_that_does_not_read_digits_is_refused(
    tmp_path: Path, write: Callable[[Path], object], message: str
) -> None:
    write(tmp_path / "other.keras")
    with pytest.raises(ModelFileError, match=message):
        HandwrittenDigitsClassifier().load_model(tmp_path / "other.keras")


@pytest.mark.parametrize("is_second", [False, True])
def test_a_layer_of_code_is_refused_and_does_not_run(tmp_path: Path, is_second: bool) -> None:
    trace, path = str(tmp_path / "trace"), tmp_path / "hostile.keras"
    # Wherever this code runs, it leaves a file; it cannot refer to Path.
    code = lambda images: [open(trace, "w").close(), images][1]  # noqa: E731, PTH123
    hostile = network(layers.Lambda(code))
    keras_file.write(path, network() if is_second else hostile, hostile if is_second else None)
    Path(trace).unlink()
    with pytest.raises(ModelFileError, match=r"Expected a Keras model at .*(?s:.)*Lambda"):
        HandwrittenDigitsClassifier().load_model(path)
    assert not Path(trace).exists()
