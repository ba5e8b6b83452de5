from __future__ import annotations

import io
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from classifier import PictureError, PictureFormatError, PictureTooLargeError
from classifier.ink import decode as module
from classifier.ink import png
from classifier.ink.decode import decode, reduced, size_of
from classifier.ink.find import find_ink
from classifier.ink.png import ADAM7, SIGNATURE
from tests.handwriting import draw


def as_file(picture: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def with_a_note() -> PngInfo:
    """What keeps a picture from being of the plainest kind."""
    note = PngInfo()
    note.add(b"tIME", bytes(7))
    return note


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


SEVEN = draw(7, side=40, pen=4)


def levels(picture: Image.Image) -> NDArray[np.uint8]:
    """The grey of a picture, (height, width, 1)."""
    return np.asarray(picture.convert("L"))[..., None]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "La", "P", "RGB", "RGBA", "CMYK", "I", "F"])
def test_every_mode_becomes_one_of_three(mode: str) -> None:
    pixels = decode(SEVEN.convert("LA").convert(mode) if mode == "La" else SEVEN.convert(mode))

    channels = {"L": 1, "RGB": 3}.get(mode, 4)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (SEVEN.height, SEVEN.width, channels)
    assert (pixels[0, 0] == 255).all()
    assert (pixels[5, 20, :3] == 0).all()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_colour_that_stands_for_transparency_is_transparent(mode: str) -> None:
    white = 255 if mode == "L" else (255, 255, 255)
    pixels = decode(as_file(SEVEN.convert(mode), transparency=white))
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert pixels[5, 20].tolist() == [0, 0, 0, 255]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_picture_without_opacity_has_the_ink_of_one_that_is_opaque(mode: str) -> None:
    picture = draw(7, side=40, pen=4, mode=mode)
    np.testing.assert_array_equal(
        find_ink(decode(picture)), find_ink(decode(picture.convert("RGBA")))
    )


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    sixteen = Image.fromarray(np.asarray(SEVEN).astype(np.uint16) * 257)
    np.testing.assert_array_equal(decode(as_file(sixteen)), levels(SEVEN))
    every = np.arange(2**16, dtype=np.uint16).reshape(256, 256)
    expected = np.rint(every / 257.0)
    np.testing.assert_array_equal(decode(as_file(Image.fromarray(every)))[..., 0], expected)


def test_an_array_a_file_its_bytes_and_an_image_are_the_same_picture(tmp_path: Path) -> None:
    path = tmp_path / "seven.png"
    SEVEN.save(path)
    expected = levels(SEVEN)
    whole = np.asarray(SEVEN)
    forms = [
        path,
        str(path),
        path.read_bytes(),
        whole,
        whole[..., None],
        whole / 255.0,
        whole.astype(np.float32) / 255.0,
        whole.astype(np.int64),
        np.dstack([whole] * 3),
    ]
    for form in forms:
        pixels = decode(form)
        np.testing.assert_array_equal(pixels, np.broadcast_to(expected, pixels.shape))
    assert decode(whole > 127)[5, 20] == 0


@pytest.mark.parametrize(
    ("array", "received"),
    [
        (np.zeros((28,)), r"shape \(28,\)"),
        (np.zeros((2, 28, 28)), r"shape \(2, 28, 28\)"),
        (np.zeros((1, 28, 28, 1)), r"shape \(1, 28, 28, 1\)"),
        (np.zeros((0, 28)), "28 x 0"),
        (np.full((4, 4), 2.0), r"\[2.0, 2.0\]"),
        (np.full((4, 4), np.nan), "nan"),
        (np.full((4, 4), -1), r"\[-1, -1\]"),
        (np.full((4, 4), 256), r"\[256, 256\]"),
        (np.full((4, 4), "7"), "dtype <U1"),
    ],
)
def test_a_wrong_array_is_named(array: Any, received: str) -> None:
    with pytest.raises(PictureError, match=f"Expected .* received .*{received}"):
        decode(array)


def test_another_type_is_named() -> None:
    with pytest.raises(PictureError, match=r"Expected a path.*received int"):
        decode(7)  # type: ignore[arg-type]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"nothing\.png, received: No such file"):
        decode(tmp_path / "nothing.png")


GOOD = as_file(SEVEN)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        bytes(range(97, 123)) * 9,
        GOOD[:8],
        GOOD[:40],
        GOOD[: len(GOOD) // 2],
        GOOD[:16] + b"\0\0\0\0" + GOOD[20:],
        GOOD[:24] + b"\3" + GOOD[25:],
        GOOD[:60] + b"garbage" + GOOD[67:],
        png_of_size(28, 28)[:-16],
        png_of_size(0, 10),
    ],
)
def test_a_broken_picture_is_an_error_of_ours(content: bytes) -> None:
    with pytest.raises(PictureError, match="Expected a PNG picture, received") as caught:
        decode(content, formats=("PNG",))
    assert type(caught.value) is PictureError


def test_a_wrong_checksum_of_the_pixels_is_named() -> None:
    end = GOOD.index(b"IEND") - 4
    wrong = GOOD[: end - 4] + b"\0\0\0\0" + GOOD[end:]
    with pytest.raises(PictureError, match="a broken one: its pixels have a wrong checksum"):
        decode(wrong)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(9, 6), (1, 2), (70, 40)])
