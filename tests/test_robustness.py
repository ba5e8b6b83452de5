"""How the benchmark on robustness counts."""

from __future__ import annotations

import pytest

from benchmarks.robustness import Answer, Setting, changes, compared, ladders
from benchmarks.strokes import CANVAS, on_canvas

CORNER = [[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]]]


@pytest.mark.parametrize("name", ["brush", "size", "place"])
def test_one_thing_changes_on_a_ladder_and_all_of_it_fits_the_canvas(name: str) -> None:
    settings, neighbours = ladders()[name]
    assert {each for pair in neighbours for each in pair} == set(range(len(settings)))
    if name == "brush":
        assert len({(each.size, each.place) for each in settings}) == 1
    if name == "size":
        assert len({(each.brush / each.size, each.place) for each in settings}) == 1
    if name == "place":
        assert len({(each.brush, each.size) for each in settings}) == 1
    assert all(each.size + each.brush <= CANVAS for each in settings)


@pytest.mark.parametrize(
    ("place", "corner"), [((0.0, 0.0), (0, 0)), ((1.0, 1.0), (180, 180)), ((0.5, 0.5), (90, 90))]
)
def test_a_drawing_is_put_where_told(place: tuple[float, float], corner: tuple[int, int]) -> None:
    picture = on_canvas(CORNER, size=90, brush=10, place=place)
    ink = picture.point(lambda level: 255 - level).getbbox()
    assert ink == pytest.approx((*corner, corner[0] + 100, corner[1] + 100), abs=1)


def test_what_stays_and_what_changes_is_counted() -> None:
    seven, unsure, one = Answer(7, "digit"), Answer(7, "unsure"), Answer(1, "digit")
    found = changes([seven, seven, seven, one], [seven, unsure, one, one], [7, 7, 7, 1])
    assert found == {"same_digit": 0.75, "same_verdict": 0.75, "changed": {"7: 7, then 1": 1}}


def test_a_ladder_is_the_mean_over_its_neighbours() -> None:
    settings = [Setting(name, 100, 10, (0, 0)) for name in ("a", "b", "c")]
    spot, seven = Answer(None, "unsure"), Answer(7, "digit")
    found = compared(
        settings,
        [(0, 1), (1, 2)],
        [[seven, seven], [seven, spot], [seven, spot]],
        [{"label": 7}, {"label": 7}],
    )
    assert found["same_digit"] == found["same_verdict"] == 0.75
    assert [each["right"] for each in found["settings"]] == [2, 1, 1]
    assert [each["unsure"] for each in found["settings"]] == [0, 1, 1]
    assert found["pairs"][0]["settings"] == ["a", "b"]
