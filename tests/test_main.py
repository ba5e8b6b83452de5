"""The Streamlit front end, in Streamlit's own test runner."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from tests.handwriting import as_png, draw, draw_number

MAIN = Path(__file__).resolve().parents[1] / "main.py"


def uploaded(content: bytes) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert not app.exception
    app.file_uploader[0].upload("picture.png", content, "image/png")
    app.run()
    assert not app.exception
    return app


def test_an_uploaded_digit_is_read() -> None:
    app = uploaded(as_png(draw(6)))
    assert [header.value for header in app.header] == ["6"]
    assert len(app.tabs) == 1


def test_an_uploaded_number_is_read_digit_by_digit() -> None:
    app = uploaded(as_png(draw_number("41", "7")))
    assert [header.value for header in app.header] == ["41", "7"]
    assert [tab.label.partition(":")[0] for tab in app.tabs] == ["4", "1", "7"]


def test_more_digits_than_it_reads_are_told() -> None:
    app = uploaded(as_png(draw_number("314159265358979323846")))
    assert "20 at most" in app.info[0].value
    assert not app.tabs


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
