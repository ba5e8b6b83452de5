"""How long one answer takes on one core, from the bytes of a PNG to the prediction, step by step.

    python -m benchmarks.steps

The pictures are written by the project's own synthesised hands, and as the page posts them: the
ink alone, as small as static/js/picture.js makes it, in the kind of PNG that Chromium makes of a
canvas: RGBA without any opacity, compressed quickly.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import statistics
import time
from typing import Any

from PIL import ImageOps

from benchmarks import results
from benchmarks.pictures import draw_picture
from classifier import HandwrittenDigitsClassifier
from classifier.ink.decode import decode
from classifier.ink.find import find_ink
from classifier.ink.normalise import normalise

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
    file = io.BytesIO()
    ImageOps.expand(ink, MARGIN, 255).convert("RGBA").save(file, "PNG", compress_level=1)
    return file.getvalue()


def times(classifier: HandwrittenDigitsClassifier, png: bytes) -> dict[str, float]:
    """Returns the seconds of each step, taken one by one, and of predict(), which takes them all.

    Its steps are those that a drawing of one digit goes through.
    """
    laps = [time.perf_counter()]
    picture = decode(png)
    laps.append(time.perf_counter())
    ink = find_ink(picture)
    laps.append(time.perf_counter())
    normalised = normalise(ink)
    laps.append(time.perf_counter())
    if normalised is None:
        raise ValueError("Expected a drawing, received a blank picture.")
    classifier.network.probabilities(normalised.image[None])
    laps.append(time.perf_counter())
    classifier.predict(png)
    laps.append(time.perf_counter())

    names = ("unpack the PNG", "find the ink", "prepare it", "ask the network", WHOLE)
    taken = {name: end - start for name, start, end in zip(names, laps[:-1], laps[1:], strict=True)}
    whole = taken.pop(WHOLE)
    return {**taken, REST: whole - sum(taken.values()), WHOLE: whole}


if __name__ == "__main__":
    main()
