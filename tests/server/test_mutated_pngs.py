"""Broken and large PNG files, posted to the real server: each gets an answer, soon."""

from __future__ import annotations

import struct
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.handwriting import as_png, draw
from tests.server import pngs
from tests.server.pngs import GREY, GREY_ALPHA, PALETTE, RGB, RGBA, SIGNATURE
from tests.server.raw_http import request, send_all
from tests.server.system import Server

TOGETHER = 40  # pictures in one example
MOST_SECONDS = 1.5  # of the processor's, for a picture of the largest size
SIDE = 4472  # pixels: the largest square that is accepted
CORPUS = [
    *(pngs.of_kind(kind, 8) for kind in (GREY, RGB, PALETTE, GREY_ALPHA, RGBA)),
    *(pngs.of_kind(kind, depth) for kind, depth in ((GREY, 1), (PALETTE, 2), (RGBA, 16))),
    pngs.interlaced(),
    pngs.animated(3),
    as_png(draw(7, side=88, pen=6)),
]
NAMES = (b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"iCCP", b"zTXt", b"iTXt", b"eXIf")
SIZES = (0, 1, 7, 80, 3000, 4472, 10001, 2**31 - 1, 2**32 - 1)
HEADERS = st.builds(
    lambda *fields: (b"IHDR", struct.pack(">IIBBBBB", *fields)),
    *[st.sampled_from(SIZES)] * 2,
    *[st.integers(0, 17)] * 2,
    *[st.integers(0, 2)] * 3,
)
CHUNKS = st.one_of(HEADERS, st.tuples(st.sampled_from(NAMES), st.binary(max_size=99)))


def chunks_of(content: bytes) -> list[tuple[bytes, bytes]]:
    """Return the names and contents of the chunks of a file."""
    chunks, start = [], len(SIGNATURE)
    while start < len(content):
        length, name = struct.unpack_from(">I4s", content, start)
        chunks.append((name, content[start + 8 : start + 8 + length]))
        start += 12 + length
    return chunks


@st.composite
def broken_pictures(draw: st.DrawFn) -> bytes:
    """Replace chunks of a picture, or change bytes with or without the checksum."""

    def change(content: bytes) -> bytes:
        start = draw(st.integers(0, len(content)))
        end = start + draw(st.integers(0, 16))
        return content[:start] + draw(st.binary(max_size=16)) + content[end:]

    chunks = chunks_of(draw(st.sampled_from(CORPUS)))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(chunks) - 1))
        changed = [(chunks[at][0], change(chunks[at][1]))]
        chunks[at : at + 1] = draw(st.one_of(st.just(changed), st.lists(CHUNKS, min_size=1)))
    parts = b"".join(pngs.chunk(*each) for each in chunks)
    return SIGNATURE + (change(parts) if draw(st.booleans()) else parts)


@pytest.mark.parametrize("examples", [10, pytest.param(500, marks=pytest.mark.long)])
def test_broken_pictures_get_an_answer(gunicorn: Server, examples: int) -> None:
    workers = gunicorn.workers()
    found: Counter[int] = Counter()

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(st.lists(broken_pictures(), min_size=TOGETHER, max_size=TOGETHER))
    def post(pictures: list[bytes]) -> None:
        contents = [request(body=picture, Content_Type="image/png") for picture in pictures]
        for picture, answer in zip(pictures, send_all(gunicorn, contents), strict=True):
            assert answer.status in (200, 400, 413, 415), picture
            assert answer.status == 200 or "Expected" in answer.json["detail"]
            found[answer.status] += 1

    post()
    assert gunicorn.workers() == workers
    # Neither do all of them break in the same place, nor do most of them stay whole.
    assert min(found[200], found[400]) > found.total() / 20


@pytest.mark.parametrize(
    ("kind", "depth", "passes"), [(GREY, 8, 0), (GREY, 1, 1), (PALETTE, 8, 0), (RGBA, 16, 1)]
)
def test_the_largest_pictures_take_no_longer(
    gunicorn: Server, kind: int, depth: int, passes: int
) -> None:
    """Neither does a broken one, which ends in the middle."""
    rows = bytes(SIDE * SIDE * pngs.SAMPLES[kind] * depth // 8 + 20 * SIDE)  # or a few more
    picture = pngs.sized(SIDE, SIDE, rows, depth, kind, passes)

    def processor_seconds() -> float:
        return sum(sum(worker.cpu_times()[:2]) for worker in gunicorn.workers())

    for content, status in ((picture, 200), (picture[: len(picture) // 2], 400)):
        before = processor_seconds()
        assert gunicorn.post("/predict", content).status == status
        assert processor_seconds() - before < MOST_SECONDS
