"""The Streamlit front end.

streamlit run main.py
"""

from __future__ import annotations

import base64
import io
import itertools
import math
import statistics
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from classifier import (
    ClassifierError,
    Explanation,
    HandwrittenDigitsClassifier,
    Prediction,
    Reading,
)

ROOT = Path(__file__).parent

SHEET = 308  # pixels: 28 squares of 11, for which a phone has room
PICTURE = 700  # pixels: about the width of the page, so that the browser need not scale much
GAP = 4  # pixels between two feature maps
MAPS_IN_A_ROW = 8

# As in static/css/base.css and in the theme of .streamlit/config.toml.
LIGHT = {"paper": "#fdfcf7", "square": "#dbe4ee", "ink": "#22386b", "red": "#b3261e"}
DARK = {"paper": "#1d222b", "square": "#2a313d", "ink": "#a9c4ff", "red": "#ff9389"}


@st.cache_resource(show_spinner="Loading the network …")
def load_classifier() -> HandwrittenDigitsClassifier:
    """Load the network, once for all sessions: it is safe to use from several threads."""
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    return classifier


def main() -> None:
    """Show the page."""
    st.set_page_config(page_title="Draw a digit", page_icon=str(ROOT / "static" / "icon.svg"))
    st.html(ROOT / ".streamlit" / "page.css")
    st.title(":blue[Draw a digit]", anchor=False)
    st.caption("A small network reads it, and shows how.")
    try:
        classifier = load_classifier()
        left, right = st.columns(2, gap="medium")
        with left:
            picture = picture_to_read()
        with right, st.container(key="answer"):
            place = None
            if picture is None:
                st.info("The answer appears here. Draw one digit, or several.")
            else:
                place = show_answer(classifier.predict(picture))
        if picture is not None and place is not None:
            explanation = classifier.explain(picture, digit=place)
            show_feature_maps(explanation)
            show_heat_map(explanation)
            show_snapshots(explanation)
        show_figures(classifier.report or {})
    except ClassifierError as error:
        st.error(str(error))


def picture_to_read() -> bytes | None:
    """Let the visitor draw or upload; return the picture in the open tab, if there is one."""
    draw, upload = st.tabs(["Draw", "Upload"], key="source", on_change="rerun")
    with draw:
        drawing = draw_on_sheet()
    with upload:
        file = st.file_uploader(
            "A picture of a handwritten digit or number", type=["png", "jpg", "webp"]
        )
    if upload.open:
        return None if file is None else file.getvalue()
    return drawing


def draw_on_sheet() -> bytes | None:
    """Let the visitor draw; return a PNG file, or None while the sheet is empty."""
    sheet, buttons = st.container(), st.container(horizontal=True)
    width = st.slider("Brush width", 4, 40, 22, format="%d px")
    with sheet:
        canvas = st_canvas(
            stroke_width=width,
            stroke_color=colours()["ink"],
            background_image=squared_paper(),
            initial_drawing=st.session_state.get("start", {"objects": []}),
            width=SHEET,
            height=SHEET,
            return_image_data=True,
            key="canvas",
        )
    strokes = canvas.json_data["objects"]
    with buttons:  # the canvas has buttons of its own, which only appear under a mouse
        st.button("Undo", on_click=start_with, args=(strokes[:-1],), disabled=not strokes)
        st.button("Clear", on_click=start_with, args=([],), disabled=not strokes)
    picture: bytes | None = canvas.image_bytes
    return picture if strokes else None


def start_with(strokes: list[Any]) -> None:
    """Replace the drawing on the canvas by these strokes."""
    edition = st.session_state.get("start", {}).get("edition", 0) + 1
    # The canvas ignores a drawing that is equal to the one it started with.
    st.session_state.start = {"objects": strokes, "edition": edition}


