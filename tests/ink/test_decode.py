"""Pictures in every accepted form, and the limits on them."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from classifier import MAX_PIXELS, PictureError, PictureFormatError, PictureTooLargeError
from classifier.ink.decode import MAX_SIDE, decode, reduced, size_of
from classifier.ink.find import find_ink
from tests.handwriting import draw


def as_file(picture: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


SEVEN = draw(7, side=40, pen=4)
GREY = np.asarray(SEVEN)
GOOD = as_file(SEVEN)


class Tensor:
    """What TensorFlow's and PyTorch's tensors have in common."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.uint8]:
        return GREY


@pytest.mark.parametrize("mode", ["1", "L", "LA", "La", "P", "RGB", "RGBA", "CMYK", "I", "F"])
def test_every_mode_becomes_grey_or_colours_or_colours_with_opacity(mode: str) -> None:
    pixels = decode(SEVEN.convert("LA").convert(mode) if mode == "La" else SEVEN.convert(mode))
    channels = {"L": 1, "I": 1, "F": 1, "RGB": 3}.get(mode, 4)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (SEVEN.height, SEVEN.width, channels)
    assert (pixels[0, 0] == 255).all()
    assert (pixels[5, 20, :3] == 0).all()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_transparent_colour_is_transparent(mode: str) -> None:
    white = 255 if mode == "L" else (255, 255, 255)
    pixels = decode(as_file(SEVEN.convert(mode), transparency=white))
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert pixels[5, 20].tolist() == [0, 0, 0, 255]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_an_opaque_picture_has_the_same_ink_as_one_without_opacity(mode: str) -> None:
    picture = draw(7, side=40, pen=4, mode=mode)
    np.testing.assert_array_equal(
        find_ink(decode(picture)), find_ink(decode(picture.convert("RGBA")))
    )


@pytest.mark.parametrize("kind", ["<u2", ">u2", "i4", "f4", "array"])
@pytest.mark.parametrize("white", [1, 255, 1023, 4095, 16383, 65535])
@pytest.mark.parametrize("noise", [0, 0.1])  # a picture exceeds its range when it is resized
def test_the_range_is_that_of_the_largest_value(kind: str, white: int, noise: float) -> None:
    values = np.random.default_rng(0).uniform(-noise, 1 + noise, (30, 20)) * white
    values[0, 0] = white
    if "u" in kind:
        values = values.clip(0, 65535)
    stored = values if kind == "array" else values.astype(kind)
    picture = stored if kind == "array" else as_file(Image.fromarray(stored), "TIFF")
    expected = np.clip(stored * (255 / white), 0, 255)
    np.testing.assert_allclose(decode(picture)[..., 0], expected, atol=0.51)


@pytest.mark.parametrize(
    "form",
    [
        lambda path: path,
        str,
        lambda path: path.read_bytes(),
        lambda path: bytearray(path.read_bytes()),
        lambda path: memoryview(path.read_bytes()),
        lambda path: io.BytesIO(path.read_bytes()),
        lambda path: io.BufferedReader(io.BytesIO(path.read_bytes())),
        lambda path: Image.open(path),
        lambda _: Tensor(),
        lambda _: GREY,
        lambda _: GREY[..., None],
        lambda _: GREY / 255.0,
        lambda _: GREY.astype(np.float32) / 255,
        lambda _: GREY.astype(np.int64),
        lambda _: np.dstack([GREY] * 3),
    ],
)
def test_every_form_is_the_same_picture(tmp_path: Path, form: Callable[[Path], Any]) -> None:
    path = tmp_path / "seven.png"
    path.write_bytes(GOOD)
    pixels = decode(form(path))
    np.testing.assert_array_equal(pixels, np.broadcast_to(GREY[..., None], pixels.shape))


class OnAnotherDevice:
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.uint8]:
        raise TypeError("can't convert a CUDA tensor")


def closed() -> io.BytesIO:
    file = io.BytesIO(GOOD)
    file.close()
    return file


