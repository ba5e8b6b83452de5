"""The shapes of digits around the world, and of other signs, from shapes.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple


class Shape(NamedTuple):
    """One way to write a digit."""

    strokes: str  # in the notation that shapes.toml describes
    weight: float = 1.0


_SHAPES = tomllib.loads(Path(__file__).with_name("shapes.toml").read_text(encoding="utf-8"))

DIGITS: dict[int, tuple[Shape, ...]] = {
    int(digit): tuple(Shape(**shape) for shape in shapes)
    for digit, shapes in _SHAPES["digits"].items()
}
SIGNS: dict[str, list[str]] = _SHAPES["signs"]
UNSEEN_SIGNS: dict[str, list[str]] = _SHAPES["unseen_signs"]
