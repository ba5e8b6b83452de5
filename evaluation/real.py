"""Read what other people drew, scanned and photographed for purposes of their own.

The folder has pen strokes in pen.json, pictures in pictures/ with their labels in pictures.csv, and
small scans in optdigits.npz; its README says where they come from. Nothing of it is trained on.
"""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from classifier import HandwrittenDigitsClassifier
from classifier.learning.handwriting import draw
from evaluation.drawings import Stroke, on_random_canvas, placed_in
from evaluation.scores import outcome, share

SEED = 0
HEIGHTS = (50.0, 160.0)  # pixels, of a number drawn with a pen
PENS = (0.04, 0.14)  # its width, as a share of that height
MARGIN = 12  # pixels, around a number

SCAN_WRITERS = 30  # of optdigits, by its documentation


class Sample(NamedTuple):
    """One picture that somebody wrote."""

    label: str
    picture: Any  # that `predict` accepts
    writer: str | None = None  # None if unknown
    source: str = ""


def measure(classifier: HandwrittenDigitsClassifier, folder: Path) -> dict[str, Any]:
    """Read every picture once, and count right, withheld and wrong answers to each kind."""
    kinds = {kind: _read(classifier, samples) for kind, samples in _samples(folder)}
    kinds["32x32 scans"]["writers"] = SCAN_WRITERS
    letters = kinds.pop("letters")
    letters["answered"] = letters["mistaken"]
    return {
        "seed": SEED,
        "kinds": kinds,
        "letters": {name: letters[name] for name in ("writers", "labels", "unsure", "answered")},
    }


def _read(classifier: HandwrittenDigitsClassifier, samples: Iterator[Sample]) -> dict[str, Any]:
    read = [(sample, classifier.predict(sample.picture)) for sample in samples]
    by_source = defaultdict(list)
    for sample, answer in read:
        by_source[sample.source].append(answer.text == sample.label)
    return {
        "writers": len({sample.writer for sample, _ in read if sample.writer}),
        "labels": len({sample.label for sample, _ in read}),
        "sources": {name: share(sum(right), len(right)) for name, right in by_source.items()},
        **outcome([sample.label for sample, _ in read], [answer for _, answer in read]),
    }


def _samples(folder: Path) -> Iterator[tuple[str, Iterator[Sample]]]:
    """Yield the kinds of pictures, and the pictures of each."""
    pen = json.loads((folder / "pen.json").read_text())
    chance = random.Random(SEED)
    yield "pen digits", (_drawn(each, on_random_canvas, chance) for each in pen["digits"])
    yield "letters", (_drawn(each, on_random_canvas, chance) for each in pen["not_digits"])
    yield "pen numbers", (_drawn(each, _number, chance) for each in pen["numbers"])
    with (folder / "pictures.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for kind in dict.fromkeys(map(_kind, rows)):
        yield kind, (_picture(row, folder) for row in rows if _kind(row) == kind)
    scans = np.load(folder / "optdigits.npz")
    labelled = zip(scans["labels"], scans["images"], strict=True)
    yield "32x32 scans", (Sample(str(label), image) for label, image in labelled)


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


def _picture(row: dict[str, str], folder: Path) -> Sample:
    """Return a picture of pictures.csv. In a label, `/` is a new line."""
    writer = None if row["file"].startswith("boxed") else row["writer"]
    return Sample(row["label"].replace("/", "\n"), folder / "pictures" / row["file"], writer)


def _drawn(
    drawing: dict[str, Any],
    draw_on: Callable[[list[Stroke], random.Random], Image.Image],
    chance: random.Random,
) -> Sample:
    strokes = [np.array(stroke, float) for stroke in drawing["strokes"]]
    picture = draw_on(strokes, chance)
    return Sample(drawing["label"], picture, drawing["writer"], drawing["source"])


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
