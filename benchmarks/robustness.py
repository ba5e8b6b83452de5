"""Does the same drawing keep its answer, drawn with another brush, elsewhere, or at another size?

    python -m benchmarks.robustness ../shared/strokes/development.json

Each digit of the file (see benchmarks/strokes.py) is drawn on a canvas of 280 x 280 pixels in every
setting of three ladders, in which one thing changes at a time. Counted is, for two neighbouring
settings each, the share of drawings whose likeliest digit stays what it was, and the share of those
whose verdict does. The figures go into models/report.json.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import results
from benchmarks.strokes import CANVAS, Drawings, on_canvas
from classifier import HandwrittenDigitsClassifier

# Neighbours are a quarter to a third apart: a change that a person would not call another drawing.
BRUSHES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40)  # pixels
SIZES = (20, 25, 32, 40, 50, 64, 80, 100, 125, 160, 200, 230, 260)  # pixels: the longer side
PLACES = {
    "middle": (0.5, 0.5),
    "top left": (0.0, 0.0),
    "top right": (1.0, 0.0),
    "bottom right": (1.0, 1.0),
    "bottom left": (0.0, 1.0),
}
BRUSH_SHARE = 1 / 14  # of the size: the page's own pen, 20 of 280 pixels; at size 20, 1.4 pixels
SIZE = 200  # pixels: where the brush changes
SMALL = 100  # pixels: where the place changes


class Setting(NamedTuple):
    """One way to draw."""

    name: str
    size: float
    brush: float
    place: tuple[float, float]


class Answer(NamedTuple):
    """What was answered to one drawing in one setting."""

    digit: (
        int | None
    )  # the likeliest, even where the verdict is "unsure"; None for a spot, or a number
    verdict: str


def ladders() -> dict[str, tuple[list[Setting], list[tuple[int, int]]]]:
    """The settings of each ladder, and which two of them are neighbours."""
    middle = PLACES["middle"]
    brushes = [Setting(str(brush), SIZE, brush, middle) for brush in BRUSHES]
    sizes = [Setting(str(size), size, size * BRUSH_SHARE, middle) for size in SIZES]
    places = [Setting(name, SMALL, SMALL * BRUSH_SHARE, at) for name, at in PLACES.items()]
    around = [(0, corner) for corner in range(1, 5)] + [(1, 2), (2, 3), (3, 4), (4, 1)]
    return {
        "brush": (brushes, list(itertools.pairwise(range(len(brushes))))),
        "size": (sizes, list(itertools.pairwise(range(len(sizes))))),
        "place": (places, around),
    }


def main() -> None:
    """Measures, prints, and adds what it found to models/report.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("drawings", type=Path)
    options = parser.parse_args()

    drawings = json.loads(options.drawings.read_text())["digits"]
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    results.check_network(classifier.network.sha256)
    measured = measure(classifier, drawings)
    results.add_to_report("robustness", measured)
    print(json.dumps(measured, indent=2))


def measure(classifier: HandwrittenDigitsClassifier, digits: Drawings) -> dict[str, Any]:
    """Draws every digit in every setting, and compares what is answered to neighbours."""
    return {
        "drawings": len(digits),
        "canvas": CANVAS,
        **{
            name: compared(settings, neighbours, answers_of(classifier, digits, settings), digits)
            for name, (settings, neighbours) in ladders().items()
        },
    }


def answers_of(
    classifier: HandwrittenDigitsClassifier, digits: Drawings, settings: list[Setting]
) -> list[list[Answer]]:
    """The answers to all drawings, setting by setting."""

    def answer(drawing: dict[str, Any], setting: Setting) -> Answer:
        picture = on_canvas(drawing["strokes"], setting.size, setting.brush, setting.place)
        prediction = classifier.predict(picture)
        digit = prediction.digits[0].digit if len(prediction.digits) == 1 else None
        return Answer(digit, prediction.verdict)

    return [[answer(drawing, setting) for drawing in digits] for setting in settings]


def compared(
    settings: list[Setting],
    neighbours: list[tuple[int, int]],
    answers: list[list[Answer]],
    digits: Drawings,
) -> dict[str, Any]:
    """One ladder: each setting, each two neighbours, and the mean over these."""
    labels = [drawing["label"] for drawing in digits]
    pairs = [
        {
            "settings": [settings[one].name, settings[other].name],
            **changes(answers[one], answers[other], labels),
        }
        for one, other in neighbours
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
            for setting, given in zip(settings, answers, strict=True)
        ],
        "pairs": pairs,
    }


def changes(ones: list[Answer], others: list[Answer], labels: list[int]) -> dict[str, Any]:
    """Two neighbours: the shares of drawings that keep their answer, and which do not."""
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


if __name__ == "__main__":
    main()
