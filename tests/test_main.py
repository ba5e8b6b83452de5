"""The Streamlit front end, in Streamlit's own test runner."""

from __future__ import annotations

import base64
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import streamlit
from numpy.typing import NDArray
from PIL import Image
from streamlit.testing.v1 import AppTest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from tests.handwriting import as_png, draw, draw_number

ROOT = Path(__file__).resolve().parents[1]
REPORT = json.loads((ROOT / "models" / "report.json").read_text())
SECTIONS = ("feature maps", "heat map", "snapshots")
# As in static/css/base.css.
COLOURS = {"paper": "#fdfcf7", "square": "#dbe4ee", "ink": "#22386b", "red": "#b3261e"}


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore the main module, in whose place Streamlit puts main.py."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def opened() -> AppTest:
    app = AppTest.from_file(str(ROOT / "main.py"), default_timeout=30).run()
    assert not app.exception
    return app


def uploaded(content: bytes, *open_sections: str) -> AppTest:
    app = opened()
    app.session_state["source"] = "Upload"  # the open tab
    for section in open_sections:
        app.session_state[section] = True
    app.file_uploader[0].upload("picture.png", content, "image/png")
    app.run()
    assert not app.exception
    return app


def answer(app: AppTest) -> list[str]:
    """The lines of the answer, without their colour."""
    return [header.value.removeprefix(":blue[").removesuffix("]") for header in app.header]


def pictures(app: AppTest) -> list[NDArray[np.float64]]:
    """The pictures on the page, each (height, width, 3)."""
    urls = [image.proto.imgs[0].url for image in app.get("image")]
    contents = [base64.b64decode(url.removeprefix("data:image/png;base64,")) for url in urls]
    return [np.array(Image.open(io.BytesIO(content)), float) for content in contents]


def mixed(amount: NDArray[np.float32], colour: str, paper: str = "paper") -> NDArray[np.float64]:
    """The colours of some amounts of a colour on paper."""
    inked, blank = (np.array([*bytes.fromhex(COLOURS[name][1:])]) for name in (colour, paper))
    return np.asarray(blank + amount[..., None] * (inked - blank), float)


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


def test_a_digit_is_explained(classifier: HandwrittenDigitsClassifier) -> None:
    six = as_png(draw(6))
    explanation = classifier.explain(six)
    app = uploaded(six, *SECTIONS)
    assert answer(app) == ["6"]
    assert len(app.get("vega_lite_chart")) == 2
    seen, first, *_, last, heat = pictures(app)
    image = explanation.reading.image
    assert seen[2::4, 2::4] == pytest.approx(mixed(image, "ink"), abs=2)
    maps = explanation.layers().layers[0].activations
    assert first[:78:3, :78:3] == pytest.approx(mixed(maps[..., 0] / maps.max(), "ink"), abs=2)
    assert first.shape[:2] == (4 * 78 + 3 * 4, 8 * 78 + 7 * 4)
    assert last[85, 0] == pytest.approx(mixed(np.float32([1]), "square")[0]), "a gap"
    values = explanation.heat_map().heat[6]
    strongest = np.unravel_index(np.abs(values).argmax(), values.shape)
    side = heat.shape[0] // 28
    colour = "ink" if values[strongest] > 0 else "red"
    pixel = tuple(side * each for each in strongest)
    assert heat[pixel] == pytest.approx(mixed(np.float32([1]), colour)[0], abs=2)
    accuracy = REPORT["snapshots"][0]["validation"]["accuracy"]
    assert f"It read {100 * accuracy:.2f} %" in app.markdown[-1].value


def test_a_number_is_read_digit_by_digit() -> None:
    app = uploaded(as_png(draw_number("41", "7")))
    assert answer(app) == ["41", "7"]
    (choice,) = app.segmented_control
    assert [option[0] for option in choice.options] == ["4", "1", "7"]


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


@pytest.mark.parametrize(("missing", "figures"), [("", 4), ("strokes", 3), ("measured", 0)])
def test_the_figures_are_those_of_the_report(
    monkeypatch: pytest.MonkeyPatch, missing: str, figures: int
) -> None:
    report = {name: value for name, value in REPORT.items() if name != missing}
    monkeypatch.setattr(HandwrittenDigitsClassifier, "report", report)
    app = opened()
    assert len(app.metric) == figures
    if figures:
        score = REPORT["measured"]["test"]
        low, high = score["interval"]
        assert app.metric[0].value == f"{100 * score['accuracy']:.2f} %"
        captions = " ".join(each.value for each in app.caption)
        assert f"{100 * low:.2f} % to {100 * high:.2f} %" in captions


def test_a_missing_model_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: HandwrittenDigitsClassifier) -> None:
        raise ModelFileError("Expected a model, received none. `python train.py` makes one.")

    monkeypatch.setattr(HandwrittenDigitsClassifier, "load_model", missing)
    streamlit.cache_resource.clear()
    assert "train.py" in opened().error[0].value
