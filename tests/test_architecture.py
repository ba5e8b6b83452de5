"""What import-linter and ruff cannot check of the architecture; see pyproject.toml."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LIBRARY = """
from classifier import HandwrittenDigitsClassifier
from tests.handwriting import draw

classifier = HandwrittenDigitsClassifier()
classifier.load_model()
assert classifier.predict(draw(7)).text == "7"
"""
WEB_APPLICATION = """
sys.path.insert(0, "flask")
from webapp import create_app

assert create_app().test_client().get("/health/ready").status_code == 200
"""


@pytest.mark.parametrize("program", [LIBRARY, WEB_APPLICATION])
def test_reading_imports_no_tensorflow(program: str) -> None:
    check = (
        'assert not {"tensorflow", "keras", "tensorflow_datasets", "streamlit"} & {*sys.modules}'
    )
    command = [sys.executable, "-c", f"import sys\n{program}\n{check}"]
    subprocess.run(command, cwd=ROOT, check=True)


def test_flask_is_the_library_and_not_our_folder() -> None:
    assert not (ROOT / "flask" / "__init__.py").exists()
