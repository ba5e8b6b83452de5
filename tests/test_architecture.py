"""Data flows one way, importing does no work, and answering never meets TensorFlow."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = [
    *(ROOT / "flask").glob("*.py"),
    ROOT / "main.py",
    ROOT / "painting.py",
    ROOT / "train.py",
]

# A module may import from its own part and from those before it.
LAYERS = ["ink", "network", "learning"]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("layer", LAYERS)
def test_no_part_of_the_library_imports_one_that_comes_later(layer: str) -> None:
    later = {f"classifier.{name}" for name in LAYERS[LAYERS.index(layer) + 1 :]}
    later |= {"classifier", "classifier.classifier", "flask", "streamlit"}
    modules = list((ROOT / "classifier" / layer).glob("*.py"))
    assert modules
    for module in modules:
        for name in imported(module):
            forbidden = name in later or ".".join(name.split(".")[:2]) in later
            assert not forbidden, f"{module.name} imports {name}"


def test_the_command_stands_on_the_library_and_nothing_on_the_command() -> None:
    command = set((ROOT / "classifier" / "command").glob("*.py"))
    assert command
    for module in command:
        names = {name for name in imported(module) if name.startswith("classifier.")}
        below = {".".join(name.split(".")[:2]) for name in names}
        assert below <= {
            f"classifier.{name}" for name in ("classifier", "command", "errors", "ink")
        }
    for module in set((ROOT / "classifier").rglob("*.py")) - command:
        if module.name != "__main__.py":
            assert not any(name.startswith("classifier.command") for name in imported(module))


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.name)
def test_the_applications_use_the_library_from_its_front(path: Path) -> None:
    inside = {name for name in imported(path) if name.startswith("classifier.")}
    assert inside == set()


def test_answering_never_imports_tensorflow() -> None:
    program = """
import sys
from classifier import HandwrittenDigitsClassifier
classifier = HandwrittenDigitsClassifier()
assert not classifier._network, "importing loads no model"
classifier.load_model()
from tests.handwriting import draw
assert classifier.predict(draw(7)).text == "7"
heavy = {"tensorflow", "keras", "tensorflow_datasets"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_the_application_starts_and_answers_without_tensorflow() -> None:
    program = """
import sys
sys.path.insert(0, "flask")
from app import create_app
assert create_app().test_client().get("/health/ready").status_code == 200
heavy = {"tensorflow", "keras", "tensorflow_datasets", "streamlit"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_flask_is_the_library_and_not_our_folder() -> None:
    assert not (ROOT / "flask" / "__init__.py").exists()
