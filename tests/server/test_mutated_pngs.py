"""Broken PNG files, posted to the real server: each gets an answer, and breaks nothing."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections import Counter

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.handwriting import as_png, draw
from tests.server.clients import send_all
from tests.server.pngs import (
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    RGBA,
    SIGNATURE,
    animated,
    chunk,
    even_rows,
    interlaced,
    of_kind,
    png,
    sized,
)
from tests.server.raw_http import request
from tests.server.servers import Server

TOGETHER = 40  # pictures in one example
MOST_SECONDS = 1.5  # of the processor's, for a picture of the largest size
SIDE = 4472  # pixels: the largest square that is accepted
NOTES = chunk(b"tEXt", b"Title\0seven") + chunk(b"gAMA", struct.pack(">I", 45455))
CORPUS = [
    *(of_kind(kind, 8) for kind in (GREY, RGB, PALETTE, GREY_ALPHA, RGBA)),
    *(of_kind(kind, 16) for kind in (GREY, RGB, RGBA)),
    *(of_kind(PALETTE, depth) for depth in (1, 2, 4)),
    of_kind(GREY, 1),
    interlaced(),
    animated(3),
    png(NOTES),
    as_png(draw(7, side=88, pen=6)),
]
NAMES = (b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"iCCP", b"zTXt", b"iTXt", b"eXIf")
SIZES = (0, 1, 7, 80, 256, 3000, 4472, 9999, 10001, 65535, 2**31 - 1, 2**31, 2**32 - 1)


def chunks_of(content: bytes) -> list[tuple[bytes, bytes]]:
    """Return the names and contents of the chunks of a file."""
    chunks, start = [], len(SIGNATURE)
    while start < len(content):
        length, name = struct.unpack_from(">I4s", content, start)
        chunks.append((name, content[start + 8 : start + 8 + length]))
        start += 12 + length
    return chunks


HEADERS = st.builds(
    lambda *fields: (b"IHDR", struct.pack(">IIBBBBB", *fields)),
    *[st.sampled_from(SIZES)] * 2,
    *[st.integers(0, 17)] * 2,
    *[st.integers(0, 2)] * 3,
)
WHOLE_CHUNKS = st.sampled_from([each for content in CORPUS for each in chunks_of(content)])
CHUNKS = st.one_of(WHOLE_CHUNKS, HEADERS, st.tuples(st.sampled_from(NAMES), st.binary(max_size=99)))


@st.composite
def changed_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Replace some bytes by others: fewer, as many, or more."""
    start = draw(st.integers(0, len(content)))
    end = start + draw(st.integers(0, 16))
    return content[:start] + draw(st.binary(max_size=16)) + content[end:]


@st.composite
def broken_pictures(draw: st.DrawFn) -> bytes:
    """Break a picture of the corpus once or several times."""
    chunks = chunks_of(draw(st.sampled_from(CORPUS)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(chunks) - 1))
        name, content = chunks[at]
        how = draw(st.sampled_from(("other chunks", "content", "pixels")))
        if how == "other chunks":
            chunks[at : at + draw(st.integers(0, 2))] = draw(
                st.lists(CHUNKS, min_size=1, max_size=9)
            )
        elif how == "content":
            chunks[at] = name, draw(changed_bytes(content))
        elif how == "pixels" and name == b"IDAT" and content.startswith(b"\x78"):
            with contextlib.suppress(zlib.error):  # another change broke it
                rows = zlib.decompressobj().decompress(content, 2**20)
                chunks[at] = name, zlib.compress(draw(changed_bytes(rows)))
    parts = b"".join(chunk(*each) for each in chunks)
    return SIGNATURE + (draw(changed_bytes(parts)) if draw(st.booleans()) else parts)


def post_broken_pictures(server: Server, examples: int) -> None:
    workers = server.workers()
    found: Counter[int] = Counter()

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(st.lists(broken_pictures(), min_size=TOGETHER, max_size=TOGETHER))
    def post(pictures: list[bytes]) -> None:
        contents = [
            request(body=picture, close=False, Content_Type="image/png") for picture in pictures
        ]
        for picture, answer in zip(pictures, send_all(server, contents), strict=True):
            assert answer.status in (200, 400, 413, 415), picture
            if answer.status != 200:
                assert answer.json["status"] == answer.status
                assert "Expected" in answer.json["detail"]
            found[answer.status] += 1

    post()
    assert server.workers() == workers
    # Neither do all of them break in the same place, nor do most of them stay whole.
    assert min(found[200], found[400]) > found.total() / 20


def test_hundreds_of_broken_pictures(gunicorn: Server) -> None:
    post_broken_pictures(gunicorn, 10)


@pytest.mark.long
def test_20_000_broken_pictures(gunicorn: Server) -> None:
    post_broken_pictures(gunicorn, 500)


@pytest.mark.parametrize(
    ("kind", "depth", "is_interlaced"),
    [(GREY, 8, False), (GREY, 1, True), (PALETTE, 8, False), (RGBA, 16, False), (RGBA, 16, True)],
)
def test_no_picture_of_the_largest_size_takes_long(
    gunicorn: Server, kind: int, depth: int, is_interlaced: bool
) -> None:
    """Neither does a broken one, which ends in the middle."""
    rows = even_rows(SIDE, kind, depth, is_interlaced)
    picture = sized(SIDE, SIDE, rows, depth, kind, is_interlaced)
    for content, status in ((picture, 200), (picture[: len(picture) // 2], 400)):
        before = processor_seconds(gunicorn.workers())
        assert gunicorn.post("/predict", content).status == status
        assert processor_seconds(gunicorn.workers()) - before < MOST_SECONDS


def processor_seconds(workers: list[psutil.Process]) -> float:
    return sum(sum(worker.cpu_times()[:2]) for worker in workers)
