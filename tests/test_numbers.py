"""The benchmark on numbers: what it draws, and how it counts."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmarks import numbers
from classifier import HandwrittenDigitsClassifier

BAR = np.array([[0.0, 0.0], [10.0, 100.0]])
RING = 50 * np.stack([f(np.linspace(0, 6.3, 60)) for f in (np.cos, np.sin)], axis=1)
HAND = [(1, [BAR]), (0, [RING])]


@pytest.mark.parametrize(
    ("kind", "touch"), [("natural", False), ("tight", False), ("touching", True)]
)
def test_digits_touch_where_they_should_and_nowhere_else(kind: str, touch: bool) -> None:
    for seed in range(20):
        text, png = numbers.number(HAND, numbers.GAPS[kind], random.Random(seed))
        ink = 255 - np.asarray(Image.open(io.BytesIO(png)))
        components = cv2.connectedComponents((ink > 0).astype(np.uint8))[0] - 1
        assert components == (1 if touch else len(text))
        assert not (ink[0].any() or ink[:, 0].any() or ink[-1].any() or ink[:, -1].any())


def test_only_a_number_that_is_wholly_right_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([("12", "number"), (None, "unsure"), ("13", "number")])

    class Classifier:
        def predict(self, png: bytes) -> Any:
            text, verdict = next(answers)
            return type("Answer", (), {"text": text, "verdict": verdict, "digits": ()})()

    monkeypatch.setattr(numbers, "NUMBERS", 3)
    monkeypatch.setattr(numbers, "number", lambda *arguments: ("12", b""))
    drawings = [{"writer": 1, "label": 1, "strokes": [BAR.tolist()]}]
    measured = numbers.measure("tight", drawings, Classifier())  # type: ignore[arg-type]
    assert (measured["images"], measured["right"], measured["unsure"]) == (3, 1, 1)


def test_real_digits_side_by_side_are_read(
    classifier: HandwrittenDigitsClassifier, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "NUMBERS", 40)
    drawings = json.loads((real_data / "strokes" / "development.json").read_text())["digits"]
    for kind, least in (("natural", 0.95), ("tight", 0.95), ("touching", 0.7)):
        assert numbers.measure(kind, drawings, classifier)["accuracy"] >= least
