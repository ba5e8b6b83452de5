"""How the running app answers real pen drawings, of digits and of what is none.

    python -m benchmarks.strokes ../shared/strokes/development.json

Each drawing is put on a canvas of 280 x 280 pixels at random size, place and brush, and posted as a
PNG to the production server. The file holds {"digits": [{"label": 7, "writer": 0, "strokes":
[[[x, y], ...]]}], "not_digits": [{"label": "+", "strokes": ...}]}. The figures go into
models/report.json.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from benchmarks import results
from benchmarks.servers import running
from classifier.learning.handwriting import draw
from classifier.learning.measures import Score, auroc, calibration, wilson_interval

CANVAS = 280  # pixels each side
SIZES = (80, 240)  # pixels: the longer side of the drawing, before the brush adds to it
BRUSHES = (6, 30)  # pixels
ROUNDS = 3  # each drawing is drawn so many times

Strokes = list[list[list[float]]]
Drawings = list[dict[str, Any]]


def main() -> None:
    """Measures, prints, and adds what it found to models/report.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("drawings", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    drawings = json.loads(options.drawings.read_text())
    with running() as server:
        answer = post(server.address, as_png(drawings["digits"][0]["strokes"], random.Random(0)))
        results.check_network(answer["model"]["sha256"])
        measured = measure(
            server.address, drawings["digits"], drawings.get("not_digits", []), options.seed
        )
    results.add_to_report("strokes", measured)
    print(json.dumps(measured, indent=2))


def measure(address: str, digits: Drawings, others: Drawings, seed: int = 0) -> dict[str, Any]:
    """Posts every drawing `ROUNDS` times, and counts what is answered."""
    chance = random.Random(seed)
    labels = [drawing["label"] for drawing in digits * ROUNDS]
    answers = [post(address, as_png(each["strokes"], chance)) for each in digits * ROUNDS]
    of_others = [post(address, as_png(each["strokes"], chance)) for each in others * ROUNDS]
    measured = {
        "drawings": len(digits),
        "writers": len({each["writer"] for each in digits}),
        "canvas": CANVAS,
        "sizes": SIZES,
        "brushes": BRUSHES,
        "seed": seed,
        **_of_digits(answers, labels),
    }
    if others:
        unsure = sum(answer["text"] is None for answer in of_others)
        measured["others"] = {
            "labels": sorted({each["label"] for each in others}),
            "drawings": len(others),
            "posted": len(of_others),
            "unsure": unsure,
            "share_unsure": unsure / len(of_others),
            "auroc": auroc(_confidences(answers), _confidences(of_others)),
        }
    return measured


def _of_digits(answers: list[dict[str, Any]], labels: list[int]) -> dict[str, Any]:
    """The likeliest digit is the top-1 answer even where the app, unsure, does not say it.

    A number is a wrong answer to a digit, whatever its digits are.
    """
    top = ["".join(str(each["digit"]) for each in answer["digits"]) for answer in answers]
    right = np.array([digits == str(label) for digits, label in zip(top, labels, strict=True)])
    said = np.array([answer["text"] is not None for answer in answers])
    mistaken = Counter(
        f"{label} read as {digits or None}"
        for label, digits in zip(labels, top, strict=True)
        if digits != str(label)
    )
    return {
        "top_1": _score(len(labels), int(right.sum())),
        "answered": _score(int(said.sum()), int((said & right).sum())),
        "unsure": int((~said).sum()),
        "share_unsure": float((~said).mean()),
        "numbers": sum(answer["verdict"] == "number" for answer in answers),
        "calibration": calibration(_confidences(answers), right),
        "mistaken": dict(mistaken.most_common()),
    }


def _score(pictures: int, right: int) -> dict[str, Any]:
    """The same drawing three times is no three drawings: the interval is that of the drawings."""
    interval = wilson_interval(right / ROUNDS, pictures / ROUNDS)
    return {**Score(pictures, right).as_dict(), "interval": interval}


def _confidences(answers: list[dict[str, Any]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Of each answer's least certain digit."""
    return np.array(
        [min((each["confidence"] for each in a["digits"]), default=0.0) for a in answers]
    )


def as_png(strokes: Strokes, chance: random.Random) -> bytes:
    """Draws strokes on a canvas with a round brush, at a size, place and width left to chance."""
    size, brush = chance.uniform(*SIZES), chance.uniform(*BRUSHES)
    drawing = on_canvas(strokes, size, brush, (chance.random(), chance.random()))
    file = io.BytesIO()
    drawing.save(file, "PNG")
    return file.getvalue()


def on_canvas(
    strokes: Strokes, size: float, brush: float, place: tuple[float, float]
) -> Image.Image:
    """Draws strokes on a canvas with a round brush, black on white.

    Args:
        strokes: in any unit.
        size: pixels of the strokes' longer side, before the brush adds to it.
        brush: pixels.
        place: from (0, 0), in the corner at the top left, to (1, 1), at the bottom right.
    """
    every = np.concatenate([np.array(stroke, float) for stroke in strokes])
    corner, extent = every.min(axis=0), np.ptp(every, axis=0)
    scale = size / max(extent.max(), 1)
    room = CANVAS - extent * scale - brush
    offset = brush / 2 + room * place
    placed = [(np.array(stroke, float) - corner) * scale + offset for stroke in strokes]
    return ImageOps.invert(draw(placed, (CANVAS, CANVAS), brush))


def post(address: str, png: bytes) -> dict[str, Any]:
    """Returns what /predict answers to a PNG."""
    request = urllib.request.Request(
        f"{address}/predict", data=png, headers={"Content-Type": "image/png"}
    )
    # B310 aside: the address is one of our own server's, or was typed by whoever measures.
    with urllib.request.urlopen(request, timeout=30) as response:  # nosec B310
        answer: dict[str, Any] = json.load(response)
        return answer


if __name__ == "__main__":
    main()
