"""Ink -> a picture file."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode_png(ink: NDArray[np.float32]) -> bytes:
    """Returns ink, (height, width) float32 in [0, 1], as an 8-bit grey PNG, ink white on black.

    After the PNG specification, third edition, sections 5 and 11.
    """
    height, width = ink.shape
    rows = np.zeros((height, 1 + width), np.uint8)  # each begins with its filter: 0 for none
    rows[:, 1:] = np.rint(ink * 255)
    pixels = zlib.compress(rows.tobytes(), level=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)  # 8 bits, grey, the only methods
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    named = kind + content
    return struct.pack(">I", len(content)) + named + struct.pack(">I", zlib.crc32(named))
