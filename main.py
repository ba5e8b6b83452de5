"""The Streamlit front end: `streamlit run main.py`."""

from __future__ import annotations

import streamlit as st

from classifier import ClassifierError, HandwrittenDigitsClassifier, Prediction


@st.cache_resource
def load_classifier() -> HandwrittenDigitsClassifier:
    """Loads the model once, for all sessions: answering is safe from several threads."""
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    return classifier


def show(prediction: Prediction) -> None:
    """Writes the answer and how it came about."""
    for line in (prediction.text or "").splitlines():
        st.header(line)
    if prediction.reason is not None:
        st.info(prediction.reason)
    if not prediction.digits:
        return
    # Never 100 %: the network is never certain.
    names = [f"{each.digit}: {min(each.confidence, 0.99):.0%}" for each in prediction.digits]
    for tab, reading in zip(st.tabs(names), prediction.digits, strict=True):
        tab.image(reading.image, caption="What the network sees: 28 × 28 pixels", width=140)
        tab.bar_chart(
            {"digit": list(range(10)), "probability": reading.probabilities},
            x="digit",
            y="probability",
        )


def main() -> None:
    """Draws the page."""
    st.title("Handwritten digits")
    try:
        classifier = load_classifier()
        upload = st.file_uploader(
            "A picture of a handwritten digit or number", type=["png", "jpg", "webp"]
        )
        if upload is not None:
            show(classifier.predict(upload.getvalue()))
    except ClassifierError as error:
        st.error(str(error))


if __name__ == "__main__":
    main()
