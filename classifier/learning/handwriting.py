"""Simulate writers, and the digits, signs and scribbles that they write.

A writer has habits (a slant, a pen, a tremor ...) that all characters share, and each character
varies a little. A skeleton from `shapes` becomes strokes in these steps: its points are moved, a
curve is drawn through them, stroke ends become longer, shorter or hooked, strokes are joined, and
the whole is bent, shaken, slanted and rotated. No drawing of a real person is used.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from classifier.learning.shapes import DIGITS

# All lengths are in units of the sheet of 100 by 100 that shapes are drawn on.
STEP = 2.0  # between the points of a finished stroke
FINE = 4  # pictures are drawn larger and scaled down, because Pillow does not antialias lines

Stroke = NDArray[Any]  # (points, 2): x, y, y downwards
Skeleton = list[tuple[Stroke, NDArray[np.bool_]]]  # of each stroke: points, and which are corners


@dataclass(frozen=True)
class Writer:
    """The habits of a writer."""

    slant: float  # units to the right for each unit upwards
    aspect: float  # factor of the width
    turn: float  # radians clockwise
    looseness: float  # deviation of the points of a skeleton
    bend: float  # displacement of whole parts of a character
    tremor: float  # deviation of the trembling hand
    overshoot: float  # twice the deviation of the strokes' ends
    joins: float  # probability that the pen is not lifted between two strokes
    hooks: float  # probability that a stroke ends in a hook
    pen: float  # the pen's width as a share of the character's longer side


def random_writer(random: np.random.Generator) -> Writer:
    """Return a random writer."""
    return Writer(
        slant=random.normal(0.1, 0.2),
        aspect=math.exp(random.normal(-0.05, 0.22)),
        turn=random.normal(0.0, 0.07),
        looseness=random.uniform(0.8, 3.6),
        bend=random.uniform(0.0, 5.0),
        tremor=max(random.normal(-0.2, 0.5), 0.0),
        overshoot=random.uniform(0.0, 6.0),
        joins=random.choice((0.0, 0.0, 0.1, 0.3)),
        hooks=random.choice((0.0, 0.03, 0.15)),
        pen=math.exp(random.uniform(math.log(0.025), math.log(0.3))),
    )


def write_digit(digit: int, writer: Writer, random: np.random.Generator) -> list[Stroke]:
    """Return the strokes of `digit`, in one of the ways people write it."""
    shapes = DIGITS[digit]
    weights = np.array([shape.weight for shape in shapes])
    shape = shapes[random.choice(len(shapes), p=weights / weights.sum())]
    return write(parse(shape.strokes), writer, random)


def write_sign(
    signs: Mapping[str, Sequence[str]], writer: Writer, random: np.random.Generator
) -> list[Stroke]:
    """Return the strokes of one of `signs`, which maps names to the shapes of each.

    All shapes are equally likely: letters, which have several, are drawn more often.
    """
    shapes = [shape for of_sign in signs.values() for shape in of_sign]
    return write(parse(shapes[random.integers(len(shapes))]), writer, random)


def write_pair(writer: Writer, random: np.random.Generator) -> list[Stroke]:
    """Return the strokes of two digits side by side: a number, which is not a digit."""
    left, right = (write_digit(int(digit), writer, random) for digit in random.integers(0, 10, 2))
    gap = random.uniform(-5.0, 30.0)
    offset = np.concatenate(left)[:, 0].max() + gap - np.concatenate(right)[:, 0].min()
    return left + [stroke + np.array((offset, 0.0)) for stroke in right]


def scribble(writer: Writer, random: np.random.Generator) -> list[Stroke]:
    """Return the strokes of a meaningless drawing."""
    kinds = (_tangle, _zigzag, _spiral, _crossing)
    return write(kinds[random.integers(len(kinds))](random), writer, random)


def _tangle(random: np.random.Generator) -> Skeleton:
    """A stroke that wanders all over the sheet."""
    points = random.uniform(5, 95, (random.integers(7, 16), 2))
    return [(points, random.random(len(points)) < random.choice((0.0, 0.5)))]


def _zigzag(random: np.random.Generator) -> Skeleton:
    """A stroke to and fro across the sheet: hatching, waves, teeth."""
    turns = random.integers(5, 14)
    along = np.linspace(8, 92, turns)
    across = 50 + np.where(np.arange(turns) % 2, 1, -1) * random.uniform(10, 42, turns)
    points = np.stack((along, across), axis=1)[:, :: random.choice((1, -1))]
    return [(points, np.full(turns, random.random() < 0.5))]


def _spiral(random: np.random.Generator) -> Skeleton:
    """A spiral of two turns or more."""
    angles = np.arange(0, random.uniform(4.5, 9) * math.pi, math.pi / 4)
    radii = np.linspace(4, 45, len(angles))
    angles = random.choice((-1, 1)) * angles + random.uniform(0, 2 * math.pi)
    points = 50 + radii[:, None] * np.stack((np.cos(angles), np.sin(angles)), axis=1)
    return [(points, np.zeros(len(points), bool))]


def _crossing(random: np.random.Generator) -> Skeleton:
    """Several straight strokes in any direction."""
    return [
        (random.uniform(8, 92, (2, 2)), np.zeros(2, bool)) for _ in range(random.integers(4, 8))
    ]


def parse(strokes: str) -> Skeleton:
    """Read the notation of `shapes`."""
    skeleton = []
    for stroke in strokes.split("/"):
        marks = stroke.split()
        points = np.array([[float(n) for n in mark.rstrip("!").split(",")] for mark in marks])
        skeleton.append((points, np.array([mark.endswith("!") for mark in marks])))
    return skeleton


def write(skeleton: Skeleton, writer: Writer, random: np.random.Generator) -> list[Stroke]:
    """Return the strokes that `writer` makes of a skeleton, in the sheet's units."""
    strokes = []
    for points, corners in skeleton:
        stroke = _curve(points + random.normal(0, writer.looseness, points.shape), corners)
        stroke = _end(stroke[::-1], writer, random)
        strokes.append(_end(stroke[::-1], writer, random))
    strokes = _join(strokes, writer, random)
    lengths = np.cumsum([len(stroke) for stroke in strokes])
    points = _bend(np.concatenate(strokes), writer, random)
    points = points + writer.tremor * _smooth_noise(len(points), random)
    return np.split(points @ _affine(writer).T, lengths[:-1])


