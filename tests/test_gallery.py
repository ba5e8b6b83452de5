"""The drawings that the page offers are what they promise."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from benchmarks import gallery
from classifier import HandwrittenDigitsClassifier

DRAWINGS = json.loads(gallery.FILE.read_text())


@pytest.fixture(scope="module")
def classifier() -> HandwrittenDigitsClassifier:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    return classifier


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing["name"])
def test_each_gets_the_answer_it_promises(
    drawing: dict[str, Any], classifier: HandwrittenDigitsClassifier
) -> None:
    prediction = classifier.predict(gallery.picture(drawing))
    assert prediction.text == drawing["text"]
    assert (prediction.verdict == "unsure") is (drawing["room"] == "others")


def test_every_digit_is_there_and_every_name_once() -> None:
    texts = {drawing["text"] for drawing in DRAWINGS if drawing["room"] == "digits"}
    assert texts == set("0123456789")
    names = [drawing["name"] for drawing in DRAWINGS]
    assert len(set(names)) == len(names)


def test_the_file_is_what_the_command_writes(classifier: HandwrittenDigitsClassifier) -> None:
    written = [gallery.hang(each, seed, classifier) for seed, each in enumerate(gallery.EXHIBITS)]
    assert written == DRAWINGS


def test_the_file_is_small() -> None:
    assert len(gzip.compress(gallery.FILE.read_bytes())) < 5000