def show_answer(prediction: Prediction) -> int | None:
    """Show the answer; return the index of the digit that the visitor looks at, if there is one."""
    lines = (prediction.text or "").splitlines()
    if lines:
        longest = max(len(line) for line in lines)
        st.html(f"<style>.st-key-answer {{ --room: 36rem; --digits: {longest} }}</style>")
    for line in lines:
        st.header(f":blue[{line}]", anchor=False)
    if prediction.reason is not None:
        st.info(prediction.reason)
    digits = prediction.digits
    if not digits:
        return None
    place = 0
    if len(digits) > 1:
        place = st.segmented_control(
            "Look at one of the digits",
            range(len(digits)),
            format_func=lambda k: f"{digits[k].digit} · {percent(digits[k].confidence)}",
            default=min(range(len(digits)), key=lambda k: digits[k].confidence),
            required=True,
            wrap=True,
        )
    show_probabilities(digits[place])
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        seen = data_url(painted(112, ink=digits[place].image))
        st.image(seen, width=112, alt="Your digit, fitted and centred")
        st.caption("What the network sees: 28\u00a0×\u00a028\u00a0pixels")
    return place


def show_probabilities(reading: Reading) -> None:
    """Show the ten probabilities as bars."""
    rows = [
        {"digit": str(digit), "probability": probability, "percent": percent(probability)}
        for digit, probability in enumerate(reading.probabilities)
    ]
    ink = colours()["ink"]
    axis = alt.Axis(domain=False, ticks=False, labelColor=ink, labelFontSize=13)
    bars = alt.Chart(alt.InlineData(values=rows)).encode(
        alt.X("probability:Q", scale=alt.Scale(domain=[0, 1.2]), axis=None),
        alt.Y("digit:N", title=None, axis=axis),
        tooltip=["digit:N", "percent:N"],
    )
    figures = bars.mark_text(align="left", dx=4, color=ink).encode(text="percent:N")
    chart = (bars.mark_bar(color=ink) + figures).properties(height=250)
    st.altair_chart(chart, alt="How likely each digit is")


def show_feature_maps(explanation: Explanation) -> None:
    """Show what each filter of the network found in the digit."""
    section = st.expander(
        "Feature maps: what each filter found", key="feature maps", on_change="rerun"
    )
    if not section.open:
        return
    section.write("Each small picture shows where one filter found what it looks for: the bluer.")
    for layer in explanation.layers().layers:
        if layer.kind in ("convolution", "pooling"):
            height, width, count = layer.activations.shape
            name = layer.name.replace("_", " ").capitalize()
            section.image(
                data_url(painted_maps(layer.activations)),
                caption=f"{name}: {count} maps of {height} × {width} pixels",
                width="stretch",
            )


def show_heat_map(explanation: Explanation) -> None:
    """Show which ink speaks for a digit, and which against it."""
    section = st.expander(
        "Heat map: which ink spoke for the answer", key="heat map", on_change="rerun"
    )
    if not section.open:
        return
    reading = explanation.reading
    digit = section.segmented_control(
        "For which digit?", range(10), default=reading.digit, required=True, wrap=True
    )
    heat = explanation.heat_map().heat[digit]
    strength = heat / (np.abs(heat).max() or 1)
    picture = painted(
        PICTURE // 2,
        square=reading.image,
        ink=np.maximum(strength, 0),
        red=np.maximum(-strength, 0),
    )
    words, map_ = section.columns(2, vertical_alignment="center")
    words.write(
        "Blue ink speaks for it, red ink against it: "
        "without the blue ink it would be less likely, without the red ink more."
    )
    map_.image(
        data_url(picture),
        width="stretch",
        alt=f"Your digit: which ink speaks for a {digit}, which against it",
    )


def show_snapshots(explanation: Explanation) -> None:
    """Show what the network would have answered at moments of its training."""
    section = st.expander(
        "Watch it learn: what it would have answered", key="snapshots", on_change="rerun"
    )
    if not section.open:
        return
    snapshots = explanation.snapshots()
    with section:
        snapshot = snapshots[
            st.select_slider(
                "Passes through its training images",
                range(len(snapshots)),
                format_func=lambda k: f"{snapshots[k].epoch:g}",
            )
        ]
        st.write(f"It would have read **{snapshot.digit}**.")
        if snapshot.accuracy is not None:
            st.write(f"It read {share(snapshot.accuracy)} of other people’s digits correctly.")
        show_probabilities(snapshot)


