"""PNG files written by hand, chunk by chunk, so that any of their bytes can be wrong."""

from __future__ import annotations

import struct
import zlib

from classifier.ink.png import ADAM7, SIGNATURE

GREY, COLOURS, PALETTE, GREY_AND_OPACITY, COLOURS_AND_OPACITY = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, COLOURS: 3, PALETTE: 1, GREY_AND_OPACITY: 2, COLOURS_AND_OPACITY: 4}
SIDE = 80
WHITE, BLACK = 255, 0


def chunk(kind: bytes, content: bytes = b"", crc: int | None = None) -> bytes:
    """A chunk; with the right CRC unless another is given."""
    if crc is None:
        crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def ihdr(width: int = SIDE, height: int = SIDE, depth: int = 8, kind: int = GREY) -> bytes:
    """The content of an IHDR chunk."""
    return struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)


def a_one(width: int = SIDE, height: int = SIDE) -> list[bytes]:
    """The rows of a picture of a 1: 8-bit grey, a black stroke on white paper."""
    blank = bytes([WHITE]) * width
    stroke = bytearray(blank)
    stroke[width // 2 - 4 : width // 2 + 4] = bytes([BLACK]) * 8
    top, bottom = height // 8, height - height // 8
    return [bytes(stroke) if top <= row < bottom else blank for row in range(height)]


def packed(rows: list[bytes], filtered: int = 0) -> bytes:
    """The content of an IDAT chunk: each row behind the number of its filter, compressed."""
    return zlib.compress(b"".join(bytes([filtered]) + row for row in rows))


def png(
    *between: bytes,
    header: bytes | None = None,
    pixels: bytes | None = None,
    end: bytes | None = None,
) -> bytes:
    """A file of the chunks that every PNG has, with others `between` IHDR and IDAT."""
    header = chunk(b"IHDR", ihdr()) if header is None else header
    pixels = chunk(b"IDAT", packed(a_one())) if pixels is None else pixels
    end = chunk(b"IEND") if end is None else end
    return SIGNATURE + header + b"".join(between) + pixels + end


def sized(width: int, height: int, rows: bytes = b"") -> bytes:
    """A file that claims to be of this size."""
    return png(
        header=chunk(b"IHDR", ihdr(width, height)), pixels=chunk(b"IDAT", zlib.compress(rows))
    )


def of_kind(kind: int, depth: int) -> bytes:
    """The same 1, with samples of this kind and depth; what tells opacity is opaque."""
    rows = []
    for row in a_one():
        samples = [value for pixel in row for value in _samples(pixel, kind)]
        if depth == 16:
            rows.append(bytes(byte for sample in samples for byte in (sample, sample)))
        elif depth == 8:
            rows.append(bytes(1 if kind == PALETTE and sample else sample for sample in samples))
        else:
            bits = "".join("1" if sample else "0" for sample in samples)
            rows.append(int(bits, 2).to_bytes(len(bits) // 8, "big"))
    palette = chunk(b"PLTE", bytes([BLACK] * 3 + [WHITE] * 3)) if kind == PALETTE else b""
    header = chunk(b"IHDR", ihdr(depth=depth, kind=kind))
    return png(palette, header=header, pixels=chunk(b"IDAT", packed(rows)))


def _samples(pixel: int, kind: int) -> list[int]:
    colours = [pixel] * (3 if kind in (COLOURS, COLOURS_AND_OPACITY) else 1)
    return colours + [255] * (SAMPLES[kind] - len(colours))


def interlaced(missing: int = 0) -> bytes:
    """The same 1 in Adam7's seven passes, without so many of their rows at the end."""
    rows = []
    for left, top, right, down in ADAM7:
        rows += [row[left::right] for row in a_one()[top::down]]
    header = chunk(b"IHDR", ihdr()[:-1] + b"\1")
    return png(header=header, pixels=chunk(b"IDAT", packed(rows[: len(rows) - missing])))


def expanding(kind: bytes, prefix: bytes, megabytes: int) -> bytes:
    """A text or profile chunk that is small as long as it is packed."""
    packer = zlib.compressobj(9)
    zeros = bytes(1024 * 1024)
    body = b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()
    return chunk(kind, prefix + body)


def actl(frames: int) -> bytes:
    """The chunk that makes an animation of it."""
    return chunk(b"acTL", struct.pack(">II", frames, 0))


def fctl(number: int, width: int = SIDE, height: int = SIDE) -> bytes:
    """What stands before each of an animation's frames."""
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, 0, 0, 1, 10, 0, 0))


def animated(frames: int) -> bytes:
    """An animation whose first frame is the 1; the others are blank."""
    blank = packed([bytes([WHITE]) * SIDE] * SIDE)
    others = b""
    for frame in range(1, frames):
        others += fctl(2 * frame - 1)
        others += chunk(b"fdAT", struct.pack(">I", 2 * frame) + blank)
    return png(actl(frames), fctl(0), end=others + chunk(b"IEND"))