def _curve(points: Stroke, corners: NDArray[np.bool_]) -> Stroke:
    """Return a curve through `points`: smooth except at the corners."""
    stops = [0, *(np.flatnonzero(corners[1:-1]) + 1), len(points) - 1]
    parts = [_smooth(points[a : b + 1]) for a, b in itertools.pairwise(stops)]
    return np.concatenate([points[:1], *parts])


def _smooth(points: Stroke) -> Stroke:
    """Return the natural cubic spline through `points`, about every `STEP`, without the first.

    Its parameter grows with the root of the distance between the points (Lee, "Choosing nodes in
    parametric curve interpolation", 1989), so that it does not overshoot between uneven points.
    """
    chords = np.maximum(np.hypot(*np.diff(points, axis=0).T), 1e-6)
    h = np.sqrt(chords)[:, None]
    slopes = np.diff(points, axis=0) / h
    curvature = np.zeros_like(points)  # second derivatives, none at the ends
    if len(points) > 2:
        inner = np.diag(h[1:-1, 0], 1)
        system = np.diag(2 * (h[:-1, 0] + h[1:, 0])) + inner + inner.T
        curvature[1:-1] = np.linalg.solve(system, 6 * np.diff(slopes, axis=0))
    counts = np.maximum(np.ceil(chords / STEP), 1).astype(int)
    piece = np.repeat(np.arange(len(counts)), counts)
    u = np.concatenate([np.arange(1, n + 1) / n for n in counts])[:, None]
    bow = (u**3 - u) * curvature[piece + 1] + ((1 - u) ** 3 - (1 - u)) * curvature[piece]
    curve: Stroke = (1 - u) * points[piece] + u * points[piece + 1] + h[piece] ** 2 / 6 * bow
    return curve


