"""The Streamlit front end, in Streamlit's own test runner."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from tests.handwriting import as_png, draw, draw_number

ROOT = Path(__file__).resolve().parents[1]
REPORT = json.loads((ROOT / "models" / "report.json").read_text())


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore the main module, in whose place Streamlit puts main.py."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def opened() -> AppTest:
    app = AppTest.from_file(str(ROOT / "main.py"), default_timeout=30).run()
    assert not app.exception
    return app


def uploaded(content: bytes, is_learning_shown: bool = False) -> AppTest:
    app = opened()
    app.session_state["source"] = "Upload"  # the open tab
    app.session_state["snapshots"] = is_learning_shown
    app.file_uploader[0].upload("picture.png", content, "image/png")
    app.run()
    assert not app.exception
    return app


def answer(app: AppTest) -> list[str]:
    """The lines of the answer, without their colour."""
    return [header.value.removeprefix(":blue[").removesuffix("]") for header in app.header]


def test_visitors_share_one_model() -> None:
    streamlit.cache_resource.clear()
    load = HandwrittenDigitsClassifier.load_model
    with patch.object(HandwrittenDigitsClassifier, "load_model", autospec=True) as loading:
        loading.side_effect = load
        assert [answer(uploaded(as_png(draw(digit)))) for digit in (3, 5)] == [["3"], ["5"]]
    assert loading.call_count == 1


def test_snapshots_show_what_it_would_have_answered() -> None:
    app = uploaded(as_png(draw(6)), is_learning_shown=True)
    assert len(app.get("vega_lite_chart")) == 2  # the answer's, and the first snapshot's
    accuracy = REPORT["snapshots"][0]["validation"]["accuracy"]
    assert f"It read {100 * accuracy:.2f} %" in app.markdown[-1].value


def test_without_a_digit_it_says_why() -> None:
    for app, reason in (
        (opened(), "Draw one digit, or several"),
        (uploaded(as_png(draw_number("314159265358979323846"))), "20 at most"),
    ):
        assert reason in app.info[0].value
        assert not app.error
        assert answer(app) == []
        assert not app.get("vega_lite_chart")
    (error,) = uploaded(b"not a picture").error
    assert "received 13 bytes of something else" in error.value


@pytest.mark.parametrize(
    ("missing", "figures"), [("mnist", 3), ("mnist real strokes", 2), ("measured", 0)]
)
def test_the_figures_are_those_of_the_report(
    monkeypatch: pytest.MonkeyPatch, missing: str, figures: int
) -> None:
    report = {name: value for name, value in REPORT.items() if name not in missing.split()}
    report["runs"] = REPORT["runs"][:1]
    monkeypatch.setattr(HandwrittenDigitsClassifier, "report", report)
    app = opened()
    assert len(app.metric) == figures
    if figures:
        score = REPORT["measured"]["test"]
        low, high = score["interval"]
        assert f"{100 * score['accuracy']:.2f} %" in [each.value for each in app.metric]
        captions = " ".join(each.value for each in app.caption)
        assert f"{100 * low:.2f} % to {100 * high:.2f} %" in captions


def test_a_missing_model_is_reported() -> None:
    streamlit.cache_resource.clear()
    missing = ModelFileError("Expected a model, received none. `python train.py` makes one.")
    with patch.object(HandwrittenDigitsClassifier, "load_model", side_effect=missing):
        assert "train.py" in opened().error[0].value
