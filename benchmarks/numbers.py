"""How numbers are read: real pen drawings of digits, put side by side.

    python -m benchmarks.numbers ../shared/strokes/development.json

Each number is 2 to 6 digits by one writer, in his own sizes and on one baseline, on a canvas of its
own width: with natural gaps, with tight ones, or so close that each digit touches the one before.
Beside them stand single digits, which should never be read as numbers. The file is that of
benchmarks.strokes. The figures go into models/report.json.
"""

from __future__ import annotations

import argparse
import io
import json
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from benchmarks import results
from benchmarks.strokes import as_png
from classifier import HandwrittenDigitsClassifier
from classifier.learning.handwriting import draw
from classifier.learning.measures import Score
from classifier.learning.pieces import edge, touching

NUMBERS = 300  # of each kind
ROUNDS = 3  # that each single digit is drawn
SEED = 11
DIGITS = (2, 6)
HEIGHTS = (60.0, 160.0)  # pixels, of the writer's digits in the middle
PENS = (0.04, 0.16)  # of that height
MARGINS = (5.0, 30.0)  # pixels
# Of that height, between the ink of two digits, by their boxes. None: they touch.
GAPS: dict[str, tuple[float, float] | None] = {
    "natural": (0.15, 0.4),
    "tight": (0.03, 0.12),
    "touching": None,
}
OVERLAP = 0.15  # of the pen's width, at most, that touching digits share

Digit = tuple[int, list[NDArray[np.float64]]]  # label, strokes


def main() -> None:
    """Measures, prints, and adds what it found to models/report.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strokes", type=Path, help="drawings as JSON")
    digits = json.loads(parser.parse_args().strokes.read_text())["digits"]
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    results.check_network(classifier.network.sha256)
    measured = {
        "digits": DIGITS,
        "kinds": {kind: measure(kind, digits, classifier) for kind in GAPS},
        "single": single(digits, classifier),
    }
    print(json.dumps(measured, indent=2))
    results.add_to_report("numbers", measured)


def measure(
    kind: str, drawings: list[dict[str, Any]], classifier: HandwrittenDigitsClassifier
) -> dict[str, Any]:
    """Reads `NUMBERS` numbers of one kind."""
    chance = random.Random(f"{SEED} {kind}")
    hands = defaultdict(list)
    for each in drawings:
        strokes = [np.array(stroke, float) for stroke in each["strokes"]]
        hands[each["writer"]].append((each["label"], strokes))
    right, unsure, mistaken = 0, 0, Counter[str]()
    for _ in range(NUMBERS):
        text, png = number(hands[chance.choice(sorted(hands))], GAPS[kind], chance)
        prediction = classifier.predict(png)
        read = "".join(str(reading.digit) for reading in prediction.digits)
        right += prediction.text == text
        unsure += prediction.verdict == "unsure"
        if read != text:
            mistaken[f"{text} as {read}"] += 1
    return {
        **Score(NUMBERS, right).as_dict(),
        "unsure": unsure,
        "mistaken": dict(mistaken.most_common(20)),
    }


def single(
    drawings: list[dict[str, Any]], classifier: HandwrittenDigitsClassifier
) -> dict[str, Any]:
    """Counts the single digits that are read as numbers, one drawing after another."""
    chance = random.Random(SEED)
    pngs = [as_png(each["strokes"], chance) for each in drawings * ROUNDS]
    verdicts = Counter(classifier.predict(png).verdict for png in pngs)
    return {"images": len(pngs), "numbers": verdicts["number"]}


def number(
    hand: list[Digit], gaps: tuple[float, float] | None, chance: random.Random
) -> tuple[str, bytes]:
    """Returns a number and a picture of it."""
    chosen = [chance.choice(hand) for _ in range(chance.randint(*DIGITS))]
    typical = np.median([np.ptp(np.concatenate(strokes)[:, 1]) for _, strokes in hand])
    height = chance.uniform(*HEIGHTS)
    pen = chance.uniform(*PENS) * height
    placed: list[list[NDArray[np.float64]]] = []
    for _, strokes in chosen:
        scaled = [stroke * (height / typical) for stroke in strokes]
        offset = 0.0
        if placed and gaps:
            offset = (
                edge(placed[-1], max) - edge(scaled, min) + pen + chance.uniform(*gaps) * height
            )
        elif placed:
            offset = touching(placed[-1], scaled, pen) - chance.uniform(0, OVERLAP) * pen
        placed.append([stroke + np.array((offset, 0.0)) for stroke in scaled])
    every = [stroke for strokes in placed for stroke in strokes]
    margin = pen / 2 + chance.uniform(*MARGINS)
    corner = np.concatenate(every).min(axis=0) - margin
    size = np.ceil(np.concatenate(every).max(axis=0) + margin - corner).astype(int)
    picture = draw([stroke - corner for stroke in every], (int(size[0]), int(size[1])), pen)
    file = io.BytesIO()
    ImageOps.invert(picture).save(file, "PNG")
    return "".join(str(label) for label, _ in chosen), file.getvalue()


if __name__ == "__main__":
    main()
