"""The Streamlit front end, in Streamlit's own test runner."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from tests.handwriting import as_png, draw, draw_number

MAIN = Path(__file__).resolve().parents[1] / "main.py"


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit puts main.py in its place, and any process begun later would import that."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def uploaded(content: bytes) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert not app.exception
    app.session_state["source"] = "Upload"  # the open tab
    app.file_uploader[0].upload("picture.png", content, "image/png")
    app.run()
    assert not app.exception
    return app


def answer(app: AppTest) -> list[str]:
    """The lines of the answer, without their colour."""
    return [header.value.removeprefix(":blue[").removesuffix("]") for header in app.header]


def test_an_uploaded_digit_is_read() -> None:
    app = uploaded(as_png(draw(6)))
    assert answer(app) == ["6"]
    assert not app.segmented_control
    assert len(app.get("vega_lite_chart")) == 1


def test_an_uploaded_number_is_read_digit_by_digit() -> None:
    app = uploaded(as_png(draw_number("41", "7")))
    assert answer(app) == ["41", "7"]
    (choice,) = app.segmented_control
    assert [option[0] for option in choice.options] == ["4", "1", "7"]


def test_more_digits_than_it_reads_are_told() -> None:
    app = uploaded(as_png(draw_number("314159265358979323846")))
    assert "20 at most" in app.info[0].value
    assert answer(app) == []
    assert not app.get("vega_lite_chart")


def test_an_empty_sheet_is_no_error() -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert "Draw one digit, or several" in app.info[0].value
    assert not app.error
    assert answer(app) == []


def test_the_figures_are_those_of_the_report() -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    report = json.loads((MAIN.parent / "models" / "report.json").read_text())
    score = report["measured"]["test"]
    assert app.metric[0].value == f"{100 * score['accuracy']:.2f} %"
    low, high = score["interval"]
    assert f"{100 * low:.2f} % to {100 * high:.2f} %" in " ".join(
        each.value for each in app.caption
    )
    others = {metric.label for metric in app.metric} - {app.metric[0].label}
    assert others == {"Calibration error", "Trained anew", "1,200 pictures of pen drawings"}


@pytest.mark.parametrize("missing", ["strokes", "measured"])
def test_what_was_not_measured_is_left_out(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    report = json.loads((MAIN.parent / "models" / "report.json").read_text())
    del report[missing]
    monkeypatch.setattr(HandwrittenDigitsClassifier, "report", report)
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert not app.exception
    assert len(app.metric) == (3 if missing == "strokes" else 0)


def test_visitors_share_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []
    load = HandwrittenDigitsClassifier.load_model

    def count(self: HandwrittenDigitsClassifier) -> None:
        loaded.append(self)
        load(self)

    monkeypatch.setattr(HandwrittenDigitsClassifier, "load_model", count)
    streamlit.cache_resource.clear()
    assert [answer(uploaded(as_png(draw(digit)))) for digit in (3, 5)] == [["3"], ["5"]]
    assert len(loaded) == 1


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
