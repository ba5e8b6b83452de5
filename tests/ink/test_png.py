"""PNG files: what is written, and which files are refused."""

from __future__ import annotations

import io
import struct
import time
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from classifier import PictureError, PictureTooLargeError
from classifier.ink.decode import decode, size_of
from classifier.ink.png import ADAM7, SAMPLES, SIGNATURE, WHOLE, encode_png

DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
KINDS = [(kind, depth, adam7) for kind in DEPTHS for depth in DEPTHS[kind] for adam7 in (0, 1)]
IEND = b"\0\0\0\0IEND\xaeB`\x82"


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def rows_of(width: int, height: int, kind: int, depth: int, interlaced: int) -> Iterator[bytes]:
    """Yield the rows of an empty picture, with their filter types."""
    for left, top, right, down in ADAM7 if interlaced else WHOLE:
        columns = len(range(left, width, right))
        if columns:
            for _ in range(top, height, down):
                yield bytes(1 - -columns * SAMPLES[kind] * depth // 8)


def png(
    width: int, height: int, kind: int = 0, depth: int = 8, interlaced: int = 0, missing: int = 0
) -> bytes:
    """Return an empty picture, without the last `missing` rows."""
    packer = zlib.compressobj(1)
    rows = list(rows_of(width, height, kind, depth, interlaced))
    packed = b"".join(map(packer.compress, rows[: len(rows) - missing])) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced))
    palette = chunk(b"PLTE", bytes(6)) if kind == 3 else b""
    return SIGNATURE + header + palette + chunk(b"IDAT", packed) + IEND


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (3, 70)])
def test_encoded_ink_is_grey_and_white_on_black(shape: tuple[int, int]) -> None:
    ink = np.random.default_rng(0).random(shape, np.float32)
    picture = Image.open(io.BytesIO(encode_png(ink)), formats=("PNG",))
    assert picture.mode == "L"
    np.testing.assert_array_equal(np.asarray(picture), np.rint(ink * 255))


@pytest.mark.parametrize(
    ("size", "error"),
    [
        ((4500, 4500), PictureTooLargeError),
        ((9999, 9999), PictureTooLargeError),  # above it: Pillow warns
        ((30_000, 30_000), PictureTooLargeError),  # Pillow refuses
        ((2**31 - 1, 2**31 - 1), PictureTooLargeError),
        ((65_535, 1), PictureError),
        ((0, 10), PictureError),
    ],
)
@pytest.mark.parametrize(("kind", "depth", "interlaced"), KINDS)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_size_outside_the_limits_is_refused_before_anything_is_unpacked(
    kind: int, depth: int, interlaced: int, size: tuple[int, int], error: type[PictureError]
) -> None:
    small = png(10, 10, kind, depth, interlaced)
    claimed = chunk(b"IHDR", struct.pack(">II", *size) + small[24:29])
    with pytest.raises(PictureError) as raised:
        decode(small[:8] + claimed + small[33:])
    assert type(raised.value) is error


@pytest.mark.parametrize("size", [(9, 6), (1, 2), (5, 9), (80, 80)])
@pytest.mark.parametrize(("kind", "depth", "interlaced"), KINDS)
def test_a_picture_without_its_last_row_is_refused(
    kind: int, depth: int, interlaced: int, size: tuple[int, int]
) -> None:
    assert size_of(decode(png(*size, kind, depth, interlaced))) == size
    with pytest.raises(PictureError, match="received a broken one"):
        decode(png(*size, kind, depth, interlaced, missing=1))


GOOD = png(30, 20)
IDAT, END = GOOD.index(b"IDAT") - 4, len(GOOD) - len(IEND)
PIXELS = GOOD[IDAT:END]
ACTL = chunk(b"acTL", struct.pack(">II", 1, 0))


@pytest.mark.parametrize(
    "content",
    [
        GOOD[:END],  # no IEND
        GOOD[:-1],
        GOOD + b"PK\3\4, the start of a ZIP",
        GOOD[:IDAT] + chunk(b"IDAT", zlib.compress(bytes(31 * 20) + b"more")) + IEND,
        GOOD[:IDAT] + chunk(b"IDAT", b"") + GOOD[IDAT:],
    ],
)
def test_a_picture_with_all_its_pixels_is_read(content: bytes) -> None:
    assert decode(content).shape == (20, 30, 1)


@pytest.mark.parametrize(
    "content",
    [
        GOOD[:8],
        GOOD[:40],
        GOOD[: END - 10],  # truncated IDAT
        GOOD[:29] + bytes(4) + GOOD[33:],  # wrong CRC in IHDR
        GOOD[: END - 4] + bytes(4) + IEND,  # wrong CRC in IDAT
        GOOD[:IDAT] + chunk(b"IDAT", b"garbage") + IEND,
        GOOD[:IDAT] + chunk(b"IDAT", zlib.compress(b"\7" * 31 * 20)) + IEND,  # no such filter
        GOOD[:IDAT] + IEND,
        SIGNATURE + chunk(b"IHDR", GOOD[16:29] + b"\0") + GOOD[33:],
        SIGNATURE + chunk(b"IHDR", GOOD[16:28]) + GOOD[33:],
        SIGNATURE + PIXELS + GOOD[8:],  # IHDR is not the first chunk
        GOOD[:33] + GOOD[8:],  # two IHDRs
        GOOD[:END] + GOOD[8:33] + IEND,
        *(
            SIGNATURE + chunk(b"IHDR", GOOD[16 : 26 + k] + b"\2" + GOOD[27 + k : 29]) + GOOD[33:]
            for k in range(3)  # unknown methods
        ),
        SIGNATURE + chunk(b"IHDR", GOOD[16:24] + b"\3" + GOOD[25:29]) + GOOD[33:],  # bit depth
        SIGNATURE + chunk(b"IHDR", GOOD[16:25] + b"\5" + GOOD[26:29]) + GOOD[33:],  # colour type
        GOOD[:IDAT] + ACTL + ACTL + GOOD[IDAT:],
        GOOD[:IDAT] + ACTL + chunk(b"fdAT", bytes(4) + PIXELS[8:-4]) + GOOD[IDAT:],
        GOOD[:IDAT] + chunk(b"acTL", bytes(8)) + GOOD[IDAT:],  # no frames
        GOOD[:IDAT] + chunk(b"acTL", b"\x80" + bytes(7)) + GOOD[IDAT:],  # 2^31 frames
    ],
)
def test_a_broken_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PictureError, match="Expected a PNG picture, received") as raised:
        decode(content, formats=("PNG",))
    assert type(raised.value) is PictureError


@pytest.mark.parametrize("place", [IDAT, END])
def test_too_many_chunks_are_refused_quickly(place: int) -> None:
    content = GOOD[:place] + chunk(b"abCd", b"") * 800_000 + GOOD[place:]
    start = time.process_time()
    with pytest.raises(PictureError, match="30,000 chunks"):
        decode(content)
    assert time.process_time() - start < 0.5
