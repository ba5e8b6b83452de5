"""The Streamlit front end, in Streamlit's own test runner."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from tests.handwriting import draw

MAIN = Path(__file__).resolve().parents[1] / "main.py"


def uploaded(content: bytes) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert not app.exception
    app.file_uploader[0].upload("picture.png", content, "image/png")
    app.run()
    assert not app.exception
    return app


def test_an_uploaded_digit_is_read() -> None:
    file = io.BytesIO()
    draw(6).save(file, "PNG")
    assert [header.value for header in uploaded(file.getvalue()).header] == ["6"]


def test_a_broken_picture_is_named() -> None:
    (error,) = uploaded(b"not a picture").error
    assert "received 13 bytes of something else" in error.value


def test_a_missing_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: HandwrittenDigitsClassifier) -> None:
        raise ModelFileError("Expected a model, received none. `python train.py` makes one.")

    monkeypatch.setattr(HandwrittenDigitsClassifier, "load_model", missing)
    streamlit.cache_resource.clear()
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert "train.py" in app.error[0].value
