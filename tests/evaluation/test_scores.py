"""Counting right and wrong answers."""

from __future__ import annotations

import numpy as np
import pytest

from classifier import DigitReading, Prediction
from evaluation.scores import outcome, score, share


def answer(text: str | None, *digits: int) -> Prediction:
    verdict = ("digit" if len(text) == 1 else "number") if text else "unsure"
    image = np.zeros((28, 28), np.float32)
    readings = [DigitReading(digit, (0.1,) * 10, image, (0, 0, 1, 1)) for digit in digits]
    return Prediction(verdict, text, None, tuple(readings))  # type: ignore[arg-type]


def test_numbers_are_wrong_and_unsure_guesses_count_only_for_top_1() -> None:
    answers = [answer("7", 7), answer("71", 7, 1), answer(None, 7), answer("1", 1)]
    scores = score(answers, ["7", "7", "7", "7"])
    assert (scores["top_1"]["images"], scores["top_1"]["right"]) == (4, 2)
    assert (scores["answered"]["images"], scores["answered"]["right"]) == (3, 1)
    assert (scores["unsure"], scores["numbers"]) == (1, 1)
    assert scores["mistaken"] == {"7 read as 71": 1, "7 read as 1": 1}


def test_an_answer_is_right_withheld_or_wrong() -> None:
    answers = [answer("7", 7), answer("1\n7", 1, 7), answer(None, 7), answer("1\n7", 1, 7)]
    counts = outcome(["7", "1\n7", "7", "17"], answers)
    assert [counts[name]["right"] for name in ("right", "unsure", "wrong", "top_1")] == [2, 1, 1, 4]
    assert counts["mistaken"] == {"17 as 1/7": 1}


def test_pictures_of_the_same_drawing_do_not_narrow_the_interval() -> None:
    assert share(270, 300, rounds=3)["accuracy"] == 0.9
    assert share(270, 300, rounds=3)["interval"] == pytest.approx(share(90, 100)["interval"])
