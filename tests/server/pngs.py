"""PNG files written chunk by chunk, so that any of their bytes can be wrong."""

from __future__ import annotations

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6  # colour types
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}  # in a pixel
KINDS = {
    **{f"{depth} bits of grey": (GREY, depth) for depth in (1, 2, 4, 8, 16)},
    **{f"{depth} bits of palette": (PALETTE, depth) for depth in (1, 2, 4, 8)},
    **{f"{depth} bits of RGB": (RGB, depth) for depth in (8, 16)},
    **{f"{depth} bits of RGBA": (RGBA, depth) for depth in (8, 16)},
    **{f"{depth} bits of grey with alpha": (GREY_ALPHA, depth) for depth in (8, 16)},
}
# Left, top, horizontal and vertical step of each pass of an interlaced picture.
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)]
ADAM7 += [(0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SIDE = 80
# A 1, black on white, in 8-bit grey.
PAPER = b"\xff" * SIDE
STROKE = b"\xff" * 36 + b"\0" * 8 + b"\xff" * 36
ROWS = [PAPER] * 10 + [STROKE] * 60 + [PAPER] * 10


def chunk(kind: bytes, content: bytes = b"", crc: int | None = None) -> bytes:
    """Return a chunk, with the right checksum unless another one is given."""
    crc = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def ihdr(
    width: int = SIDE, height: int = SIDE, depth: int = 8, kind: int = GREY, passes: int = 0
) -> bytes:
    """Return the content of a header."""
    return struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, passes)


def packed(rows: list[bytes], filtered: int = 0) -> bytes:
    """Return the content of an IDAT chunk: rows with this filter type, compressed."""
    return zlib.compress(b"".join(bytes([filtered]) + row for row in rows))


HEADER = chunk(b"IHDR", ihdr())
PIXELS = chunk(b"IDAT", packed(ROWS))
END = chunk(b"IEND")


def png(*between: bytes, header: bytes = HEADER, pixels: bytes = PIXELS, end: bytes = END) -> bytes:
    """Return a file of the chunks that every PNG has, with others between IHDR and IDAT."""
    return SIGNATURE + header + b"".join(between) + pixels + end


def sized(
    width: int, height: int, rows: bytes = b"", depth: int = 8, kind: int = GREY, passes: int = 0
) -> bytes:
    """Return a file that claims to be this large."""
    header = chunk(b"IHDR", ihdr(width, height, depth, kind, passes))
    palette = chunk(b"PLTE", bytes(3)) if kind == PALETTE else b""
    return png(palette, header=header, pixels=chunk(b"IDAT", zlib.compress(rows)))


def of_kind(kind: int, depth: int) -> bytes:
    """Return the 1 in samples of this kind and depth; all of it is opaque."""
    white = 1 if kind == PALETTE else 2**depth - 1
    is_paper = np.frombuffer(b"".join(ROWS), np.uint8).reshape(SIDE, SIDE, 1) > 0
    samples = np.where(is_paper, white, 0).repeat(SAMPLES[kind], axis=2)
    if kind in (GREY_ALPHA, RGBA):
        samples[..., -1] = white
    bits = samples[..., None] >> np.arange(depth)[::-1] & 1
    rows = [row.tobytes() for row in np.packbits(bits.reshape(SIDE, -1), axis=1)]
    palette = chunk(b"PLTE", b"\0\0\0\xff\xff\xff") if kind == PALETTE else b""
    header = chunk(b"IHDR", ihdr(depth=depth, kind=kind))
    return png(palette, header=header, pixels=chunk(b"IDAT", packed(rows)))


def interlaced(missing: int = 0) -> bytes:
    """Return the 1 in Adam7's seven passes, without the last `missing` rows."""
    rows = [row[x::dx] for x, y, dx, dy in ADAM7 for row in ROWS[y::dy]]
    pixels = chunk(b"IDAT", packed(rows[: len(rows) - missing]))
    return png(header=chunk(b"IHDR", ihdr(passes=1)), pixels=pixels)


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
    others = b""
    for frame in range(1, frames):
        others += fctl(2 * frame - 1)
        others += chunk(b"fdAT", struct.pack(">I", 2 * frame) + packed([PAPER] * SIDE))
    return png(actl(frames), fctl(0), end=others + END)
