"""PNG files: ink into one, and what Pillow overlooks in others.

After the PNG specification, third edition: sections 5 (chunks), 7 and 8 (rows and interlacing),
11 (the chunks themselves).
"""

from __future__ import annotations

import secrets
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
IHDR = b"\0\0\0\rIHDR"  # its length and its kind: the first chunk, always
MAX_CHUNKS = 30_000  # with 8,192 bytes in each, as libpng writes them, 246 MB
IEND = b"\0\0\0\0IEND\xaeB`\x82"  # the last chunk, always
PLAIN = bytes((8, 0, 0, 0, 0))  # of a header: 8 bits, grey, the only methods, not interlaced
METHODS = (b"\0\0\0", b"\0\0\1")  # of compression, filtering and interlacing: all there are
IDAT_AT = 41  # where the pixels begin that directly follow the header
SMALLEST = IDAT_AT + 16  # bytes
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # in a pixel, by colour type
WHOLE = ((0, 0, 1, 1),)  # left, top, and the steps to the right and down
ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


def encode_png(ink: NDArray[np.float32]) -> bytes:
    """Returns ink, (height, width) float32 in [0, 1], as an 8-bit grey PNG, ink white on black."""
    height, width = ink.shape
    rows = np.zeros((height, 1 + width), np.uint8)  # each begins with its filter: 0 for none
    rows[:, 1:] = np.rint(ink * 255)
    pixels = zlib.compress(rows.tobytes(), level=1)
    header = struct.pack(">II", width, height) + PLAIN
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + IEND


def _chunk(kind: bytes, content: bytes) -> bytes:
    named = kind + content
    return struct.pack(">I", len(content)) + named + struct.pack(">I", zlib.crc32(named))


def read_plain(content: bytes, most: int) -> NDArray[np.uint8] | None:
    """Returns the pixels of the plainest kind of PNG file, and None for every other.

    That is what the page and `encode_png` write: 8-bit grey whose rows are neither interlaced nor
    filtered, in one chunk, with no others than the header and the end. Pillow takes six times as
    long for it.

    Args:
        content: a file that begins with the SIGNATURE.
        most: pixels of the longer side that are unpacked.

    Returns:
        (height, width, 1) uint8.
    """
    if len(content) < SMALLEST or content[8:16] != IHDR or content[24:29] != PLAIN:
        return None
    width, height, length = struct.unpack_from(">II9xI", content, 16)
    end = IDAT_AT + length
    view = memoryview(content)
    if (
        not (0 < width <= most and 0 < height <= most)
        or content[IDAT_AT - 4 : IDAT_AT] != b"IDAT"
        or content[end + 4 :] != IEND
        or zlib.crc32(view[12:29]) != int.from_bytes(view[29:33])
        or zlib.crc32(view[IDAT_AT - 4 : end]) != int.from_bytes(view[end : end + 4])
    ):
        return None
    unpacker, size = zlib.decompressobj(), height * (1 + width)
    try:
        unpacked = unpacker.decompress(view[IDAT_AT:end], size)
    except zlib.error:
        return None
    if len(unpacked) != size:
        return None
    rows = np.frombuffer(unpacked, np.uint8).reshape(height, 1 + width)
    return None if rows[:, 0].any() else rows[:, 1:, None]


def check_chunks(content: bytes) -> None:
    """Looks for what Pillow overlooks, or takes seconds to look at.

    It does not compare the pixels' checksums, reads a million empty chunks one by one, takes the
    last of several headers, unknown methods for known ones, and what cannot be animated for still.

    Args:
        content: a file that begins with the SIGNATURE.

    Raises:
        ValueError: says what is wrong with it.
    """
    if not content.startswith(IHDR, len(SIGNATURE)):
        raise ValueError("it does not begin with a header of 13 bytes")
    if content[26:29] not in METHODS:
        raise ValueError("its header names a method that there is not")
    view = memoryview(content)
    animated = False
    for kind, start, end in _chunks(content):
        if (kind == b"IHDR" and start != 16) or (kind == b"acTL" and animated):
            raise ValueError(f"it has a second {kind.decode()} chunk")
        if kind == b"acTL":
            animated = True
            if not 0 < int.from_bytes(content[start : start + 4]) < 2**31:
                raise ValueError("it is animated without a number of frames")
        # A checksum is on the kind, too.
        if kind == b"IDAT" and zlib.crc32(view[start - 4 : end]) != int.from_bytes(
            view[end : end + 4]
        ):
            raise ValueError("its pixels have a wrong checksum")


def check_rows(image: Image.Image, content: bytes) -> None:
    """Looks whether all pixels are there: Pillow leaves those that are not as they were.

    Args:
        image: what Pillow opened of `content`; will be loaded.
        content: a PNG file that `check_chunks` finds nothing in.

    Raises:
        ValueError: some are missing.
        Exception: what Pillow raises on pixels that it cannot read.
    """
    is_interlaced = bool(content[28])
    # Adam7's last pass ends in the last row that is odd, counted from 0; a single row has none.
    last = image.height - 1 - (image.height % 2 if is_interlaced else 0)
    # Of a colour that nobody can foresee, so that hardly any picture has it there: what has it is
    # unpacked again, which takes as long.
    unread = Image.new(image.mode, image.size, 1 + secrets.randbelow(254))
    image.im = unread.im
    before = unread.getpixel((0, max(last, 0)))
    image.load()
    if last >= 0 and image.getpixel((0, last)) != before:
        return  # rows come in order
    bits = content[24] * SAMPLES[content[25]]
    missing = 0
    for left, top, right, down in ADAM7 if is_interlaced else WHOLE:
        width, height = -((left - image.width) // right), -((top - image.height) // down)
        missing += height * (1 + -(-width * bits // 8)) if width > 0 else 0
    packed = b"".join(
        content[start:end] for kind, start, end in _chunks(content) if kind == b"IDAT"
    )
    unpacker = zlib.decompressobj()
    while missing > 0 and (rows := unpacker.decompress(packed, 2**20)):
        missing -= len(rows)
        packed = unpacker.unconsumed_tail
    if missing > 0:
        raise ValueError("its pixels end before its last row")


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yields each chunk's kind, and where what it holds starts and ends, up to IEND.

    Of what is cut off at the end nothing is yielded: Pillow misses it.
    """
    at = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        kind = content[at + 4 : at + 8]
        start, end = at + 8, at + 8 + int.from_bytes(content[at : at + 4])
        if kind == b"IEND" or end >= len(content):
            return
        yield kind, start, end
        at = end + 4
    raise ValueError(f"it has more than {MAX_CHUNKS:,} chunks")
