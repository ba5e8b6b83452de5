"""Read numbers made of drawings of digits placed side by side.

Each number is 2 to 6 digits by one writer, in the writer's own sizes and on one baseline, with
natural gaps, with tight gaps, or with each digit touching the one before. Single digits, which must
not be read as numbers, are counted too.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from classifier import HandwrittenDigitsClassifier
from classifier.learning.handwriting import draw
from classifier.learning.pieces import edge, touching
from evaluation.drawings import ROUNDS, Drawing, Drawings, Stroke, on_random_canvas
from evaluation.scores import most_likely, share

NUMBERS = 300  # of each kind
SEED = 11
DIGITS = (2, 6)
HEIGHTS = (60.0, 160.0)  # pixels, the median height of the writer's digits
PENS = (0.04, 0.16)  # pen width, as a share of that height
MARGINS = (5.0, 30.0)  # pixels
# The gap between the bounding boxes of two digits' ink, as a share of the height. None: they touch.
GAPS: dict[str, tuple[float, float] | None] = {
    "natural": (0.15, 0.4),
    "tight": (0.03, 0.12),
    "touching": None,
}
OVERLAP = 0.15  # of the pen's width: the most that touching digits share


def measure(
    classifier: HandwrittenDigitsClassifier, drawings: Drawings, count: int = NUMBERS
) -> dict[str, Any]:
    """Read `count` numbers of each kind, and `ROUNDS` pictures of every single digit."""
    chance = random.Random(SEED)
    singles = [on_random_canvas(each.strokes, chance) for each in drawings.digits * ROUNDS]
    verdicts = Counter(classifier.predict(picture).verdict for picture in singles)
    return {
        "digits": DIGITS,
        "kinds": {kind: read_numbers(kind, classifier, drawings.digits, count) for kind in GAPS},
        "single": {"images": len(singles), "numbers": verdicts["number"]},
    }


def read_numbers(
    kind: str, classifier: HandwrittenDigitsClassifier, digits: list[Drawing], count: int
) -> dict[str, Any]:
    """Read random numbers of one kind."""
    chance = random.Random(f"{SEED} {kind}")
    by_writer = defaultdict(list)
    for digit in digits:
        by_writer[digit.writer].append(digit)
    right, unsure, mistakes = 0, 0, Counter[str]()
    for _ in range(count):
        text, picture = random_number(
            by_writer[chance.choice(sorted(by_writer))], GAPS[kind], chance
        )
        prediction = classifier.predict(picture)
        right += prediction.text == text
        unsure += prediction.verdict == "unsure"
        if most_likely(prediction) != text:
            mistakes[f"{text} as {most_likely(prediction)}"] += 1
    return {**share(right, count), "unsure": unsure, "mistaken": dict(mistakes.most_common(20))}


def random_number(
    digits: list[Drawing], gaps: tuple[float, float] | None, chance: random.Random
) -> tuple[str, Image.Image]:
    """Return a number made of some of a writer's `digits`, and a picture of it."""
    chosen = [chance.choice(digits) for _ in range(chance.randint(*DIGITS))]
    typical = np.median([np.ptp(np.concatenate(digit.strokes)[:, 1]) for digit in digits])
    height = chance.uniform(*HEIGHTS)
    pen = chance.uniform(*PENS) * height
    placed: list[list[Stroke]] = []
    for digit in chosen:
        scaled = [stroke * (height / typical) for stroke in digit.strokes]
        if not placed:
            offset = 0.0
        elif gaps is None:
            offset = touching(placed[-1], scaled, pen) - chance.uniform(0, OVERLAP) * pen
        else:
            gap = pen + chance.uniform(*gaps) * height
            offset = edge(placed[-1], max) - edge(scaled, min) + gap
        placed.append([stroke + np.array((offset, 0.0)) for stroke in scaled])
    strokes = [stroke for digit in placed for stroke in digit]
    margin = pen / 2 + chance.uniform(*MARGINS)
    points = np.concatenate(strokes)
    corner = points.min(axis=0) - margin
    size = np.ceil(points.max(axis=0) + margin - corner).astype(int)
    picture = draw([stroke - corner for stroke in strokes], (int(size[0]), int(size[1])), pen)
    return "".join(digit.label for digit in chosen), ImageOps.invert(picture)
