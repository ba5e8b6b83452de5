"""The Streamlit front end: `streamlit run main.py`."""

from __future__ import annotations

import itertools
import statistics
from pathlib import Path
from typing import Any

import altair as alt
import streamlit as st
from streamlit_drawable_canvas import st_canvas

import painting
from classifier import ClassifierError, HandwrittenDigitsClassifier, Prediction, Reading

ROOT = Path(__file__).parent

SHEET = 308  # pixels: 28 squares of 11, which a phone has room for
PICTURE = 700  # pixels: about the width of the page, so that the browser need not blur


@st.cache_resource(show_spinner="Loading the network …")
def load_classifier() -> HandwrittenDigitsClassifier:
    """Loads the model once, for all sessions: answering is safe from several threads."""
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    return classifier


def main() -> None:
    """Draws the page."""
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
            if picture is None:
                st.info("The answer appears here. Draw one digit, or several.")
                place = None
            else:
                place = show_answer(classifier.predict(picture))
        if picture is not None and place is not None:
            show_feature_maps(classifier, picture, place)
            show_heat_map(classifier, picture, place)
            show_snapshots(classifier, picture, place)
        show_figures(classifier.report or {})
    except ClassifierError as error:
        st.error(str(error))


def colours() -> painting.Colours:
    """Those of the visitor's theme."""
    return painting.DARK if st.context.theme.type == "dark" else painting.LIGHT


def picture_to_read() -> bytes | None:
    """Takes a picture from the visitor: what stands in the open tab, if anything."""
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
    """Lets the visitor draw; returns a PNG file, or None while the sheet is empty."""
    sheet, buttons = st.container(), st.container(horizontal=True)
    width = st.slider("Brush width", 4, 40, 22, format="%d px")
    with sheet:
        canvas = st_canvas(
            stroke_width=width,
            stroke_color=colours()["ink"],
            background_image=painting.squared_paper(SHEET, colours()),
            initial_drawing=st.session_state.get("start", {"objects": []}),
            width=SHEET,
            height=SHEET,
            return_image_data=True,
            key="canvas",
        )
    strokes = canvas.json_data["objects"]
    with buttons:  # the canvas has its own, but they show under a mouse only
        st.button("Undo", on_click=start_from, args=(strokes[:-1],), disabled=not strokes)
        st.button("Clear", on_click=start_from, args=([],), disabled=not strokes)
    picture: bytes | None = canvas.image_bytes
    return picture if strokes else None


def start_from(strokes: list[Any]) -> None:
    """Has the canvas begin anew with these strokes."""
    edition = st.session_state.get("start", {}).get("edition", 0) + 1
    # Were it the drawing that the canvas began with the last time, it would stay as it is.
    st.session_state.start = {"objects": strokes, "edition": edition}


def show_answer(prediction: Prediction) -> int | None:
    """Shows the answer and its workings; returns the place of the digit the visitor looks at."""
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
            format_func=lambda place: (
                f"{digits[place].digit} · {percent(digits[place].confidence)}"
            ),
            default=min(range(len(digits)), key=lambda place: digits[place].confidence),
            required=True,
            wrap=True,
        )
    show_probabilities(digits[place])
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        seen = painting.image(digits[place].image, 112, colours())
        st.image(seen, width=112, alt="Your digit, fitted and centred")
        st.caption("What the network sees: 28\u00a0×\u00a028\u00a0pixels")
    return place


def show_probabilities(reading: Reading) -> None:
    """Shows the ten probabilities as bars."""
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


def percent(share: float) -> str:
    """A probability as a person reads it; never 100 %, for the network is never certain."""
    return "> 99 %" if share > 0.995 else f"{100 * share:.0f} %"


def show_feature_maps(classifier: HandwrittenDigitsClassifier, picture: bytes, place: int) -> None:
    """Shows what each filter of the network found in the digit."""
    section = st.expander(
        "Feature maps: what each filter found", key="feature maps", on_change="rerun"
    )
    if not section.open:
        return
    section.write(
        "Each small picture is what one filter found: the bluer, the more of what it looks for."
    )
    for layer in classifier.feature_maps(picture, digit=place).layers:
        if layer.kind in ("convolution", "pooling"):
            height, width, count = layer.activations.shape
            name = layer.name.replace("_", " ").capitalize()
            section.image(
                painting.feature_maps(layer.activations, PICTURE, colours()),
                caption=f"{name}: {count} maps of {height} × {width} pixels",
                width="stretch",
            )


def show_heat_map(classifier: HandwrittenDigitsClassifier, picture: bytes, place: int) -> None:
    """Shows which ink speaks for a digit, and which against it."""
    section = st.expander(
        "Heat map: which ink spoke for the answer", key="heat map", on_change="rerun"
    )
    if not section.open:
        return
    heat_map = classifier.heat_map(picture, digit=place)
    digit = section.segmented_control(
        "For which digit?", range(10), default=heat_map.reading.digit, required=True, wrap=True
    )
    words, map_ = section.columns(2, vertical_alignment="center")
    words.write(
        "Blue ink speaks for it, red ink against it. "
        "Without the blue ink it would fall behind the others, without the red ink catch up."
    )
    map_.image(
        painting.heat_map(heat_map.heat[digit], heat_map.reading.image, PICTURE // 2, colours()),
        width="stretch",
        alt=f"Your digit: which ink speaks for a {digit}, which against it",
    )


def show_snapshots(classifier: HandwrittenDigitsClassifier, picture: bytes, place: int) -> None:
    """Shows what the network would have answered at moments of its training."""
    section = st.expander(
        "Watch it learn: what it would have answered", key="snapshots", on_change="rerun"
    )
    if not section.open:
        return
    moments = classifier.snapshots(picture, digit=place)
    with section:
        chosen = st.select_slider(
            "Passes through its training images",
            range(len(moments)),
            format_func=lambda number: f"{moments[number].epoch:g}",
        )
        moment = moments[chosen]
        st.write(
            f"It would have read **{moment.digit}**, "
            f"when it read {share(moment.accuracy)} of other people’s digits rightly."
        )
        show_probabilities(moment)


def show_figures(report: dict[str, Any]) -> None:
    """Shows how well the network reads, as far as that was measured."""
    if not report.get("measured"):  # none came along, or one by an older train.py
        return
    test, runs, strokes = report["measured"]["test"], report["runs"], report.get("strokes")
    figures = [
        (f"{test['images']:,} test images of MNIST", *accuracy(test)),
        ("Calibration error", share(test["calibration"]["error"]), "between promised and kept"),
    ]
    if len(runs) > 1:
        accuracies = [run["test"]["accuracy"] for run in runs]
        deviation = f"± {share(statistics.stdev(accuracies))} over {len(runs)} seeds"
        figures.append(("Trained anew", share(statistics.mean(accuracies)), deviation))
    if strokes is not None:
        top = strokes["top_1"]
        figures.append((f"{top['images']:,} pictures of pen drawings", *accuracy(top)))
    with st.expander("How well it reads"):
        for column, (label, value, note) in zip(itertools.cycle(st.columns(2)), figures):
            column.metric(label, value)
            column.caption(note)


def accuracy(score: dict[str, Any]) -> tuple[str, str]:
    """The share that was read rightly, and between what it lies."""
    low, high = score["interval"]
    return share(score["accuracy"]), f"read rightly; 95 % interval {share(low)} to {share(high)}"


def share(value: float) -> str:
    """A measured share, to a hundredth of a percent."""
    return f"{100 * value:.2f} %"


if __name__ == "__main__":
    main()
