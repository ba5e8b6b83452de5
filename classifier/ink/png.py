"""PNG: write ink, and find the defects in a file that Pillow overlooks.

See the PNG specification, third edition: sections 5 (chunks), 7 and 8 (rows and interlacing) and 11
(chunk types).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
IHDR = b"\0\0\0\rIHDR"  # length and type of the header, which is always the first chunk
METHODS = (b"\0\0\0", b"\0\0\1")  # compression, filter and interlace methods that exist
MAX_CHUNKS = 30_000  # libpng writes 8,192 bytes into each: 246 MB
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # samples of a pixel, by colour type
WHOLE = ((0, 0, 1, 1),)  # left, top, horizontal and vertical step of the only pass
ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
BLOCK = 2**20  # bytes that are decompressed at a time


def encode_png(ink: NDArray[np.float32]) -> bytes:
    """Return ink, (height, width) float32 in [0, 1], as an 8-bit grey PNG, white on black."""
    levels = np.rint(ink * 255).astype(np.uint8)
    return cv2.imencode(".png", levels)[1].tobytes()


def check_chunks(content: bytes) -> None:
    """Check the chunks for what Pillow accepts, or takes seconds to read.

    Pillow does not verify the checksum of the pixels. It reads a million empty chunks one by one.
    Of several headers, it uses the last. It ignores the compression and filter methods, and may
    read a broken animation as a still picture.

    Args:
        content: a file that starts with `SIGNATURE`.

    Raises:
        ValueError: says what is wrong.
    """
    if not content.startswith(IHDR, len(SIGNATURE)):
        raise ValueError("it does not begin with a header of 13 bytes")
    if content[26:29] not in METHODS:
        raise ValueError("its header names a method that does not exist")
    view = memoryview(content)
    seen = set()
    for kind, start, end in _chunks(content):
        if kind in seen and kind in (b"IHDR", b"acTL"):
            raise ValueError(f"it has a second {kind.decode()} chunk")
        seen.add(kind)
        if kind == b"acTL" and not 0 < int.from_bytes(content[start : start + 4]) < 2**31:
            raise ValueError("it is animated without a number of frames")
        if kind == b"fdAT" and b"IDAT" not in seen:
            raise ValueError("its second frame comes before its pixels")
        checksum = int.from_bytes(view[end : end + 4])
        if kind == b"IDAT" and zlib.crc32(view[start - 4 : end]) != checksum:  # of type and data
            raise ValueError("its pixels have a wrong checksum")


def check_rows(content: bytes) -> None:
    """Check that no rows are missing: Pillow would leave them black.

    Args:
        content: a file that passed `check_chunks`.

    Raises:
        ValueError: rows are missing.
        zlib.error: the pixels cannot be decompressed.
    """
    width, height, depth, colour_type = struct.unpack_from(">IIBB", content, 16)
    bits = depth * SAMPLES[colour_type]
    missing = 0
    for left, top, right, down in ADAM7 if content[28] else WHOLE:
        columns, rows = len(range(left, width, right)), len(range(top, height, down))
        missing += rows * (1 + -(-columns * bits // 8)) if columns else 0  # 1: the filter type
    packed = b"".join(
        content[start:end] for kind, start, end in _chunks(content) if kind == b"IDAT"
    )
    unpacker = zlib.decompressobj()
    while missing > 0:
        block = unpacker.decompress(packed, BLOCK)
        if not block:
            raise ValueError("its pixels end before its last row")
        missing -= len(block)
        packed = unpacker.unconsumed_tail


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type of each whole chunk before IEND, and where its data starts and ends."""
    at = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        kind = content[at + 4 : at + 8]
        start, end = at + 8, at + 8 + int.from_bytes(content[at : at + 4])
        if kind == b"IEND" or end >= len(content):
            return
        yield kind, start, end
        at = end + 4
    raise ValueError(f"it has more than {MAX_CHUNKS:,} chunks")
