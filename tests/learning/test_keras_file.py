"""Keras files are read as data: code in them is refused, and never runs."""

from __future__ import annotations

import json
import sys
import zipfile
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


def test_a_class_of_a_foreign_module_is_refused_and_the_module_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hostile.keras"
    (tmp_path / "trap_module.py").write_text("class Trap:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    network().save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1] |= {"module": "trap_module", "class_name": "Trap"}
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ModelFileError, match=r"(?s:.)*Could not locate class 'Trap'"):
        HandwrittenDigitsClassifier().load_model(path)
    assert "trap_module" not in sys.modules
