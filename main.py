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
    if prediction.text is not None:
        st.header(prediction.text)
    if prediction.reason is not None:
        st.info(prediction.reason)
    for reading in prediction.digits:
        st.image(reading.image, caption="What the network sees: 28 × 28 pixels", width=140)
        st.bar_chart(
            {"digit": list(range(10)), "probability": reading.probabilities},
            x="digit",
            y="probability",
        )


def main() -> None:
    """Draws the page."""
    st.title("Handwritten digits")
    try:
        classifier = load_classifier()
        upload = st.file_uploader("A picture of a handwritten digit", type=["png", "jpg", "webp"])
        if upload is not None:
            show(classifier.predict(upload.getvalue()))
    except ClassifierError as error:
        st.error(str(error))


if __name__ == "__main__":
    main()
