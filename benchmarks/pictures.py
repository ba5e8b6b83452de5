"""Measure how fast `python -m classifier` reads a folder, beside Pillow that only decodes it.

    python -m benchmarks.pictures

The pictures are synthesised digits on a canvas of 280 x 280 pixels, as 8-bit RGB PNG files, which
browsers make of a canvas. The command's time includes its start. The command and Pillow take turns,
so that a slower machine slows down both.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from benchmarks import results
from classifier.learning.handwriting import draw, fit, random_writer, write_digit

ROOT = Path(__file__).resolve().parents[1]
PICTURES = 10_000
CORES = 2  # for the command
ROUNDS = 3
CANVAS = 280  # pixels each side
SIZES = (80, 200)  # pixels, the longer side of the digit, without the pen
PENS = (6, 30)  # pixels


def main() -> None:
    """Measure, print and write benchmarks/results/pictures.json."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number:06}-{number % 10}.png" for number in range(PICTURES)]
        with ProcessPoolExecutor() as pool:
            list(pool.map(write_picture, files, range(PICTURES), chunksize=100))
        measured = measure(Path(folder), files)
    results.write("pictures", measured)
    print(json.dumps(measured, indent=2))


def write_picture(file: Path, number: int) -> None:
    """Write a picture of the last digit of `number`, dark on white."""
    random = np.random.default_rng(number)
    side = random.uniform(*SIZES)
    strokes = fit(write_digit(number % 10, random_writer(random), random), side, 0)
    corner = random.uniform(PENS[1] / 2, CANVAS - side - PENS[1] / 2, 2)
    placed = [stroke + corner for stroke in strokes]
    picture = draw(placed, (CANVAS, CANVAS), random.uniform(*PENS))
    ImageOps.invert(picture).convert("RGB").save(file)


def measure(folder: Path, files: list[Path]) -> dict[str, Any]:
    """Read the folder with the command and with Pillow, in turn."""
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)  # the command inherits it
    times: dict[str, list[float]] = {"text": [], "json": [], "pillow": []}
    for _ in range(ROUNDS):
        for name, options in (("text", []), ("json", ["--json"])):
            start = time.perf_counter()
            command = [sys.executable, "-m", "classifier", *options, str(folder)]
            finished = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
            times[name].append(time.perf_counter() - start)
        start = time.perf_counter()
        for file in files:
            with Image.open(file) as picture:
                picture.load()
        times["pillow"].append(time.perf_counter() - start)
    answers = [json.loads(line) for line in finished.stdout.splitlines()]
    right = [
        answer["file"] == str(file) and answer["text"] == file.stem[-1]
        for answer, file in zip(answers, files, strict=True)
    ]
    rates = {name: len(files) / statistics.median(each) for name, each in times.items()}
    return {
        "pictures": len(files),
        "side": CANVAS,
        "cores": len(cores),
        "rounds": ROUNDS,
        "pictures_per_second": rates,
        "text_to_pillow": rates["text"] / rates["pillow"],
        "read_as_written": sum(right) / len(right),
    }


if __name__ == "__main__":
    main()
