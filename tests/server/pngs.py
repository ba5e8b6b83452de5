"""PNG files written chunk by chunk, so that any of their bytes can be wrong."""

from __future__ import annotations

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6  # colour types
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}  # in a pixel
# Left, top, horizontal and vertical step of each pass of an interlaced picture.
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)]
ADAM7 += [(0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SIDE = 80
WHITE, BLACK = 255, 0


def chunk(kind: bytes, content: bytes = b"", crc: int | None = None) -> bytes:
    """Return a chunk, with the right checksum unless another one is given."""
    crc = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def ihdr(width: int = SIDE, height: int = SIDE, depth: int = 8, kind: int = GREY) -> bytes:
    """Return the content of a header."""
    return struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)


def rows_of_a_one() -> list[bytes]:
    """Return the rows of an 8-bit grey picture of a 1, black on white."""
    blank = bytes([WHITE]) * SIDE
    stroke = blank[: SIDE // 2 - 4] + bytes([BLACK]) * 8 + blank[SIDE // 2 + 4 :]
    return [stroke if SIDE // 8 <= row < SIDE * 7 // 8 else blank for row in range(SIDE)]


def packed(rows: list[bytes], filtered: int = 0) -> bytes:
    """Return the content of an IDAT chunk: rows with this filter type, compressed."""
    return zlib.compress(b"".join(bytes([filtered]) + row for row in rows))


def png(
    *between: bytes,
    header: bytes | None = None,
    pixels: bytes | None = None,
    end: bytes | None = None,
) -> bytes:
    """Return a file of the chunks that every PNG has, with others between IHDR and IDAT."""
    header = chunk(b"IHDR", ihdr()) if header is None else header
    pixels = chunk(b"IDAT", packed(rows_of_a_one())) if pixels is None else pixels
    end = chunk(b"IEND") if end is None else end
    return SIGNATURE + header + b"".join(between) + pixels + end


def sized(
    width: int, height: int, rows: bytes = b"", depth: int = 8, kind: int = GREY, passes: int = 0
) -> bytes:
    """Return a file that claims to be this large."""
    header = ihdr(width, height, depth, kind)[:-1] + bytes([passes])
    palette = chunk(b"PLTE", bytes(3)) if kind == PALETTE else b""
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return png(palette, header=chunk(b"IHDR", header), pixels=pixels)


def of_kind(kind: int, depth: int) -> bytes:
    """Return the 1 in samples of this kind and depth; all of it is opaque."""
    is_paper = np.array([list(row) for row in rows_of_a_one()])[..., None] > 0
    white = 1 if kind == PALETTE else 2**depth - 1
    samples = np.where(is_paper, white, 0).repeat(SAMPLES[kind], axis=2)
    if kind in (GREY_ALPHA, RGBA):
        samples[..., -1] = white
    bits = samples[..., None] >> np.arange(depth)[::-1] & 1
    rows = [row.tobytes() for row in np.packbits(bits.reshape(SIDE, -1), axis=1)]
    palette = chunk(b"PLTE", bytes([BLACK] * 3 + [WHITE] * 3)) if kind == PALETTE else b""
    header = chunk(b"IHDR", ihdr(depth=depth, kind=kind))
    return png(palette, header=header, pixels=chunk(b"IDAT", packed(rows)))


def interlaced(missing: int = 0) -> bytes:
    """Return the 1 in Adam7's seven passes, without the last `missing` rows."""
    rows = [row[x::dx] for x, y, dx, dy in ADAM7 for row in rows_of_a_one()[y::dy]]
    header = chunk(b"IHDR", ihdr()[:-1] + b"\1")
    return png(header=header, pixels=chunk(b"IDAT", packed(rows[: len(rows) - missing])))


def expanding(kind: bytes, prefix: bytes, megabytes: int) -> bytes:
    """Return a text or profile chunk that is small only while compressed."""
    packer = zlib.compressobj(9)
    zeros = bytes(1024 * 1024)
    body = b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()
    return chunk(kind, prefix + body)


def actl(frames: int) -> bytes:
    """Return the chunk that makes a picture an animation."""
    return chunk(b"acTL", struct.pack(">II", frames, 0))


def fctl(number: int, width: int = SIDE, height: int = SIDE) -> bytes:
    """Return the chunk before each frame of an animation."""
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, 0, 0, 1, 10, 0, 0))


def animated(frames: int) -> bytes:
    """Return an animation whose first frame is the 1; the others are blank."""
    blank = packed([bytes([WHITE]) * SIDE] * SIDE)
    others = b""
    for frame in range(1, frames):
        others += fctl(2 * frame - 1)
        others += chunk(b"fdAT", struct.pack(">I", 2 * frame) + blank)
    return png(actl(frames), fctl(0), end=others + chunk(b"IEND"))
