"""A round pen: strokes -> ink, for measurements and tests."""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image, ImageDraw

FINE = 4  # drawn larger and scaled down, for Pillow's lines are not antialiased


def write(
    strokes: Iterable[Iterable[tuple[float, float]]], size: tuple[int, int], width: float
) -> Image.Image:
    """Returns a grey picture of `size`, 255 where there is ink, of strokes given in its pixels."""
    fine = Image.new("L", (size[0] * FINE, size[1] * FINE), 0)
    pencil = ImageDraw.Draw(fine)
    radius = width / 2 * FINE
    for stroke in strokes:
        points = [(x * FINE, y * FINE) for x, y in stroke]
        pencil.line(points, fill=255, width=round(2 * radius))
        for x, y in points:
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return fine.resize(size, Image.Resampling.BOX)