@pytest.mark.parametrize(
    ("picture", "received"),
    [
        (7, "received int"),
        (None, "received NoneType"),
        ([GREY], "received list"),
        (io.StringIO("text"), "received StringIO"),
        (closed(), "received BytesIO: I/O operation on closed file"),
        (OnAnotherDevice(), "received OnAnotherDevice: can't convert a CUDA tensor"),
        (Path("no", "nothing.png"), r"nothing\.png, received: No such file"),
        ("seven\0.png", "received: embedded null byte"),
        (np.zeros((28,)), r"shape \(28,\)"),
        (np.zeros((2, 28, 28)), r"shape \(2, 28, 28\)"),
        (np.zeros((0, 28)), "28 x 0"),
        (np.full((4, 4), 1e6), r"\[1000000.0, 1000000.0\]"),
        (np.full((4, 4), np.inf), "inf"),
        (Image.fromarray(np.full((4, 4), np.nan, np.float32)), "nan"),
        (np.full((4, 4), np.nan), "nan"),
        (np.full((4, 4), -1), r"\[-1.0, -1.0\]"),
        (np.full((4, 4), "7"), "dtype <U1"),
        (b"", "received nothing"),
        (b"x", "received 1 bytes of something else"),
        (Image.open(io.BytesIO(GOOD[: len(GOOD) // 2])), "received a broken one"),
    ],
)
def test_an_unreadable_picture_is_described(picture: Any, received: str) -> None:
    with pytest.raises(PictureError, match=f"Expected .* ?{received}"):
        decode(picture)


@pytest.mark.parametrize("file_format", ["JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_only_the_formats_asked_for_are_read(file_format: str) -> None:
    content = as_file(SEVEN, file_format)
    assert size_of(decode(content)) == SEVEN.size
    with pytest.raises(PictureFormatError, match=f"Expected a PNG picture, received {file_format}"):
        decode(content, formats=("PNG",))


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='...'></svg>", b"\n <!doctype html>", b"%PDF-1.7"]
)
def test_other_kinds_of_files_are_named(content: bytes) -> None:
    with pytest.raises(PictureFormatError, match=r"received (SVG, HTML or XML|PDF)"):
        decode(content)


@pytest.mark.parametrize("file_format", ["JPEG", "GIF", "BMP", "TIFF"])
def test_too_many_pixels_are_refused_in_every_format(file_format: str) -> None:
    with pytest.raises(PictureTooLargeError, match="at most 20,000,000 pixels, received"):
        decode(as_file(Image.new("L", (5000, MAX_PIXELS // 5000 + 1)), file_format))


def test_too_large_a_tile_is_refused() -> None:
    content = as_file(SEVEN, "TIFF", tiffinfo={280: 9008, 281: 9008})
    for other, tag in ((280, 322), (281, 323)):  # Pillow itself writes no tiles
        content = content.replace(struct.pack("<HH", other, 3), struct.pack("<HH", tag, 3))
    with pytest.raises(PictureTooLargeError, match="received 9,008 x 9,008"):
        decode(content)


@pytest.mark.parametrize("make", [np.zeros, lambda shape: Image.new("L", shape[::-1])])
def test_the_limits_hold_for_arrays_and_images_too(make: Callable[[tuple[int, int]], Any]) -> None:
    with pytest.raises(PictureTooLargeError):
        decode(make((5000, MAX_PIXELS // 5000 + 1)))
    with pytest.raises(PictureError, match=f"1 to {MAX_SIDE:,} pixels a side, received 10,001 x 1"):
        decode(make((1, MAX_SIDE + 1)))


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "TIFF"])
@pytest.mark.parametrize("count", [1, 2, 12])
def test_a_file_of_several_pictures_is_refused(file_format: str, count: int) -> None:
    first, *others = (draw(k % 10, side=40) for k in range(count))
    content = as_file(first, file_format, save_all=True, append_images=others)
    if count == 1:
        assert find_ink(decode(content)).any()
        return
    kind = "one page, received" if file_format == "TIFF" else "a picture, received an animation of"
    with pytest.raises(PictureError, match=f"Expected {kind} {count}"):
        decode(content)
    last = Image.open(io.BytesIO(content))
    last.seek(count - 1)  # an image in Pillow is its current frame
    np.testing.assert_allclose(decode(last)[..., 0], np.asarray(others[-1]), atol=9)


@pytest.mark.parametrize("file_format", ["MPO", "PNG", "TIFF"])
def test_the_first_picture_stands_for_previews_and_frames(file_format: str) -> None:
    preview = SEVEN.resize(SEVEN.size if file_format == "PNG" else (10, 10))
    preview.encoderinfo = {"tiffinfo": {254: 1}}
    content = as_file(SEVEN, file_format, save_all=True, append_images=[preview])
    np.testing.assert_allclose(decode(content)[..., 0], GREY, atol=40)


# How the pixels are stored, by orientation: 6, for one, when the camera was turned to the right.
STORED = dict(zip((2, 4, 6, 3, 8, 5, 7), Image.Transpose, strict=True))


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(10))
def test_a_photograph_is_turned_upright(file_format: str, orientation: int) -> None:
    picture = SEVEN.crop((0, 0, 30, 40))
    stored = picture.transpose(STORED[orientation]) if orientation in STORED else picture
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    content = as_file(stored, file_format, exif=exif)
    for given in (content, Image.open(io.BytesIO(content))):
        pixels = decode(given)
        assert size_of(pixels) == (30, 40)
        np.testing.assert_allclose(pixels[..., 0], np.asarray(picture), atol=40)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("factor", [1, 2, 3])
def test_a_reduced_picture_has_the_mean_of_its_pixels(mode: str, factor: int) -> None:
    pixels = decode(as_file(SEVEN.convert(mode)))
    smaller = reduced(pixels, factor)
    side = factor * (40 // factor)  # without the incomplete rows and columns at the edge
    patches = pixels[:side, :side].reshape(side // factor, factor, side // factor, factor, -1)
    rows, columns = patches.shape[0], patches.shape[2]
    np.testing.assert_allclose(smaller[:rows, :columns], patches.mean(axis=(1, 3)), atol=1)
    assert size_of(smaller) == (-(-40 // factor), -(-40 // factor))