def _end(stroke: Stroke, writer: Writer, random: np.random.Generator) -> Stroke:
    """Shorten, lengthen or hook the end of a stroke."""
    extra = random.normal(0, writer.overshoot / 2)
    cut = round(-extra / STEP)
    if 0 < cut < len(stroke) // 3:
        stroke = stroke[:-cut]
    direction = stroke[-1] - stroke[max(-4, -len(stroke))]
    length = np.hypot(*direction)
    if length == 0:
        return stroke
    heading = math.atan2(direction[1], direction[0])
    if random.random() < writer.hooks:
        heading += random.choice((-1, 1)) * random.uniform(0.8, 2.6)
        extra = random.uniform(4, 14)
    if extra < STEP / 2:
        return stroke
    way = np.arange(STEP / 2, extra, STEP)[:, None] * (math.cos(heading), math.sin(heading))
    return np.concatenate((stroke, stroke[-1] + way))


def _join(strokes: list[Stroke], writer: Writer, random: np.random.Generator) -> list[Stroke]:
    """Join some strokes to the next one by a line, as if the pen had not been lifted."""
    joined = strokes[:1]
    for stroke in strokes[1:]:
        if random.random() < writer.joins:
            joined[-1] = np.concatenate(
                (joined[-1], _smooth(np.stack((joined[-1][-1], stroke[0]))), stroke)
            )
        else:
            joined.append(stroke)
    return joined


def _bend(points: Stroke, writer: Writer, random: np.random.Generator) -> Stroke:
    """Displace the points by two slow waves in each direction."""
    waves = random.normal(0, 0.05, (2, 2, 2))  # radians a unit: about one wave across the sheet
    phases = random.uniform(0, 2 * math.pi, (2, 2))
    angles = np.einsum("pk,dwk->pdw", points, waves) + phases
    bent: Stroke = points + writer.bend * np.sin(angles).sum(axis=2) / math.sqrt(2)
    return bent


def _smooth_noise(count: int, random: np.random.Generator) -> Stroke:
    """Return (count, 2) noise of deviation 1 that changes over about five points."""
    noise = random.normal(0, 1, (count + 4, 2))
    smooth: Stroke = np.sum([noise[k : k + count] for k in range(5)], axis=0) / math.sqrt(5)
    return smooth


def _affine(writer: Writer) -> NDArray[np.float64]:
    """Return the (2, 2) matrix that slants and stretches, then turns."""
    cosine, sine = math.cos(writer.turn), math.sin(writer.turn)
    return np.array([[cosine, -sine], [sine, cosine]]) @ [
        [writer.aspect, -writer.slant],
        [0.0, 1.0],
    ]


def draw(strokes: Sequence[Stroke], size: tuple[int, int], width: float) -> Image.Image:
    """Draw strokes, given in pixels, with a round pen of `width` pixels.

    Returns:
        A grey picture of `size` (width, height): ink is 255, paper 0.
    """
    fine = Image.new("L", (size[0] * FINE, size[1] * FINE), 0)
    pencil = ImageDraw.Draw(fine)
    radius = width / 2 * FINE
    for stroke in strokes:
        points = [(x * FINE, y * FINE) for x, y in stroke]
        pencil.line(points, fill=255, width=round(2 * radius))
        for x, y in points:
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return fine.resize(size, Image.Resampling.BOX)


def fit(strokes: Sequence[Stroke], side: float, margin: float) -> list[Stroke]:
    """Scale strokes to a bounding box of longer side `side`, `margin` from the top left."""
    points = np.concatenate(strokes)
    corner = points.min(axis=0)
    scale = side / max(float((points.max(axis=0) - corner).max()), 1e-6)
    return [(stroke - corner) * scale + margin for stroke in strokes]
