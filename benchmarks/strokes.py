"""How many real pen drawings the running app reads.

    python -m benchmarks.strokes ../shared/strokes/development.json

Each drawing is put on a canvas of 280 x 280 pixels at random size, place and brush, and posted as a
PNG to the production server. The file holds {"digits": [{"label": 7, "strokes": [[[x, y], ...]]}]}.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import urllib.request
from pathlib import Path
from typing import Any

from PIL import ImageOps

from benchmarks import pen, results
from benchmarks.servers import running

CANVAS = 280  # pixels each side
SIZES = (80, 240)  # pixels: the longer side of the drawing, before the brush adds to it
BRUSHES = (6, 30)  # pixels
ROUNDS = 3  # each drawing is drawn so many times

Strokes = list[list[list[float]]]


def main() -> None:
    """Measures, prints, and writes what it found to benchmarks/results/strokes.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("drawings", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    drawings = json.loads(options.drawings.read_text())["digits"]
    with running() as server:
        measured = measure(server.address, drawings, options.seed)
    results.write("strokes", measured)
    print(json.dumps(measured, indent=2))


def measure(address: str, drawings: list[dict[str, Any]], seed: int = 0) -> dict[str, Any]:
    """Posts every drawing `ROUNDS` times and counts the right answers."""
    chance = random.Random(seed)
    right = unsure = 0
    mistaken: dict[str, int] = {}
    for drawing in drawings * ROUNDS:
        answer = post(address, as_png(drawing["strokes"], chance))
        right += answer["text"] == str(drawing["label"])
        unsure += answer["verdict"] == "unsure"
        if answer["text"] not in (None, str(drawing["label"])):
            mistake = f"{drawing['label']} read as {answer['text']}"
            mistaken[mistake] = mistaken.get(mistake, 0) + 1
    posted = len(drawings) * ROUNDS
    return {
        "drawings": len(drawings),
        "posted": posted,
        "right": right,
        "share_right": right / posted,
        "unsure": unsure,
        "mistaken": dict(sorted(mistaken.items(), key=lambda item: -item[1])),
        "canvas": CANVAS,
        "sizes": SIZES,
        "brushes": BRUSHES,
        "seed": seed,
    }


def as_png(strokes: Strokes, chance: random.Random) -> bytes:
    """Draws strokes on a canvas with a round brush, at a size, place and width left to chance."""
    xs = [x for stroke in strokes for x, _ in stroke]
    ys = [y for stroke in strokes for _, y in stroke]
    left, top = min(xs), min(ys)
    longer = max(max(xs) - left, max(ys) - top, 1)
    scale = chance.uniform(*SIZES) / longer
    brush = chance.uniform(*BRUSHES)
    room_x = CANVAS - (max(xs) - left) * scale - brush
    room_y = CANVAS - (max(ys) - top) * scale - brush
    offset_x = brush / 2 + chance.uniform(0, room_x)
    offset_y = brush / 2 + chance.uniform(0, room_y)
    placed = [
        [((x - left) * scale + offset_x, (y - top) * scale + offset_y) for x, y in stroke]
        for stroke in strokes
    ]
    file = io.BytesIO()
    ImageOps.invert(pen.write(placed, (CANVAS, CANVAS), brush)).save(file, "PNG")
    return file.getvalue()


def post(address: str, png: bytes) -> dict[str, Any]:
    """Returns what /predict answers to a PNG."""
    request = urllib.request.Request(
        f"{address}/predict", data=png, headers={"Content-Type": "image/png"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


if __name__ == "__main__":
    main()
