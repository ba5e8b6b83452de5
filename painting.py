"""What the Streamlit front end paints: numbers as squares of ink on paper.

Every picture comes as an address that holds it (data:), about `width` pixels wide. Streamlit would
serve an array from an address that is gone where the next stroke comes before it is fetched.
"""

from __future__ import annotations

import base64
import io
import math
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

# As in static/css/base.css, which the theme in .streamlit/config.toml follows too.
LIGHT = {"paper": "#fdfcf7", "square": "#dbe4ee", "ink": "#22386b", "red": "#b3261e"}
DARK = {"paper": "#1d222b", "square": "#2a313d", "ink": "#a9c4ff", "red": "#ff9389"}
Colours = dict[str, str]
GAP = 4  # pixels between two feature maps


def squared_paper(side: int, colours: Colours) -> str:
    """The sheet to draw on, 28 squares and `side` pixels each way."""
    places = [side * line / 28 for line in range(1, 28)]
    lines = "".join(f"M{place} 0V{side}M0 {place}H{side}" for place in places)
    return "data:image/svg+xml," + quote(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
        f'<rect width="100%" height="100%" fill="{colours["paper"]}"/>'
        f'<path d="{lines}" stroke="{colours["square"]}"/></svg>'
    )


def image(values: NDArray[np.float32], width: int, colours: Colours) -> str:
    """Paints what the network sees, (height, width) in [0, 1]: the more, the bluer."""
    return _address(_tile(values, width, colours))


def feature_maps(maps: NDArray[np.float32], width: int, colours: Colours) -> str:
    """Paints feature maps (height, width, count) in rows of eight, the highest value the bluest."""
    shares = maps / (maps.max() or 1)
    tiles = [_tile(each, width // 8, colours) for each in np.moveaxis(shares, -1, 0)]
    down, across = tiles[0].shape[0] + GAP, tiles[0].shape[1] + GAP
    rows = math.ceil(len(tiles) / 8)
    picture = np.full((rows * down - GAP, 8 * across - GAP, 3), _rgb(colours["square"]), np.uint8)
    for place, tile in enumerate(tiles):
        top, left = place // 8 * down, place % 8 * across
        picture[top : top + down - GAP, left : left + across - GAP] = tile
    return _address(picture)


def heat_map(
    heat: NDArray[np.float32], image: NDArray[np.float32], width: int, colours: Colours
) -> str:
    """Paints heat (height, width): blue above 0, red below; faintly, the image it lies on."""
    strength = heat / (np.abs(heat).max() or 1)
    picture = _inked(_rgb(colours["paper"]), image, colours["square"])
    picture = _inked(picture, np.maximum(strength, 0), colours["ink"])
    picture = _inked(picture, np.maximum(-strength, 0), colours["red"])
    return _address(_enlarged(picture, width))


def _tile(values: NDArray[np.float32], width: int, colours: Colours) -> NDArray[np.uint8]:
    return _enlarged(_inked(_rgb(colours["paper"]), values, colours["ink"]), width)


def _rgb(colour: str) -> NDArray[np.float32]:
    return np.array(ImageColor.getrgb(colour), np.float32)


def _inked(
    paper: NDArray[np.float32], amount: NDArray[np.float32], ink: str
) -> NDArray[np.float32]:
    return paper + amount[..., None] * (_rgb(ink) - paper)


def _enlarged(picture: NDArray[np.float32], width: int) -> NDArray[np.uint8]:
    times = max(1, width // picture.shape[1])
    return picture.round().astype(np.uint8).repeat(times, axis=0).repeat(times, axis=1)


def _address(picture: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