def show_figures(report: dict[str, Any]) -> None:
    """Show how well the network reads, as far as that was measured."""
    if not report.get("measured"):  # no report, or one by an older train.py
        return
    test, runs, strokes = report["measured"]["test"], report["runs"], report.get("strokes")
    real, mnist = report.get("real"), report.get("mnist")
    calibration = share(test["calibration"]["error"])
    figures = [
        (f"{test['images']:,} test images of MNIST", *accuracy(test)),
        ("Calibration error", calibration, "mean gap between confidence and accuracy"),
    ]
    if len(runs) > 1:
        accuracies = [run["test"]["accuracy"] for run in runs]
        mean, deviation = share(statistics.mean(accuracies)), share(statistics.stdev(accuracies))
        figures.append((f"Mean of {len(runs)} trainings", mean, f"± {deviation}"))
    if mnist is not None:
        figures.append(("MNIST, read as pictures", *accuracy(mnist["right"])))
    if real is not None:
        right = real["kinds"]["pen digits"]["right"]
        figures.insert(0, (f"{right['images']:,} pen digits by other people", *accuracy(right)))
    elif strokes is not None:
        top = strokes["top_1"]
        figures.append((f"{top['images']:,} pictures of pen drawings", *accuracy(top)))
    with st.expander("How well it reads"):
        for column, (label, value, note) in zip(itertools.cycle(st.columns(2)), figures):
            column.metric(label, value)
            column.caption(note)


def accuracy(score: dict[str, Any]) -> tuple[str, str]:
    """Format an accuracy and its 95 % confidence interval."""
    low, high = score["interval"]
    interval = f"95 % interval {share(low)} to {share(high)}"
    return share(score["accuracy"]), f"read correctly; {interval}"


def share(value: float) -> str:
    """Format a measured share, to a hundredth of a percent."""
    return f"{100 * value:.2f} %"


def percent(probability: float) -> str:
    """Format a probability; never as 100 %, because the network is never certain."""
    return "> 99 %" if probability > 0.995 else f"{100 * probability:.0f} %"


def colours() -> dict[str, str]:
    """Return the colours of the visitor's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def squared_paper() -> str:
    """Return the sheet to draw on, 28 squares each way."""
    lines = np.zeros((SHEET, SHEET), np.float32)
    lines[SHEET // 28 :: SHEET // 28] = lines[:, SHEET // 28 :: SHEET // 28] = 1
    return data_url(painted(SHEET, square=lines))


def painted(width: int, **layers: NDArray[np.float32]) -> Image.Image:
    """Paint squares on paper, about `width` pixels wide.

    Args:
        layers: for each colour how much of it there is, (height, width) in [0, 1].
    """
    rows, columns = next(iter(layers.values())).shape
    picture = Image.new("RGB", (columns, rows), colours()["paper"])
    for name, amount in layers.items():
        mask = Image.fromarray((255 * amount).round().astype(np.uint8))
        picture.paste(colours()[name], mask=mask)
    times = max(1, width // columns)
    return picture.resize((times * columns, times * rows), Image.Resampling.NEAREST)


def painted_maps(maps: NDArray[np.float32]) -> Image.Image:
    """Paint feature maps (height, width, count) in rows: the largest value is all ink."""
    shares = np.moveaxis(maps / (maps.max() or 1), -1, 0)
    tiles = [painted(PICTURE // MAPS_IN_A_ROW, ink=each) for each in shares]
    across, down = tiles[0].width + GAP, tiles[0].height + GAP
    rows = math.ceil(len(tiles) / MAPS_IN_A_ROW)
    size = (MAPS_IN_A_ROW * across - GAP, rows * down - GAP)
    picture = Image.new("RGB", size, colours()["square"])
    for k, tile in enumerate(tiles):
        picture.paste(tile, (k % MAPS_IN_A_ROW * across, k // MAPS_IN_A_ROW * down))
    return picture


def data_url(picture: Image.Image) -> str:
    """Return an address that contains the picture.

    The address of a picture that Streamlit serves may be gone before the browser asks for it.
    """
    file = io.BytesIO()
    picture.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


if __name__ == "__main__":
    main()
