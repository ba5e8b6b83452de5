"""How the answers to real pen drawings are counted."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from benchmarks import strokes


def answered(text: str | None, *digits: int) -> dict[str, Any]:
    verdict = ("digit" if len(text) == 1 else "number") if text else "unsure"
    readings = [{"digit": digit, "confidence": 0.9 if text else 0.5} for digit in digits]
    return {"verdict": verdict, "text": text, "digits": readings}


def test_a_digit_read_as_a_number_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = itertools.cycle([answered("7", 7), answered("71", 7, 1), answered(None, 7)])
    monkeypatch.setattr(strokes, "post", lambda *arguments: next(answers))
    drawing = {"label": 7, "writer": 0, "strokes": [[[0, 0], [1, 1]]]}
    measured = strokes.measure("", [drawing] * 3, [drawing] * 3)
    assert measured["top_1"]["right"] == 6
    assert (measured["answered"]["images"], measured["answered"]["right"]) == (6, 3)
    assert (measured["unsure"], measured["numbers"]) == (3, 3)
    assert measured["mistaken"] == {"7 read as 71": 3}
    assert measured["others"]["unsure"] == 3, "neither a digit nor a number"
