"""A Keras file is read as data: code in it is refused, and never runs."""

from __future__ import annotations

import ast
import json
import sys
import zipfile
from pathlib import Path

import keras
import pytest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from classifier.learning import keras_file

ROOT = Path(__file__).resolve().parents[2]


def network(*layers: keras.layers.Layer) -> keras.Model:
    flat = [keras.Input((28, 28, 1)), keras.layers.Flatten()]
    return keras.Sequential([*flat, *layers, keras.layers.Dense(10, activation="softmax")])


def hostile(trace: str) -> keras.Model:
    """A network with a layer of Python code, which leaves a file wherever it runs."""
    # It runs where there is no Path.
    code = lambda images: [open(trace, "w").close(), images][1]  # noqa: E731, PTH123
    return network(keras.layers.Lambda(code))


def assert_refused(model: Path, reason: str) -> None:
    with pytest.raises(ModelFileError, match=rf"Expected a Keras model at .*(?s:.)*{reason}"):
        HandwrittenDigitsClassifier().load_model(model)


def test_a_layer_of_code_is_refused_and_does_not_run(tmp_path: Path) -> None:
    trace, path = tmp_path / "trace", tmp_path / "hostile.keras"
    hostile(str(trace)).save(path)
    trace.unlink()
    assert_refused(path, "Lambda.*arbitrary code execution")
    assert not trace.exists()
    keras.saving.load_model(path, safe_mode=False)
    assert trace.exists()


def test_nor_in_the_second_network(tmp_path: Path) -> None:
    trace, path = tmp_path / "trace", tmp_path / "hostile.keras"
    keras_file.write(path, network(), hostile(str(trace)))
    trace.unlink()
    assert_refused(path, "Lambda.*arbitrary code execution")
    assert not trace.exists()


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

    assert_refused(path, "Could not locate class 'Trap'")
    assert "trap_module" not in sys.modules


@pytest.mark.parametrize("path", ["classifier/learning/keras_file.py", "benchmarks/rivals.py"])
def test_whoever_reads_a_keras_file_asks_for_safe_mode(path: str) -> None:
    nodes = ast.walk(ast.parse((ROOT / path).read_text()))
    calls = [ast.unparse(node) for node in nodes if isinstance(node, ast.Call)]
    loads = [call for call in calls if call.startswith("keras.saving.load_model(")]
    assert loads
    assert all("safe_mode=True" in call for call in loads)
