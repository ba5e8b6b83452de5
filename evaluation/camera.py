"""Simulated photographs of drawings.

A page has paper of some colour and grain, plain, ruled or squared, or is a blackboard. A drawing is
written on it with a pencil, a ballpoint, a fineliner, a marker or chalk. Then follow uneven light
and shadows, the blur of a lens, the noise of a sensor, and JPEG compression.
"""

from __future__ import annotations

import io
import math
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.learning.handwriting import draw
from evaluation.drawings import Stroke, placed_in

JPEG_QUALITY = 40  # of 100, as messengers compress photographs
SIDES = (480, 1000)  # pixels, the shorter side of a photograph
MAX_SIDE = 1000  # pixels; the library reduces anything larger first
DRAWN = (0.2, 0.85)  # the longer side of the drawing, as a share of the shorter side
TURN = 10.0  # degrees each way
PERSPECTIVE = 0.12  # how much shorter one edge of the page may look than the opposite one

Pixels = NDArray[Any]  # (height, width) or (height, width, 3)
Random = np.random.Generator
Colour = tuple[int, int, int]


class Pen(NamedTuple):
    """A writing instrument."""

    widths: tuple[float, float]  # as shares of the longer side of the drawing
    colours: tuple[Colour, ...]
    opacity: tuple[float, float]
    grain: float  # how unevenly it covers the page


PENS = (
    Pen((0.012, 0.04), ((60, 60, 64), (85, 85, 90)), (0.55, 0.9), 0.35),  # pencil
    Pen(
        (0.015, 0.05), ((20, 30, 110), (25, 25, 30), (170, 25, 35)), (0.75, 0.95), 0.1
    ),  # ballpoint
    Pen((0.025, 0.08), ((15, 15, 20), (20, 50, 140), (20, 100, 60)), (0.9, 1.0), 0.0),  # fineliner
    Pen((0.06, 0.16), ((10, 10, 12), (15, 40, 130), (190, 20, 30)), (0.85, 1.0), 0.05),  # marker
)
CHALK = Pen((0.03, 0.09), ((240, 240, 235), (240, 225, 130), (240, 180, 190)), (0.7, 0.95), 0.4)
PAPERS = ((250, 250, 250), (244, 240, 228), (236, 226, 196), (214, 212, 208), (225, 232, 240))
BOARDS = ((38, 66, 52), (44, 46, 48), (30, 34, 36))
# Colours of printed lines, with the range of their opacity.
LINES = (
    ((120, 170, 225), (0.4, 0.9)),  # pale blue
    ((70, 110, 190), (0.5, 1.0)),  # blue
    ((140, 110, 190), (0.4, 0.9)),  # violet
    ((225, 110, 120), (0.4, 0.9)),  # red
    ((110, 180, 130), (0.4, 0.9)),  # green
    ((130, 130, 130), (0.3, 1.0)),  # grey
    ((50, 50, 60), (0.7, 1.0)),  # dark
)
RED = LINES[3]
RULINGS = ("plain", "ruled", "squared")


class Page(NamedTuple):
    """A page in front of the camera."""

    width: int  # pixels
    height: int  # pixels
    ruling: str
    is_board: bool
    pen: Pen
    drawn: float  # pixels, the longer side of the drawing
    pen_width: float  # pixels
    view: NDArray[np.float64]  # (3, 3), a homography from the page to the photograph


def random_page(random: Random, is_turned: bool) -> Page:
    """Return a random page, seen from straight above or turned and in perspective."""
    shorter = random.uniform(*SIDES)
    longer = min(shorter * random.uniform(1, 1.5), MAX_SIDE)
    width, height = (int(side) for side in random.permutation((shorter, longer)))
    is_board = random.random() < 0.12
    pen = CHALK if is_board else PENS[random.integers(len(PENS))]
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


def photograph(page: Page, strokes: list[Stroke], random: Random) -> Image.Image:
    """Write strokes on a page and photograph it; without strokes the page stays empty."""
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
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=JPEG_QUALITY)
    return Image.open(file)


