"""Comparing answers in neighbouring settings."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.drawings import CANVAS, on_canvas
from evaluation.robustness import Answer, Ladder, Setting, changes, compare, ladders

CORNER = [np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]])]


def test_one_thing_changes_on_each_ladder_and_every_drawing_fits_the_canvas() -> None:
    brushes, sizes, places = (ladder.settings for ladder in ladders().values())
    assert len({(each.size, each.place) for each in brushes}) == 1
    assert len({(each.brush / each.size, each.place) for each in sizes}) == 1
    assert len({(each.brush, each.size) for each in places}) == 1
    assert all(each.size + each.brush <= CANVAS for each in (*brushes, *sizes, *places))


@pytest.mark.parametrize(
    ("place", "corner"), [((0.0, 0.0), (0, 0)), ((1.0, 1.0), (180, 180)), ((0.5, 0.5), (90, 90))]
)
def test_drawing_is_placed_on_the_canvas(
    place: tuple[float, float], corner: tuple[int, int]
) -> None:
    picture = on_canvas(CORNER, size=90, brush=10, place=place)
    ink = picture.point(lambda level: 255 - level).getbbox()
    assert ink == pytest.approx((*corner, corner[0] + 100, corner[1] + 100), abs=1)


def test_changes_of_digit_and_verdict_are_counted() -> None:
    seven, unsure, one = Answer("7", "digit"), Answer("7", "unsure"), Answer("1", "digit")
    found = changes([seven, seven, seven, one], [seven, unsure, one, one], ["7", "7", "7", "1"])
    assert found == {"same_digit": 0.75, "same_verdict": 0.75, "changed": {"7: 7, then 1": 1}}


def test_ladder_has_the_mean_over_its_neighbours() -> None:
    settings = [Setting(name, 100, 10, (0, 0)) for name in ("a", "b", "c")]
    spot, seven = Answer(None, "unsure"), Answer("7", "digit")
    answers = [[seven, seven], [seven, spot], [seven, spot]]
    found = compare(Ladder(settings, [(0, 1), (1, 2)]), answers, ["7", "7"])
    assert found["same_digit"] == found["same_verdict"] == 0.75
    assert [each["right"] for each in found["settings"]] == [2, 1, 1]
    assert [each["unsure"] for each in found["settings"]] == [0, 1, 1]
    assert found["pairs"][0]["settings"] == ["a", "b"]
