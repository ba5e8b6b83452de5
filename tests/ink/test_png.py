"""What is packed comes out as it was, wherever it is unpacked."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from classifier import PictureError
from classifier.ink.decode import decode
from classifier.ink.png import encode_png, read_plain


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (3, 70), (200, 2)])
def test_a_png_holds_the_levels_of_its_ink(shape: tuple[int, int]) -> None:
    ink = np.random.default_rng(0).random(shape, np.float32)
    expected = np.rint(ink * 255)
    png = encode_png(ink)

    picture = Image.open(io.BytesIO(png), formats=("PNG",))
    assert picture.mode == "L"
    np.testing.assert_array_equal(np.asarray(picture), expected)
    Image.open(io.BytesIO(png)).verify()  # every chunk's checksum, to the end
    read_by_libpng = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read_by_libpng, expected)


def test_ink_is_white_on_black() -> None:
    ink = np.array([[0, 1]], np.float32)
    assert list(Image.open(io.BytesIO(encode_png(ink))).tobytes()) == [0, 255]


def plain(width: int = 30, height: int = 20) -> bytes:
    return encode_png(np.random.default_rng(1).random((height, width), np.float32))


@pytest.mark.parametrize("size", [(30, 20), (1, 1), (1, 70), (300, 2)])
def test_a_plain_file_is_read_as_pillow_reads_it(size: tuple[int, int]) -> None:
    content = plain(*size)
    pixels = read_plain(content, 300)
    assert pixels is not None
    expected = np.asarray(Image.open(io.BytesIO(content)))
    np.testing.assert_array_equal(pixels[..., 0], expected)
    assert read_plain(content, max(size) - 1) is None


def checked(content: bytes) -> bytes:
    """The same with checksums that are right."""
    header, end = content[12:29], 41 + int.from_bytes(content[33:37])
    pixels = content[37:end]
    return b"".join(
        (
            content[:12],
            header,
            zlib.crc32(header).to_bytes(4),
            content[33:37],
            pixels,
            zlib.crc32(pixels).to_bytes(4),
            content[end + 4 :],
        )
    )


def with_rows(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The same with other rows."""
    length = int.from_bytes(content[33:37])
    packed = zlib.compress(change(zlib.decompress(content[41 : 41 + length])))
    head = content[:33] + len(packed).to_bytes(4) + b"IDAT" + packed
    return checked(head + b"\0\0\0\0" + content[41 + length + 4 :])


PLAIN = plain()


@pytest.mark.parametrize(
    ("content", "is_a_picture"),
    [
        (with_rows(PLAIN, lambda rows: b"\1" + rows[1:]), True),  # filtered
        (with_rows(PLAIN, lambda rows: b"\7" + rows[1:]), False),  # by no filter there is
        (with_rows(PLAIN, lambda rows: rows[:-1]), False),
        (with_rows(PLAIN, lambda rows: rows + b"more"), True),
        (checked(PLAIN[:24] + b"\4" + PLAIN[25:]), False),  # two pixels a byte: rows begin anywhere
        (checked(PLAIN[:25] + b"\2" + PLAIN[26:]), False),  # three times as many bytes a pixel
        (PLAIN[:29] + b"\0\0\0\0" + PLAIN[33:], False),
        (PLAIN[:60] + b"other" + PLAIN[65:], False),
        (checked(PLAIN[:41] + b"\0" + PLAIN[42:]), False),  # nothing that zlib knows
        (PLAIN[:-1], True),
        (PLAIN[:50], False),
        (PLAIN[:40], False),
        (PLAIN + b"and a ZIP", True),
    ],
)
def test_every_other_file_is_left_to_pillow(content: bytes, is_a_picture: bool) -> None:
    quickly = read_plain(content, 1000)
    try:
        by_pillow = np.asarray(Image.open(io.BytesIO(content)))
    except Exception:
        by_pillow = None
    if quickly is not None:  # whatever it takes to be plain, it reads as Pillow does
        assert by_pillow is not None
        np.testing.assert_array_equal(quickly[..., 0], by_pillow)
    if is_a_picture:
        assert decode(content).shape == (20, 30, 1)
    else:
        with pytest.raises(PictureError):
            decode(content)
