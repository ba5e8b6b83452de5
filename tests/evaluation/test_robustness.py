"""Comparing answers in neighbouring settings."""

from __future__ import annotations

from evaluation.robustness import Answer, Ladder, Setting, compare


def test_changes_of_digit_and_verdict_are_averaged_over_neighbours() -> None:
    settings = [Setting(name, 100, 10, (0, 0)) for name in ("a", "b", "c")]
    spot, seven, doubtful = Answer(None, "unsure"), Answer("7", "digit"), Answer("7", "unsure")
    answers = [[seven, seven], [doubtful, spot], [doubtful, spot]]
    found = compare(Ladder(settings, [(0, 1), (1, 2)]), answers, ["7", "7"])
    assert (found["same_digit"], found["same_verdict"]) == (0.75, 0.5)
    assert [each["right"] for each in found["settings"]] == [2, 1, 1]
    assert [each["unsure"] for each in found["settings"]] == [0, 2, 2]
    assert found["pairs"][0]["settings"] == ["a", "b"]
