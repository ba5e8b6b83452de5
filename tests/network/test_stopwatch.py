"""Where the time of an answer goes."""

from __future__ import annotations

import time

import pytest
from PIL import Image

from classifier import HandwrittenDigitsClassifier
from classifier.network.stopwatch import Stopwatch
from tests.handwriting import draw, draw_number

BEFORE_THE_NETWORK = ["unpack_the_png", "find_the_ink", "part_it"]
AFTER = ["weigh_the_answer", "write_the_answer"]
ALL_STEPS = [*BEFORE_THE_NETWORK, "prepare_it", "ask_the_network", *AFTER]


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (draw(7), ALL_STEPS),
        (draw_number("280", gap=0), ALL_STEPS),
        (Image.new("L", (50, 50), 255), BEFORE_THE_NETWORK + AFTER),
    ],
    ids=["digit", "number", "blank"],
)
def test_the_steps_are_told_in_order_and_add_up_to_the_whole(
    classifier: HandwrittenDigitsClassifier, picture: Image.Image, expected: list[str]
) -> None:
    steps: dict[str, float] = {}
    start = time.perf_counter()
    answer = classifier.answer(picture, steps=steps)
    whole = time.perf_counter() - start
    assert list(steps) == expected
    assert min(steps.values()) > 0
    assert 0.9 * whole < sum(steps.values()) < whole
    assert answer["digits"] == classifier.answer(picture)["digits"]


def test_seconds_are_added_to_those_that_are_there(classifier: HandwrittenDigitsClassifier) -> None:
    steps = {"find_the_ink": 1000.0}
    classifier.answer(draw(7), steps=steps)
    assert 1000 < steps["find_the_ink"] < 1001


def test_a_stopwatch_adds_up_what_comes_again() -> None:
    seconds: dict[str, float] = {}
    watch = Stopwatch(seconds)
    for _ in range(3):
        time.sleep(0.002)
        watch.lap("sleep")
        watch.lap("wake up")
    assert seconds["sleep"] >= 0.006
    assert 0 < seconds["wake up"] < 0.006