def test_rows_that_are_missing_are_told_from_black_ones(mode: str, size: tuple[int, int]) -> None:
    whole = as_file(Image.new(mode, size))  # zeros: what Pillow makes of missing rows, too
    assert size_of(decode(whole)) == size
    start, end = whole.index(b"IDAT") + 4, whole.index(b"IEND") - 8
    rows = zlib.decompress(whole[start:end])
    short = chunk(b"IDAT", zlib.compress(rows[: -len(rows) // size[1]]))
    with pytest.raises(PictureError, match="a broken one: its pixels end before its last row"):
        decode(whole[: start - 8] + short + chunk(b"IEND", b""))


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 9), (80, 80)])
def test_an_interlaced_picture_has_all_its_passes(size: tuple[int, int]) -> None:
    pixels = np.zeros(size[::-1], np.uint8)
    rows = [
        b"\0" + row.tobytes()
        for left, top, right, down in ADAM7
        for row in pixels[top::down, left::right]
        if row.size
    ]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 1))

    def picture(rows: list[bytes]) -> bytes:
        packed = zlib.compress(b"".join(rows))
        return SIGNATURE + header + chunk(b"IDAT", packed) + chunk(b"IEND", b"")

    for _ in range(3):  # whatever the colour of what is not there yet
        assert size_of(decode(picture(rows))) == size
        with pytest.raises(PictureError, match="received a broken one"):
            decode(picture(rows[:-1]))


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_black_picture_is_unpacked_once(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    black = as_file(Image.new(mode, (50, 40)), pnginfo=with_a_note())
    monkeypatch.setattr(png.zlib, "decompressobj", None)
    assert size_of(decode(black)) == (50, 40)


@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
def test_a_picture_of_a_million_chunks_is_refused_before_they_are_read(before: bytes) -> None:
    nothing = b"\0\0\0\0abCd" + zlib.crc32(b"abCd").to_bytes(4)
    place = GOOD.index(before) - 4
    chunks = GOOD[:place] + nothing * 800_000 + GOOD[place:]
    start = time.process_time()
    with pytest.raises(PictureError, match="a broken one: it has more than 30,000 chunks"):
        decode(chunks)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("file_format", ["JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_another_format_is_read_or_named(file_format: str) -> None:
    content = as_file(SEVEN, file_format)

    assert size_of(decode(content)) == SEVEN.size
    with pytest.raises(PictureFormatError, match=f"Expected a PNG picture, received {file_format}"):
        decode(content, formats=("PNG",))


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='...'></svg>", b"\n <!doctype html>", b"%PDF-1.7"]
)
def test_what_is_no_picture_for_us_is_named(content: bytes) -> None:
    with pytest.raises(PictureFormatError, match=r"received (SVG, HTML or XML|PDF)"):
        decode(content)


@pytest.mark.parametrize(
    "size", [(5000, 4001), (9999, 9999), (30_000, 30_000), (2**31 - 1, 2**31 - 1)]
)
def test_too_many_pixels_are_refused_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(PictureTooLargeError, match="at most 20,000,000 pixels, received"):
        decode(png_of_size(*size))


def test_a_long_strip_is_refused() -> None:
    with pytest.raises(
        PictureError, match="1 to 10,000 pixels a side, received 65,535 x 1"
    ) as caught:
        decode(png_of_size(65_535, 1))
    assert type(caught.value) is PictureError


def test_an_animation_is_its_first_frame() -> None:
    frames = [draw(3, side=40), draw(5, side=40)]
    content = as_file(frames[0], save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode(content)[..., 0], levels(frames[0])[..., 0])


def test_an_image_that_breaks_while_it_is_unpacked_is_named() -> None:
    half = Image.open(io.BytesIO(GOOD[: len(GOOD) // 2]))
    closed = Image.open(io.BytesIO(GOOD))
    closed.close()
    for image in (half, closed):
        with pytest.raises(PictureError, match="Expected a picture, received a broken one"):
            decode(image)


def test_a_path_that_cannot_be_one_is_named() -> None:
    with pytest.raises(PictureError, match="received: embedded null byte"):
        decode("seven\0.png")


def test_the_limits_hold_for_images_and_arrays_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PIXELS", 100)
    for picture in (SEVEN, np.asarray(SEVEN)):
        with pytest.raises(PictureTooLargeError):
            decode(picture)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("factor", [1, 2, 3])
def test_a_picture_made_smaller_is_the_mean_of_its_pixels(mode: str, factor: int) -> None:
    pixels = decode(as_file(SEVEN.convert(mode)))
    smaller = reduced(pixels, factor)
    side = factor * (40 // factor)  # of what is whole
    patches = pixels[:side, :side].reshape(side // factor, factor, side // factor, factor, -1)
    rows, columns = patches.shape[0], patches.shape[2]
    np.testing.assert_allclose(smaller[:rows, :columns], patches.mean(axis=(1, 3)), atol=1)
    assert size_of(smaller) == (-(-40 // factor), -(-40 // factor))