def _view(width: int, height: int, random: Random) -> NDArray[np.float64]:
    """Turn the page about its centre, and tilt it."""
    angle = math.radians(random.uniform(-TURN, TURN))
    cosine, sine = math.cos(angle), math.sin(angle)
    centre = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    tilt = np.eye(3)
    tilt[2, :2] = random.uniform(-PERSPECTIVE, PERSPECTIVE, 2) / (width, height)
    view: NDArray[np.float64] = centre @ tilt @ turn @ np.linalg.inv(centre)
    return view


def _seen(points: Stroke, page: Page) -> Stroke:
    """Map points of the page to points of the photograph."""
    mapped = np.column_stack((points, np.ones(len(points)))) @ page.view.T
    seen: Stroke = mapped[:, :2] / mapped[:, 2:]
    return seen


def _texture(page: Page, random: Random) -> Pixels:
    """Return the grain and the blotches of a page; on a board, the smears of a sponge too."""
    grain = _noise(page, random.uniform(0.5, 2.5), random) * random.uniform(0.003, 0.02)
    blotches = _noise(page, random.uniform(12, 60), random) * random.uniform(0.0, 0.015)
    if page.is_board:
        smear = np.maximum(_noise(page, random.uniform(20, 80), random), 0)
        return grain * 3 + blotches + smear * random.uniform(0, 0.25)
    return grain + blotches


