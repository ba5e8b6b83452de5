"""The drawings that the page offers."""

from __future__ import annotations

import gzip
import json

from classifier import HandwrittenDigitsClassifier
from tools import gallery

DRAWINGS = json.loads(gallery.FILE.read_text())


def test_drawings_get_the_answers_they_promise(classifier: HandwrittenDigitsClassifier) -> None:
    for drawing in DRAWINGS:
        prediction = classifier.predict(gallery.picture(drawing))
        assert prediction.text == drawing["text"], drawing["name"]
        assert (prediction.verdict == "unsure") is (drawing["room"] == "others"), drawing["name"]


def test_every_digit_is_there_and_the_file_is_small() -> None:
    texts = {drawing["text"] for drawing in DRAWINGS if drawing["room"] == "digits"}
    assert texts == set("0123456789")
    assert len(gzip.compress(gallery.FILE.read_bytes())) < 5000
