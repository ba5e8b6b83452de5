"""How photographs of real pen drawings are read, and what is read in empty pages.

    python -m benchmarks.photographs ../shared/strokes/development.json

No camera is at hand, so each is imitated: paper of some colour and grain, plain, ruled or
squared, or a blackboard; a pencil, a ballpoint, a marker or chalk; light that falls off, shadows, a
lens that blurs, a sensor's noise, JPEG. Once as seen from straight above, once turned by up to 10
degrees and in perspective. The file is that of benchmarks/strokes.py; the figures go into
models/report.json.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import results
from classifier import HandwrittenDigitsClassifier, Prediction
from classifier.ink.decode import decode
from classifier.ink.photograph import find_ink_in_photograph
from classifier.learning.handwriting import draw
from classifier.learning.measures import Score

JPEG_QUALITY = 40  # of 100: what a messenger makes of a photograph
SIDES = (480, 1000)  # pixels: the shorter side of the picture
MAX_SIDE = 1000  # pixels: what is larger is reduced before anything else looks at it
DRAWN = (0.2, 0.85)  # of the picture's height or width: the longer side of the drawing
TURN = 10.0  # degrees each way
PERSPECTIVE = 0.12  # how much shorter one edge of the page may look than the opposite one
EMPTY_PAGES = 400

Picture = NDArray[Any]
Random = np.random.Generator


class Pen(NamedTuple):
    """What is written with."""

    widths: tuple[float, float]  # over the longer side of the drawing
    colours: tuple[tuple[int, int, int], ...]
    opacity: tuple[float, float]
    grain: float  # how unevenly it covers


PENS = {
    "pencil": Pen((0.012, 0.04), ((60, 60, 64), (85, 85, 90)), (0.55, 0.9), 0.35),
    "ballpoint": Pen(
        (0.015, 0.05), ((20, 30, 110), (25, 25, 30), (170, 25, 35)), (0.75, 0.95), 0.1
    ),
    "fineliner": Pen((0.025, 0.08), ((15, 15, 20), (20, 50, 140), (20, 100, 60)), (0.9, 1.0), 0.0),
    "marker": Pen((0.06, 0.16), ((10, 10, 12), (15, 40, 130), (190, 20, 30)), (0.85, 1.0), 0.05),
}
CHALK = Pen((0.03, 0.09), ((240, 240, 235), (240, 225, 130), (240, 180, 190)), (0.7, 0.95), 0.4)
PAPERS = ((250, 250, 250), (244, 240, 228), (236, 226, 196), (214, 212, 208), (225, 232, 240))
BOARDS = ((38, 66, 52), (44, 46, 48), (30, 34, 36))
# The colours of printed lines, and how much of the light they take.
LINES = {
    "pale blue": ((120, 170, 225), (0.4, 0.9)),
    "blue": ((70, 110, 190), (0.5, 1.0)),
    "violet": ((140, 110, 190), (0.4, 0.9)),
    "red": ((225, 110, 120), (0.4, 0.9)),
    "green": ((110, 180, 130), (0.4, 0.9)),
    "grey": ((130, 130, 130), (0.3, 1.0)),
    "dark": ((50, 50, 60), (0.7, 1.0)),
}
RULINGS = ("plain", "ruled", "squared")


class Page(NamedTuple):
    """What lies before the camera, and how the camera sees its points."""

    width: int  # pixels
    height: int  # pixels
    ruling: str
    is_board: bool
    pen: Pen
    drawn: float  # pixels: the longer side of the drawing
    pen_width: float  # pixels
    view: NDArray[np.float64]  # (3, 3): page -> picture


def main() -> None:
    """Measures, prints, and adds what it found to models/report.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("drawings", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    drawings = json.loads(options.drawings.read_text())["digits"]
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    results.check_network(classifier.network.sha256)
    measured = measure(classifier, drawings, options.seed)
    results.add_to_report("photographs", measured)
    print(json.dumps(measured, indent=2))


def measure(
    classifier: HandwrittenDigitsClassifier, drawings: list[dict[str, Any]], seed: int = 0
) -> dict[str, Any]:
    """Photographs and reads every drawing twice, and empty pages."""
    return {
        "drawings": len(drawings),
        "jpeg_quality": JPEG_QUALITY,
        "turn": TURN,
        "seed": seed,
        "from_above": _of_digits(classifier, drawings, (seed, 0), is_turned=False),
        "turned": _of_digits(classifier, drawings, (seed, 1), is_turned=True),
        "empty": _of_empty_pages(classifier, (seed, 2)),
        "milliseconds": milliseconds(),
    }


def _of_digits(
    classifier: HandwrittenDigitsClassifier,
    drawings: list[dict[str, Any]],
    seed: tuple[int, int],
    is_turned: bool,
) -> dict[str, Any]:
    """The likeliest digit is the top-1 answer even where the app, unsure, does not say it.

    A number is a wrong answer to a digit.
    """
    random = np.random.default_rng(seed)
    mistaken: Counter[str] = Counter()
    answers: list[Prediction] = []
    for drawing in drawings:
        png = photograph(random_page(random, is_turned), drawing["strokes"], random)
        answers.append(classifier.predict(png))
        top = "".join(str(reading.digit) for reading in answers[-1].digits)
        if top != str(drawing["label"]):
            mistaken[f"{drawing['label']} read as {top or None}"] += 1
    said = [
        (answer.text, drawing["label"])
        for answer, drawing in zip(answers, drawings, strict=True)
        if answer.text is not None
    ]
    return {
        "top_1": Score(len(drawings), len(drawings) - mistaken.total()).as_dict(),
        "answered": Score(len(said), sum(text == str(label) for text, label in said)).as_dict(),
        "unsure": sum(answer.verdict == "unsure" for answer in answers),
        "blank": sum(answer.verdict == "blank" for answer in answers),
        "numbers": sum(answer.verdict == "number" for answer in answers),
        "mistaken": dict(mistaken.most_common()),
    }


def _of_empty_pages(
    classifier: HandwrittenDigitsClassifier, seed: tuple[int, int]
) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    taken: Counter[str] = Counter()
    blank: Counter[str] = Counter()
    for k in range(EMPTY_PAGES):
        page = random_page(random, is_turned=k % 2 == 1)
        kind = f"{page.ruling} {'board' if page.is_board else 'paper'}"
        taken[kind] += 1
        blank[kind] += classifier.predict(photograph(page, [], random)).verdict == "blank"
    return {
        "blank": Score(taken.total(), blank.total()).as_dict(),
        "kinds": {kind: {"pages": taken[kind], "blank": blank[kind]} for kind in sorted(taken)},
    }


def milliseconds(rounds: int = 9) -> float:
    """The time it takes to find the ink on a squared page of 1000 x 1000 pixels, the median."""
    random = np.random.default_rng(0)
    page = random_page(random, is_turned=True)._replace(
        width=1000, height=1000, ruling="squared", is_board=False
    )
    strokes = [[[0.0, 0.0], [60.0, 0.0], [20.0, 100.0]]]
    picture = decode(photograph(page, strokes, random))
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        find_ink_in_photograph(picture)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def random_page(random: Random, is_turned: bool) -> Page:
    """Returns a page nobody has seen."""
    shorter = random.uniform(*SIDES)
    longer = min(shorter * random.uniform(1, 1.5), MAX_SIDE)
    width, height = (int(side) for side in random.permutation((shorter, longer)))
    is_board = random.random() < 0.12
    pen = CHALK if is_board else list(PENS.values())[random.integers(len(PENS))]
    drawn = random.uniform(*DRAWN) * min(width, height)
    return Page(
        width=width,
        height=height,
        ruling="plain" if is_board else RULINGS[random.integers(3)],
        is_board=is_board,
        pen=pen,
        drawn=drawn,
        pen_width=max(drawn * _log_uniform(pen.widths, random), 1.6),
        view=_view(width, height, random) if is_turned else np.eye(3),
    )


def photograph(page: Page, strokes: list[list[list[float]]], random: Random) -> bytes:
    """Returns a photograph of a page with strokes on it, as a PNG; without strokes it is empty."""
    colours = BOARDS if page.is_board else PAPERS
    surface = np.ones((page.height, page.width, 3), np.float32)
    surface *= np.array(colours[random.integers(len(colours))], np.float32) / 255
    surface *= 1 + _texture(page, random)[..., None]
    if page.ruling != "plain":
        _rule(surface, page, random)
    if strokes:
        _write(surface, page, strokes, random)
    seen = 255 * np.clip(_blurred(surface * _light(page, random), random), 0, 1.02)
    seen += random.normal(0, random.uniform(0.8, 5), seen.shape[:2])[..., None]
    seen += random.normal(0, random.uniform(0.5, 2.5), seen.shape)
    picture = Image.fromarray(np.clip(np.rint(seen), 0, 255).astype(np.uint8))
    return _as_png(picture)


def _as_png(picture: Image.Image) -> bytes:
    compressed, file = io.BytesIO(), io.BytesIO()
    picture.save(compressed, "JPEG", quality=JPEG_QUALITY)
    Image.open(compressed).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _view(width: int, height: int, random: Random) -> NDArray[np.float64]:
    """Turns the page about its middle, and tips it back or aside."""
    angle = math.radians(random.uniform(-TURN, TURN))
    cosine, sine = math.cos(angle), math.sin(angle)
    centre = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    tip = np.eye(3)
    tip[2, :2] = random.uniform(-PERSPECTIVE, PERSPECTIVE, 2) / (width, height)
    view: NDArray[np.float64] = centre @ tip @ turn @ np.linalg.inv(centre)
    return view


def _seen(points: NDArray[np.float64], page: Page) -> NDArray[np.float64]:
    """Points of the page -> points of the picture."""
    mapped = np.column_stack((points, np.ones(len(points)))) @ page.view.T
    seen: NDArray[np.float64] = mapped[:, :2] / mapped[:, 2:]
    return seen


def _texture(page: Page, random: Random) -> Picture:
    """Grain as fine as fibres, and blotches; on a board, what the sponge has left."""
    grain = _noise(page, random.uniform(0.5, 2.5), random) * random.uniform(0.003, 0.02)
    blotches = _noise(page, random.uniform(12, 60), random) * random.uniform(0.0, 0.015)
    if page.is_board:
        smear = np.maximum(_noise(page, random.uniform(20, 80), random), 0)
        return grain * 3 + blotches + smear * random.uniform(0, 0.25)
    return grain + blotches


def _noise(page: Page, size: float, random: Random) -> Picture:
    """Noise of deviation 1 whose spots are about `size` pixels large."""
    step = max(int(size / 2), 1)
    shape = (page.height // step + 2, page.width // step + 2)
    coarse = cv2.GaussianBlur(random.normal(0, 1, shape).astype(np.float32), (0, 0), size / step)
    noise = cv2.resize(coarse / coarse.std(), (page.width, page.height))
    return np.asarray(noise, np.float32)


def _rule(surface: Picture, page: Page, random: Random) -> None:
    """Prints lines on the page, some so close that a digit spans several, some far apart."""
    spacing = max(page.drawn * random.uniform(0.15, 1.3), 14.0)
    name = list(LINES)[random.integers(len(LINES))]
    colour, strengths = LINES[name]
    # Printed lines are some 0.1 to 0.4 mm wide where a digit is 10 to 40 mm tall, and never as wide
    # as a pen's: dark ones can be told from ink by nothing else.
    widest = min(0.6 * page.pen_width, spacing / 10)
    width = max(min(page.drawn * _log_uniform((0.004, 0.03), random), widest), 0.75)
    across = [_parallels(page, spacing, random, is_upright=False)]
    if page.ruling == "squared":
        across.append(_parallels(page, spacing, random, is_upright=True))
    for lines in across:
        _print(surface, page, lines, width, colour, random.uniform(*strengths))
    if page.ruling == "ruled" and random.random() < 0.3:
        margin = _parallels(page, spacing, random, is_upright=True)
        _print(surface, page, margin[:1], width, LINES["red"][0], random.uniform(0.4, 0.9))


def _parallels(
    page: Page, spacing: float, random: Random, is_upright: bool
) -> list[NDArray[np.float64]]:
    """Lines from far outside the picture to far outside, for it may be turned; first any one."""
    ends = np.array([-1.0, 2.0]) * (page.height if is_upright else page.width)
    extent = page.width if is_upright else page.height
    places = np.arange(-0.5 * extent + random.uniform(0, spacing), 1.5 * extent, spacing)
    lines = [np.column_stack((ends, np.full(2, place))) for place in random.permutation(places)]
    return [line[:, ::-1] if is_upright else line for line in lines]


def _print(
    surface: Picture,
    page: Page,
    lines: list[NDArray[np.float64]],
    width: float,
    colour: tuple[int, int, int],
    strength: float,
) -> None:
    _cover(surface, _drawn([_seen(line, page) for line in lines], page, width) * strength, colour)


def _write(surface: Picture, page: Page, strokes: list[list[list[float]]], random: Random) -> None:
    """Writes the drawing anywhere on the page where it fits."""
    every = np.concatenate([np.array(stroke, float) for stroke in strokes])
    corner, extent = every.min(axis=0), np.ptp(every, axis=0)
    scale = page.drawn / max(extent.max(), 1)
    margin = page.pen_width + 0.03 * min(page.width, page.height)
    room = np.maximum(np.array([page.width, page.height]) - extent * scale - 2 * margin, 0)
    offset = margin + room * random.uniform(0, 1, 2)
    placed = [(np.array(stroke, float) - corner) * scale + offset for stroke in strokes]
    placed = _within([_seen(stroke, page) for stroke in placed], page, margin)
    cover = _drawn(placed, page, page.pen_width) * random.uniform(*page.pen.opacity)
    gaps = 1 - page.pen.grain * np.abs(_noise(page, random.uniform(0.6, 1.5), random))
    colour = page.pen.colours[random.integers(len(page.pen.colours))]
    _cover(surface, cover * np.clip(gaps, 0.15, 1), colour)


def _within(
    strokes: list[NDArray[np.float64]], page: Page, margin: float
) -> list[NDArray[np.float64]]:
    """Shifts strokes back into the picture: nobody photographs half a digit."""
    every = np.concatenate(strokes)
    limit = np.array([page.width, page.height]) - margin
    shift = np.maximum(margin - every.min(axis=0), 0) + np.minimum(limit - every.max(axis=0), 0)
    return [stroke + shift for stroke in strokes]


def _drawn(strokes: list[NDArray[np.float64]], page: Page, width: float) -> Picture:
    drawing = np.asarray(draw(strokes, (page.width, page.height), width))
    return drawing.astype(np.float32) / 255


def _cover(surface: Picture, cover: Picture, colour: tuple[int, int, int]) -> None:
    """Lays a colour over the page, as opaque as `cover` says."""
    surface += cover[..., None] * (np.array(colour, np.float32) / 255 - surface)


def _light(page: Page, random: Random) -> Picture:
    """Light that falls off aside and to the corners, of some colour, with up to two shadows."""
    rows, columns = np.mgrid[-1 : 1 : page.height * 1j, -1 : 1 : page.width * 1j].astype(np.float32)
    angle = random.uniform(0, 2 * math.pi)
    aside = columns * math.cos(angle) + rows * math.sin(angle)
    light = 1 + random.uniform(0, 0.3) * aside
    light *= 1 - random.uniform(0, 0.2) * (rows**2 + columns**2)
    for _ in range(random.choice(3, p=(0.35, 0.45, 0.2))):
        light *= _shadow(page, rows, columns, random)
    light *= random.uniform(0.7, 1.05) / light.max()
    warmth = random.uniform(-0.06, 0.14)
    coloured: Picture = light[..., None] * np.array([1 + warmth / 2, 1, 1 - warmth], np.float32)
    return coloured


def _shadow(page: Page, rows: Picture, columns: Picture, random: Random) -> Picture:
    """The shadow of somebody bending over the page, or of an arm across it."""
    angle = random.uniform(0, 2 * math.pi)
    along = columns * math.cos(angle) + rows * math.sin(angle)
    across = rows * math.cos(angle) - columns * math.sin(angle)
    edge = (
        along
        + random.uniform(0, 0.3) * np.sin(across * random.uniform(1, 4))
        - random.uniform(-0.7, 0.7)
    )
    is_dark = edge > 0
    if random.random() < 0.3:
        is_dark &= edge < random.uniform(0.4, 1.0)
    softness = _log_uniform((1.5, 50.0), random)
    soft = cv2.GaussianBlur(is_dark.astype(np.float32), (0, 0), softness)
    return np.asarray(1 - random.uniform(0.15, 0.5) * soft, np.float32)


def _blurred(surface: Picture, random: Random) -> Picture:
    """Out of focus, and at times shaken."""
    sharpness = math.sqrt(surface.shape[0] * surface.shape[1]) / 700
    blurred = cv2.GaussianBlur(surface, (0, 0), random.uniform(0.4, 1.5) * sharpness)
    if random.random() < 0.2:
        length = int(random.integers(3, 7))
        kernel = np.eye(length, dtype=np.float32) / length
        blurred = cv2.filter2D(blurred, -1, kernel[:: random.choice((1, -1))])
    return np.asarray(blurred, np.float32)


def _log_uniform(limits: tuple[float, float], random: Random) -> float:
    return math.exp(random.uniform(math.log(limits[0]), math.log(limits[1])))


if __name__ == "__main__":
    main()
