"""Read drawings with other brushes, in other places and in other sizes.

Each digit is drawn in every setting of three ladders, in which one thing changes at a time. For
each two neighbouring settings, this counts the share of drawings whose most likely digit stays the
same, and the share of those whose verdict does.
"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from classifier import HandwrittenDigitsClassifier
from evaluation.drawings import CANVAS, Drawing, Drawings, on_canvas
from evaluation.scores import most_likely

# Neighbours differ by a quarter to a third: a person would not call that another drawing.
BRUSHES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40)  # pixels
SIZES = (20, 25, 32, 40, 50, 64, 80, 100, 125, 160, 200, 230, 260)  # pixels, the longer side
PLACES = {
    "middle": (0.5, 0.5),
    "top left": (0.0, 0.0),
    "top right": (1.0, 0.0),
    "bottom right": (1.0, 1.0),
    "bottom left": (0.0, 1.0),
}
BRUSH_SHARE = 1 / 14  # of the size: the page's own pen, 20 of 280 pixels
SIZE = 200  # pixels, while the brush changes
SMALL = 100  # pixels, while the place changes


class Setting(NamedTuple):
    """One way to draw."""

    name: str
    size: float
    brush: float
    place: tuple[float, float]


class Answer(NamedTuple):
    """The answer to one drawing in one setting."""

    digit: str | None  # the most likely one, even if unsure; None for a spot or a number
    verdict: str


class Ladder(NamedTuple):
    """Settings, and which two of them are neighbours."""

    settings: list[Setting]
    neighbours: list[tuple[int, int]]


def ladders() -> dict[str, Ladder]:
    """Return the three ladders."""
    middle = PLACES["middle"]
    brushes = [Setting(str(brush), SIZE, brush, middle) for brush in BRUSHES]
    sizes = [Setting(str(size), size, size * BRUSH_SHARE, middle) for size in SIZES]
    places = [Setting(name, SMALL, SMALL * BRUSH_SHARE, at) for name, at in PLACES.items()]
    around = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 3), (3, 4), (4, 1)]
    return {
        "brush": Ladder(brushes, list(itertools.pairwise(range(len(brushes))))),
        "size": Ladder(sizes, list(itertools.pairwise(range(len(sizes))))),
        "place": Ladder(places, around),
    }


def measure(classifier: HandwrittenDigitsClassifier, drawings: Drawings) -> dict[str, Any]:
    """Draw every digit in every setting, and compare the answers to neighbours."""
    labels = [digit.label for digit in drawings.digits]

    def answer(digit: Drawing, setting: Setting) -> Answer:
        picture = on_canvas(digit.strokes, setting.size, setting.brush, setting.place)
        prediction = classifier.predict(picture)
        is_one = len(prediction.digits) == 1
        return Answer(most_likely(prediction) if is_one else None, prediction.verdict)

    def measured(ladder: Ladder) -> dict[str, Any]:
        answers = [[answer(digit, each) for digit in drawings.digits] for each in ladder.settings]
        return compare(ladder, answers, labels)

    return {
        "drawings": len(labels),
        "canvas": CANVAS,
        **{name: measured(ladder) for name, ladder in ladders().items()},
    }


def compare(
    ladder: Ladder, answers: Sequence[Sequence[Answer]], labels: Sequence[str]
) -> dict[str, Any]:
    """Return the results for each setting, for each two neighbours, and the mean over these.

    Args:
        ladder: the settings and their neighbours.
        answers: for each setting, the answers to all drawings.
        labels: the digits of the drawings.
    """
    pairs = [
        {
            "settings": [ladder.settings[one].name, ladder.settings[other].name],
            **changes(answers[one], answers[other], labels),
        }
        for one, other in ladder.neighbours
    ]
    return {
        "same_digit": statistics.mean(pair["same_digit"] for pair in pairs),
        "same_verdict": statistics.mean(pair["same_verdict"] for pair in pairs),
        "settings": [
            {
                "name": setting.name,
                "size": setting.size,
                "brush": setting.brush,
                "right": sum(a.digit == label for a, label in zip(given, labels, strict=True)),
                "unsure": sum(a.verdict != "digit" for a in given),
            }
            for setting, given in zip(ladder.settings, answers, strict=True)
        ],
        "pairs": pairs,
    }


def changes(
    ones: Sequence[Answer], others: Sequence[Answer], labels: Sequence[str]
) -> dict[str, Any]:
    """Return the shares of drawings that keep their answer in two settings, and the changes."""
    pairs = list(zip(ones, others, strict=True))
    changed = Counter(
        f"{label}: {one.digit}, then {other.digit}"
        for label, (one, other) in zip(labels, pairs, strict=True)
        if one.digit != other.digit
    )
    return {
        "same_digit": 1 - changed.total() / len(pairs),
        "same_verdict": sum(one.verdict == other.verdict for one, other in pairs) / len(pairs),
        "changed": dict(changed.most_common()),
    }