def _noise(page: Page, size: float, random: Random) -> Pixels:
    """Return noise with a standard deviation of 1, in spots of about `size` pixels."""
    step = max(int(size / 2), 1)
    shape = (page.height // step + 2, page.width // step + 2)
    coarse = cv2.GaussianBlur(random.normal(0, 1, shape).astype(np.float32), (0, 0), size / step)
    noise = cv2.resize(coarse / coarse.std(), (page.width, page.height))
    return np.asarray(noise, np.float32)


def _rule(surface: Pixels, page: Page, random: Random) -> None:
    """Print lines on the page, so close that a digit spans several, or far apart."""
    spacing = max(page.drawn * random.uniform(0.15, 1.3), 14.0)
    colour, opacity = LINES[random.integers(len(LINES))]
    # Printed lines are some 0.1 to 0.4 mm wide where a digit is 10 to 40 mm tall. They are always
    # narrower than the pen's: nothing else tells dark ones from ink.
    widest = min(0.6 * page.pen_width, spacing / 10)
    width = max(min(page.drawn * _log_uniform((0.004, 0.03), random), widest), 0.75)

    def cover(lines: list[Stroke], colour: Colour, opacity: tuple[float, float]) -> None:
        drawn = _drawn([_seen(line, page) for line in lines], page, width)
        _blend(surface, drawn * random.uniform(*opacity), colour)

    families = [_parallels(page, spacing, random, is_upright=False)]
    if page.ruling == "squared":
        families.append(_parallels(page, spacing, random, is_upright=True))
    for family in families:
        cover(family, colour, opacity)
    if page.ruling == "ruled" and random.random() < 0.3:
        margin = _parallels(page, spacing, random, is_upright=True)[:1]
        cover(margin, *RED)


def _parallels(page: Page, spacing: float, random: Random, is_upright: bool) -> list[Stroke]:
    """Return parallel lines in random order, long enough to cross a turned page."""
    ends = np.array([-1.0, 2.0]) * (page.height if is_upright else page.width)
    extent = page.width if is_upright else page.height
    places = np.arange(-0.5 * extent + random.uniform(0, spacing), 1.5 * extent, spacing)
    lines = [np.column_stack((ends, np.full(2, place))) for place in random.permutation(places)]
    return [line[:, ::-1] if is_upright else line for line in lines]


def _write(surface: Pixels, page: Page, strokes: list[Stroke], random: Random) -> None:
    """Write the drawing in a random place on the page."""
    margin = page.pen_width + 0.03 * min(page.width, page.height)
    place = random.uniform(0, 1, 2)
    placed = placed_in((page.width, page.height), strokes, page.drawn, margin, place)
    placed = _within([_seen(stroke, page) for stroke in placed], page, margin)
    cover = _drawn(placed, page, page.pen_width) * random.uniform(*page.pen.opacity)
    gaps = 1 - page.pen.grain * np.abs(_noise(page, random.uniform(0.6, 1.5), random))
    colour = page.pen.colours[random.integers(len(page.pen.colours))]
    _blend(surface, cover * np.clip(gaps, 0.15, 1), colour)


def _within(strokes: list[Stroke], page: Page, margin: float) -> list[Stroke]:
    """Shift strokes back into the photograph: nobody photographs half a digit."""
    points = np.concatenate(strokes)
    limit = np.array([page.width, page.height]) - margin
    shift = np.maximum(margin - points.min(axis=0), 0) + np.minimum(limit - points.max(axis=0), 0)
    return [stroke + shift for stroke in strokes]


def _drawn(strokes: list[Stroke], page: Page, width: float) -> Pixels:
    drawing = np.asarray(draw(strokes, (page.width, page.height), width))
    return drawing.astype(np.float32) / 255


def _blend(surface: Pixels, opacity: Pixels, colour: Colour) -> None:
    """Blend a colour into the page, with an opacity for each pixel."""
    surface += opacity[..., None] * (np.array(colour, np.float32) / 255 - surface)


def _light(page: Page, random: Random) -> Pixels:
    """Return coloured light that falls off to one side and to the corners, with 0 to 2 shadows."""
    rows, columns = np.mgrid[-1 : 1 : page.height * 1j, -1 : 1 : page.width * 1j].astype(np.float32)
    angle = random.uniform(0, 2 * math.pi)
    light = 1 + random.uniform(0, 0.3) * (columns * math.cos(angle) + rows * math.sin(angle))
    light *= 1 - random.uniform(0, 0.2) * (rows**2 + columns**2)
    for _ in range(random.choice(3, p=(0.35, 0.45, 0.2))):
        light *= _shadow(rows, columns, random)
    light *= random.uniform(0.7, 1.05) / light.max()
    warmth = random.uniform(-0.06, 0.14)
    coloured: Pixels = light[..., None] * np.array([1 + warmth / 2, 1, 1 - warmth], np.float32)
    return coloured


def _shadow(rows: Pixels, columns: Pixels, random: Random) -> Pixels:
    """Return the shadow of a person bending over the page, or of an arm across it."""
    angle = random.uniform(0, 2 * math.pi)
    along = columns * math.cos(angle) + rows * math.sin(angle)
    across = rows * math.cos(angle) - columns * math.sin(angle)
    wave = random.uniform(0, 0.3) * np.sin(across * random.uniform(1, 4))
    edge = along + wave - random.uniform(-0.7, 0.7)
    is_dark = edge > 0
    if random.random() < 0.3:
        is_dark &= edge < random.uniform(0.4, 1.0)
    softness = _log_uniform((1.5, 50.0), random)
    soft = cv2.GaussianBlur(is_dark.astype(np.float32), (0, 0), softness)
    return np.asarray(1 - random.uniform(0.15, 0.5) * soft, np.float32)


def _blurred(surface: Pixels, random: Random) -> Pixels:
    """Blur a picture as a lens out of focus does, and sometimes as a shaking hand does."""
    sharpness = math.sqrt(surface.shape[0] * surface.shape[1]) / 700
    blurred = cv2.GaussianBlur(surface, (0, 0), random.uniform(0.4, 1.5) * sharpness)
    if random.random() < 0.2:
        length = int(random.integers(3, 7))
        kernel = np.eye(length, dtype=np.float32) / length
        blurred = cv2.filter2D(blurred, -1, kernel[:: random.choice((1, -1))])
    return np.asarray(blurred, np.float32)


def _log_uniform(limits: tuple[float, float], random: Random) -> float:
    return math.exp(random.uniform(math.log(limits[0]), math.log(limits[1])))
