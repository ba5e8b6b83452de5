"""A folder of pictures read by `python -m classifier`, beside Pillow that only decodes them.

    python -m benchmarks.pictures

The pictures are written by the project's own synthesised hands, on a canvas of 280 x 280 pixels,
and kept as the 8-bit RGB PNG files that a browser makes of a canvas. The command's time counts from
before it starts until after it has ended; Pillow's in one process that has long started. They take
turns, so that a machine that slows down slows down both.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from benchmarks import results
from benchmarks.servers import ROOT
from classifier.learning.handwriting import draw, fit, random_writer, write_digit

PICTURES = 10_000
CORES = 2  # for the command to use
ROUNDS = 3
CANVAS = 280  # pixels each side
SIZES = (80, 200)  # pixels: the longer side of the digit, without the pen's width
PENS = (6, 30)  # pixels


def main() -> None:
    """Measures, prints, and writes what it found to benchmarks/results/pictures.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=PICTURES, help="how many (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with multiprocessing.get_context("spawn").Pool() as pool:
            pool.starmap(write_picture, [(folder, number) for number in range(options.pictures)])
        measured = measure(Path(folder))
    results.write("pictures", measured)
    show(measured)


def write_picture(folder: str, number: int) -> None:
    """Writes a picture, the same one for the same number, named after the digit in it."""
    picture = draw_picture(number).convert("RGB")
    picture.save(Path(folder) / f"{number:06}-{number % 10}.png")


def draw_picture(number: int) -> Image.Image:
    """Draws the last figure of `number`, dark on white, the same for the same number."""
    random = np.random.default_rng(number)
    side = random.uniform(*SIZES)
    strokes = fit(write_digit(number % 10, random_writer(random), random), side, 0)
    corner = random.uniform(PENS[1] / 2, CANVAS - side - PENS[1] / 2, 2)
    placed = [stroke + corner for stroke in strokes]
    return ImageOps.invert(draw(placed, (CANVAS, CANVAS), random.uniform(*PENS)))


def measure(folder: Path) -> dict[str, Any]:
    """Has both go through the folder in turn."""
    files = sorted(folder.iterdir())
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)  # the command inherits it
    times: dict[str, list[float]] = {"text": [], "json": [], "pillow": []}
    answered = ""
    for _ in range(ROUNDS):
        for name, options in (("text", []), ("json", ["--json"])):
            start = time.perf_counter()
            command = [sys.executable, "-m", "classifier", *options, str(folder)]
            ended = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
            times[name].append(time.perf_counter() - start)
            answered = ended.stdout if name == "text" else answered
        times["pillow"].append(seconds_to_decode(files))
    rates = {name: len(files) / statistics.median(each) for name, each in times.items()}
    return {
        "pictures": len(files),
        "side": CANVAS,
        "cores": len(cores),
        "rounds": ROUNDS,
        "pictures_per_second": rates,
        "text_to_pillow": rates["text"] / rates["pillow"],
        "read_as_written": share_right(answered, files),
    }


def seconds_to_decode(files: list[Path]) -> float:
    """Opens and decodes every picture with Pillow, in this process."""
    start = time.perf_counter()
    for file in files:
        with Image.open(file) as picture:
            picture.load()
    return time.perf_counter() - start


def share_right(answered: str, files: list[Path]) -> float:
    """The share of pictures read as the digit in their name, all of them being there in order."""
    lines = [line.split("\t") for line in answered.splitlines()]
    if [line[0] for line in lines] != [str(file) for file in files]:
        raise RuntimeError("Expected a line for each picture in order, received others.")
    return sum(line[1] == Path(line[0]).stem[-1] for line in lines) / len(lines)


def show(measured: dict[str, Any]) -> None:
    """Prints the figures."""
    print(f"{measured['pictures']:,} pictures, {measured['cores']} cores for the command:")
    for name, rate in measured["pictures_per_second"].items():
        print(f"{name:>10}: {rate:8,.0f} pictures a second")
    print(f"That is {measured['text_to_pillow']:.0%} of the rate at which Pillow only decodes,")
    print(f"and {measured['read_as_written']:.2%} were read as they were written.")


if __name__ == "__main__":
    main()
