"""Read what other people drew, scanned and photographed for purposes of their own.

The folder has pen strokes in pen.json, pictures in pictures/ with their labels in pictures.csv, and
small scans in optdigits.npz; its README says where they come from.
"""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from classifier import HandwrittenDigitsClassifier, Prediction
from classifier.learning.handwriting import draw
from evaluation.drawings import Stroke, on_random_canvas, placed_in
from evaluation.scores import most_likely, share

SEED = 0
HEIGHTS = (50.0, 160.0)  # pixels, of a number drawn with a pen
PENS = (0.04, 0.14)  # its width, as a share of that height
MARGIN = 12  # pixels, around a number

Labelled = Iterator[tuple[str, Any]]  # a label, and a picture that `predict` accepts


def measure(classifier: HandwrittenDigitsClassifier, folder: Path) -> dict[str, Any]:
    """Read every picture once, and count right, unsure and wrong answers to each kind."""
    kinds: dict[str, list[tuple[str, Prediction]]] = {}
    for kind, labelled in _pictures(folder):
        labels, pictures = zip(*labelled, strict=True)
        answers = [classifier.predict(picture) for picture in pictures]
        kinds[kind] = list(zip(labels, answers, strict=True))
    letters = kinds.pop("letters")
    unsure = sum(answer.text is None for _, answer in letters)
    return {
        "seed": SEED,
        "kinds": {kind: _counts(answers) for kind, answers in kinds.items()},
        "letters": {
            "unsure": share(unsure, len(letters)),
            "answered": _listed(
                f"{label} as {answer.text}" for label, answer in letters if answer.text is not None
            ),
        },
    }


def _counts(answers: Sequence[tuple[str, Prediction]]) -> dict[str, Any]:
    count = len(answers)
    right = sum(answer.text == label for label, answer in answers)
    unsure = sum(answer.text is None for _, answer in answers)
    return {
        "right": share(right, count),
        "unsure": share(unsure, count),
        "wrong": share(count - right - unsure, count),
        "top_1": share(
            sum(most_likely(answer) == _digits(label) for label, answer in answers), count
        ),
        "mistaken": _listed(
            f"{label} as {answer.text}"
            for label, answer in answers
            if answer.text not in (None, label)
        ),
    }


def _digits(label: str) -> str:
    return label.replace("\n", "")


def _listed(mistakes: Iterator[str]) -> dict[str, int]:
    return dict(Counter(mistake.replace("\n", "/") for mistake in mistakes).most_common())


def _pictures(folder: Path) -> Iterator[tuple[str, Labelled]]:
    pen = json.loads((folder / "pen.json").read_text())
    chance = random.Random(SEED)
    yield "pen digits", ((d["label"], _drawn(d, chance)) for d in pen["digits"])
    yield "letters", ((d["label"], _drawn(d, chance)) for d in pen["not_digits"])
    yield "pen numbers", ((d["label"], _number(_strokes(d), chance)) for d in pen["numbers"])
    with (folder / "pictures.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for kind in dict.fromkeys(map(_kind, rows)):
        yield (
            kind,
            (
                (row["label"].replace("/", "\n"), folder / "pictures" / row["file"])
                for row in rows
                if _kind(row) == kind
            ),
        )
    scans = np.load(folder / "optdigits.npz")
    yield "32x32 scans", zip(map(str, scans["labels"]), scans["images"], strict=True)


def _kind(row: dict[str, str]) -> str:
    """Return the kind of a picture, as the report names it."""
    several = len(row["label"]) > 1
    if row["kind"] in ("photo", "sheet"):
        if several:
            return "photographs of numbers"
        is_small = row["file"].startswith("paint_28")
        return "28x28 photographs" if is_small else "photographs of a digit"
    if row["file"].startswith("boxed"):
        return "boxes of forms"
    return "numbers on canvases" if several else "digits on canvases"


def _strokes(drawing: dict[str, Any]) -> list[Stroke]:
    return [np.array(stroke, float) for stroke in drawing["strokes"]]


def _drawn(drawing: dict[str, Any], chance: random.Random) -> Image.Image:
    return on_random_canvas(_strokes(drawing), chance)


def _number(strokes: list[Stroke], chance: random.Random) -> Image.Image:
    """Draw a number as high as its longest stroke is, with a random pen."""
    height = chance.uniform(*HEIGHTS)
    pen = chance.uniform(*PENS) * height
    width, tall = np.ptp(np.concatenate(strokes), axis=0)
    scale = height / max(tall, 1)
    margin = pen / 2 + MARGIN
    sheet = round(width * scale + 2 * margin), round(tall * scale + 2 * margin)
    placed = placed_in(sheet, strokes, max(width, tall) * scale, margin, (0, 0))
    return ImageOps.invert(draw(placed, sheet, pen))
