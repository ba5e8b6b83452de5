"""PNG files of many kinds, and ways to break them that a decoder may not expect."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from benchmarks.steps import as_png as as_the_page_posts_it
from classifier.ink.png import ADAM7, SAMPLES, SIGNATURE, WHOLE
from tests.handwriting import draw


@dataclass(frozen=True)
class Chunk:
    """A chunk of a PNG file, which may not be what it says."""

    name: bytes
    content: bytes
    lie: int = 0  # bytes that it claims to have more
    is_sound: bool = True  # its checksum is right

    def __bytes__(self) -> bytes:
        length = (len(self.content) + self.lie) % 2**32
        checksum = zlib.crc32(self.name + self.content) ^ (not self.is_sound)
        return struct.pack(">I", length) + self.name + self.content + struct.pack(">I", checksum)


Chunks = list[Chunk]


def chunks_of(png: bytes) -> Chunks:
    chunks, start = [], len(SIGNATURE)
    while start < len(png):
        length, name = struct.unpack_from(">I4s", png, start)
        chunks.append(Chunk(name, png[start + 8 : start + 8 + length]))
        start += 12 + length
    return chunks


def file_of(chunks: Chunks) -> bytes:
    return SIGNATURE + b"".join(map(bytes, chunks))


def saved(picture: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", **options)
    return file.getvalue()


def encoded(pixels: NDArray[Any], colour_type: int, is_interlaced: bool) -> bytes:
    """A PNG of pixels (height, width, channels), uint8 or big-endian uint16, as Pillow has none."""
    passes = ADAM7 if is_interlaced else WHOLE
    rows = [row for x, y, dx, dy in passes for row in pixels[y::dy, x::dx] if row.size]
    height, width, _ = pixels.shape
    header = struct.pack(
        ">IIBBBBB", width, height, 8 * pixels.itemsize, colour_type, 0, 0, is_interlaced
    )
    content = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    return file_of([Chunk(b"IHDR", header), Chunk(b"IDAT", content), Chunk(b"IEND", b"")])


def with_notes() -> PngInfo:
    notes = PngInfo()
    notes.add_text("Title", "seven")
    notes.add_text("Comment", "seven " * 100, zip=True)
    notes.add_itxt("Author", "nobody", "en", "Author", zip=True)
    notes.add(b"gAMA", struct.pack(">I", 45455))
    notes.add(b"cHRM", struct.pack(">8I", *[31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]))
    return notes


def whole_pictures() -> dict[str, bytes]:
    """What is broken later: whole files, by what is particular about them."""
    seven = draw(7, side=40, pen=4)
    colours = seven.convert("RGB")
    palette = seven.convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    deep = np.asarray(colours).astype(">u2") * 257
    opaque = np.full((40, 40, 1), 65535, ">u2")
    lying = Image.Exif()
    lying[0x0112] = 6  # its orientation
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {
        **{mode: saved(seven.convert(mode)) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")},
        "from the page": as_the_page_posts_it(4),
        "large": saved(draw(8, side=280).convert("RGB")),
        "one pixel": saved(Image.new("L", (1, 1))),
        "a strip": saved(seven.resize((3, 300))),
        "16-bit grey": saved(Image.fromarray(np.asarray(seven).astype(np.uint16) * 257)),
        "16-bit colours": encoded(deep, 2, is_interlaced=False),
        "16-bit and opacity, interlaced": encoded(np.dstack([deep, opaque]), 6, is_interlaced=True),
        "interlaced grey": encoded(np.asarray(seven)[..., None], 0, is_interlaced=True),
        "interlaced colours": encoded(np.asarray(colours), 2, is_interlaced=True),
        "2-bit palette": saved(palette, bits=2),
        "4-bit palette": saved(palette, bits=4),
        "palette with opacity": saved(palette, transparency=b"\x00\x80\xff\xff"),
        "grey that is transparent": saved(seven, transparency=255),
        "colour that is transparent": saved(colours, transparency=(255, 255, 255)),
        "animation": saved(
            colours, save_all=True, append_images=[draw(d, side=40).convert("RGB") for d in (1, 2)]
        ),
        "notes": saved(seven, pnginfo=with_notes(), dpi=(300, 300)),
        "colour profile": saved(colours, icc_profile=profile, exif=lying),
        "in pieces": in_pieces(saved(colours), 50),
    }


def large_pictures() -> dict[str, bytes]:
    """The largest that are taken, small as long as they are packed, by what they are."""
    side, kinds = 4472, {"grey": 0, "colours": 2, "palette": 3, "opacity": 6}
    return {
        f"{level} {bits}-bit {kind}{', interlaced' * is_interlaced}": even(
            side, bits, kinds[kind], level, is_interlaced
        )
        for level, bits, kind, is_interlaced in (
            (255, 8, "grey", False),
            (0, 8, "grey", False),
            (0, 1, "grey", False),
            (0, 16, "grey", False),
            (255, 8, "colours", False),
            (0, 8, "palette", False),
            (255, 8, "opacity", False),
            (0, 8, "opacity", False),
            (0, 16, "opacity", False),
            (255, 8, "grey", True),
            (0, 16, "opacity", True),
        )
    }


def even(side: int, bits: int, colour_type: int, level: int, is_interlaced: bool) -> bytes:
    """A square whose every byte is the same, without ever being unpacked as a whole."""
    packer, pixels = zlib.compressobj(1), b""
    for x, y, dx, dy in ADAM7 if is_interlaced else WHOLE:
        width, height = len(range(x, side, dx)), len(range(y, side, dy))
        length = -(-width * bits * SAMPLES[colour_type] // 8)
        row = b"\0" + bytes([level]) * length
        pixels += b"".join(packer.compress(row) for _ in range(height))
    header = struct.pack(">IIBBBBB", side, side, bits, colour_type, 0, 0, is_interlaced)
    palette = [Chunk(b"PLTE", bytes(range(3)))] if colour_type == 3 else []
    content = Chunk(b"IDAT", pixels + packer.flush())
    return file_of([Chunk(b"IHDR", header), *palette, content, Chunk(b"IEND", b"")])


def in_pieces(png: bytes, size: int) -> bytes:
    """The same file with its pixels in chunks of at most so many bytes."""
    start, pixels, end = parts_of(chunks_of(png))
    return file_of([*start, *pieces_of(pixels, size), *end])


def parts_of(chunks: Chunks) -> tuple[Chunks, bytes, Chunks]:
    """What comes before the compressed pixels, these, and what comes after."""
    places = [place for place, chunk in enumerate(chunks) if chunk.name == b"IDAT"]
    if not places:
        return chunks, b"", []
    pixels = b"".join(chunks[place].content for place in places)
    return chunks[: places[0]], pixels, chunks[places[-1] + 1 :]


def pieces_of(pixels: bytes, size: int) -> Chunks:
    return [Chunk(b"IDAT", pixels[k : k + size]) for k in range(0, len(pixels), size)]


WHOLE_PICTURES = list(whole_pictures().values())

# Each takes the chunks, a number that says where, and one that says what.
Mutation = Callable[[Chunks, int, int], Chunks]


def change_bytes(content: bytes, where: int, what: int) -> bytes:
    """A bit turned, a byte set, some bytes put in, taken out, doubled or cut off."""
    at, (how, what) = where % (len(content) + 1), (what % 6, what // 6)
    if how == 0:
        return (
            content[:at]
            + bytes(byte ^ 1 << what % 8 for byte in content[at:][:1])
            + content[at + 1 :]
        )
    if how == 1:
        return content[:at] + bytes([what % 256]) + content[at + 1 :]
    if how == 2:
        return content[:at] + bytes([what % 256]) * (1 + what // 256) + content[at:]
    if how == 3:
        return content[:at] + content[at + 1 + what % 16 :]
    if how == 4:
        return content[: at + 1 + what % 16] + content[at:]
    return content[:at]


def change_a_chunk(chunks: Chunks, where: int, what: int) -> Chunks:
    place, where = where % len(chunks), where // len(chunks)
    chunk = chunks[place]
    changed = replace(chunk, content=change_bytes(chunk.content, where, what))
    return [*chunks[:place], changed, *chunks[place + 1 :]]


def change_a_name(chunks: Chunks, where: int, what: int) -> Chunks:
    place, where = where % len(chunks), where // len(chunks)
    name = bytearray(chunks[place].name)
    name[where % 4] ^= 1 << what % 8
    return [*chunks[:place], replace(chunks[place], name=bytes(name)), *chunks[place + 1 :]]


def lie_about_length(chunks: Chunks, where: int, what: int) -> Chunks:
    place = where % len(chunks)
    lie = (1, -1, 4, 12, -len(chunks[place].content), 1000, 2**16, 2**31, 2**32 - 1)[what % 9]
    return [*chunks[:place], replace(chunks[place], lie=lie), *chunks[place + 1 :]]


def break_a_checksum(chunks: Chunks, where: int, what: int) -> Chunks:
    place = where % len(chunks)
    return [*chunks[:place], replace(chunks[place], is_sound=False), *chunks[place + 1 :]]


def drop_a_chunk(chunks: Chunks, where: int, what: int) -> Chunks:
    place = where % len(chunks)
    return chunks[:place] + chunks[place + 1 :] if len(chunks) > 1 else chunks


def double_a_chunk(chunks: Chunks, where: int, what: int) -> Chunks:
    place = where % len(chunks)
    return chunks[:place] + [chunks[place]] * (1 + what % 40) + chunks[place:]


def move_a_chunk(chunks: Chunks, where: int, what: int) -> Chunks:
    place = where % len(chunks)
    others = chunks[:place] + chunks[place + 1 :]
    to = what % len(chunks)
    return [*others[:to], chunks[place], *others[to:]]


NUMBERS = (
    0,
    1,
    2,
    3,
    7,
    39,
    41,
    80,
    256,
    3000,
    4472,
    9999,
    10001,
    65535,
    2**31 - 1,
    2**31,
    2**32 - 1,
)
FIELDS = ("width", "height", "depth", "colour type", "compression", "filter", "interlace")


def change_the_header(chunks: Chunks, where: int, what: int) -> Chunks:
    """One of its seven fields becomes another that a header might have."""
    content = chunks[0].content
    if chunks[0].name != b"IHDR" or len(content) != 13:
        return chunks
    fields = list(struct.unpack(">IIBBBBB", content))
    field = where % len(fields)
    fields[field] = NUMBERS[what % len(NUMBERS)] if field < 2 else what % 18
    return [Chunk(b"IHDR", struct.pack(">IIBBBBB", *fields)), *chunks[1:]]


def change_pixels(chunks: Chunks, where: int, what: int) -> Chunks:
    """What was compressed is another, compressed again as it should be."""
    start, pixels, end = parts_of(chunks)
    try:
        rows = zlib.decompress(pixels)
    except zlib.error:  # another mutation was here
        return chunks
    again = zlib.compress(change_bytes(rows, where, what), what % 10)
    return [*start, *pieces_of(again, 1 + where % 3000), *end]


def add_a_chunk(chunks: Chunks, where: int, what: int) -> Chunks:
    """One that means something, in a place where it may not be, with bytes that mean nothing."""
    names = (
        b"tRNS",
        b"PLTE",
        b"acTL",
        b"fcTL",
        b"fdAT",
        b"iCCP",
        b"zTXt",
        b"iTXt",
        b"pHYs",
        b"eXIf",
    )
    place, where = where % (len(chunks) + 1), where // (len(chunks) + 1)
    content = struct.pack(">I", what) * (where % 30) + bytes(where % 4)
    return [*chunks[:place], Chunk(names[what % len(names)], content), *chunks[place:]]


MUTATIONS: list[Mutation] = [
    change_a_chunk,
    change_a_name,
    lie_about_length,
    break_a_checksum,
    drop_a_chunk,
    double_a_chunk,
    move_a_chunk,
    change_the_header,
    change_pixels,
    add_a_chunk,
]


def mutated_picture(number: int) -> bytes:
    """A picture broken in one to three ways that keep the file's form, or anywhere in its bytes.

    The same number is always the same picture.
    """
    random = Random(number)
    chunks = chunks_of(random.choice(WHOLE_PICTURES))
    for _ in range(random.choice((1, 1, 2, 2, 3))):
        chunks = random.choice(MUTATIONS)(chunks, random.randrange(2**20), random.randrange(2**20))
    png = file_of(chunks)
    if random.random() < 0.1:
        return change_bytes(png, random.randrange(2**20), random.randrange(2**20))
    return png
