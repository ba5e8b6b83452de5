"""How long one answer takes on one core, from the bytes of a PNG to the types of JSON, by steps.

    python -m benchmarks.steps

The pictures are written by the project's own synthesised hands, and as the page posts them: the
ink alone, as small as static/js/picture.js makes it, in the kind of PNG that static/js/png.js
writes: 8-bit grey, no row filtered; only compressed more quickly.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from typing import Any

import numpy as np
from PIL import ImageOps

from benchmarks import results
from benchmarks.pictures import draw_picture
from classifier import HandwrittenDigitsClassifier
from classifier.ink.png import encode_png

INK_SIDE, MARGIN = 80, 4  # pixels, of static/js/picture.js
PICTURES = 50
ROUNDS = 20
WHOLE, REST = "all of it", "the rest"


def main() -> None:
    """Measures, prints, and writes what it found to benchmarks/results/steps.json."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:  # a process that may lose its cores
        measured = pool.apply(measure)
    results.write("steps", measured)
    for step, milliseconds in measured["milliseconds"].items():
        print(f"{step:>28}: {milliseconds:6.3f} ms")


def measure() -> dict[str, Any]:
    """Returns the median time of each step, in milliseconds, of this process on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    pngs = [as_png(number) for number in range(PICTURES)]
    every = [times(classifier, png) for _ in range(ROUNDS + 1) for png in pngs][PICTURES:]
    return {
        "pictures": PICTURES,
        "rounds": ROUNDS,
        "milliseconds": {
            step: 1000 * statistics.median(each[step] for each in every) for step in every[0]
        },
    }


def as_png(number: int) -> bytes:
    """Returns a drawing as a browser would post it, the same one for the same number."""
    picture = draw_picture(number)
    ink = picture.crop(ImageOps.invert(picture).getbbox())
    shorter, longer = sorted(ink.size)
    scale = max(INK_SIDE / longer, min(INK_SIDE / shorter, 1))
    ink = ink.resize((round(ink.width * scale), round(ink.height * scale)))
    light = np.asarray(ImageOps.expand(ink, MARGIN, 255), np.float32) / np.float32(255)
    return encode_png(light)  # which writes 1 as white: here the paper


def times(classifier: HandwrittenDigitsClassifier, png: bytes) -> dict[str, float]:
    """Returns the seconds of each step of answer(), and of all of it."""
    steps: dict[str, float] = {}
    start = time.perf_counter()
    classifier.answer(png, formats=("PNG",), steps=steps)
    whole = time.perf_counter() - start
    taken = {
        step.replace("_", " ").replace("png", "PNG"): seconds for step, seconds in steps.items()
    }
    return {**taken, REST: whole - sum(taken.values()), WHOLE: whole}


if __name__ == "__main__":
    main()
