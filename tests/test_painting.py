"""What the Streamlit front end paints."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageColor

import painting
from benchmarks.servers import ROOT
from painting import DARK, LIGHT, Colours

both_themes = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def pixels(address: str) -> NDArray[Any]:
    kind, _, content = address.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


def is_painted(pixel: NDArray[Any], colours: Colours, name: str) -> bool:
    return tuple(pixel) == ImageColor.getrgb(colours[name])


@both_themes
def test_an_image_is_ink_on_paper_in_squares(colours: Colours) -> None:
    values = np.zeros((28, 28), np.float32)
    values[3, 5] = 1
    picture = pixels(painting.image(values, 112, colours))
    assert picture.shape == (112, 112, 3)
    square = picture[12:16, 20:24].reshape(-1, 3)
    assert all(is_painted(pixel, colours, "ink") for pixel in square)
    assert is_painted(picture[11, 20], colours, "paper")


def test_feature_maps_stand_in_rows_of_eight() -> None:
    maps = np.zeros((5, 5, 10), np.float32)
    maps[..., 9] = 3  # the second of the second row, and as high as any
    picture = pixels(painting.feature_maps(maps, 400, LIGHT))
    side = 50 + painting.GAP
    assert picture.shape == (2 * side - painting.GAP, 8 * side - painting.GAP, 3)
    assert is_painted(picture[side, side], LIGHT, "ink")
    assert is_painted(picture[side, 0], LIGHT, "paper")
    assert is_painted(picture[0, side - 1], LIGHT, "square")
    assert is_painted(picture[side, 2 * side], LIGHT, "square"), "there is no eleventh map"


def test_feature_maps_that_found_nothing_are_paper() -> None:
    picture = pixels(painting.feature_maps(np.zeros((5, 5, 8), np.float32), 400, LIGHT))
    assert is_painted(picture[0, 0], LIGHT, "paper")


@both_themes
def test_heat_is_blue_for_and_red_against(colours: Colours) -> None:
    heat = np.zeros((28, 28), np.float32)
    heat[0, :2] = 0.2, -0.2
    image = np.zeros((28, 28), np.float32)
    image[1, 0] = 1
    picture = pixels(painting.heat_map(heat, image, 28, colours))
    assert is_painted(picture[0, 0], colours, "ink")
    assert is_painted(picture[0, 1], colours, "red")
    assert is_painted(picture[1, 0], colours, "square"), "ink that speaks neither for nor against"
    assert is_painted(picture[1, 1], colours, "paper")


def test_without_any_heat_only_the_image_shows() -> None:
    nothing = np.zeros((28, 28), np.float32)
    assert is_painted(pixels(painting.heat_map(nothing, nothing, 28, LIGHT))[0, 0], LIGHT, "paper")


@both_themes
def test_the_colours_are_those_of_the_page(colours: Colours) -> None:
    css = (ROOT / "static" / "css" / "base.css").read_text()
    light, _, dark = css.partition("prefers-color-scheme: dark")
    for name, colour in colours.items():
        assert f"--{name}: {colour};" in (light if colours is LIGHT else dark)
