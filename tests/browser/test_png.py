"""The PNG that the page writes of a drawing, and what it posts where it cannot write one."""

from __future__ import annotations

import base64
import io
import re
import zlib

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from benchmarks.browser import draw_with_mouse
from tests.browser.chapters import Posted
from tests.browser.conftest import module
from tests.handwriting import DIGITS
from tests.server.mutations import chunks_of, file_of

OF_ONE_STROKE = [3, 8]  # whose last answer is the one that is announced


def posted(page: Page, digit: int) -> bytes:
    """What the page posts of a digit of one stroke, when all of it is drawn."""
    posted = Posted(page)
    draw_with_mouse(page, DIGITS[digit])
    expect(page.get_by_role("status")).to_have_text(re.compile(f"^{digit}, "))
    return posted.pictures("/predict")[-1]


def without_compression(page: Page) -> None:
    """The page, empty, in a browser that cannot compress."""
    page.add_init_script("delete window.CompressionStream")
    page.reload()
    assert page.evaluate("window.CompressionStream") is None


@pytest.mark.parametrize("digit", OF_ONE_STROKE)
def test_what_is_posted_is_grey_without_filters_in_three_chunks(page: Page, digit: int) -> None:
    png = posted(page, digit)
    chunks = chunks_of(png)
    assert [chunk.name for chunk in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    assert file_of(chunks) == png, "all checksums are right"
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
    assert (picture.format, picture.mode) == ("PNG", "L")
    assert "interlace" not in picture.info
    rows = np.frombuffer(zlib.decompress(chunks[1].content), np.uint8)
    filters, pixels = np.split(rows.reshape(picture.height, picture.width + 1), [1], axis=1)
    assert not filters.any()
    np.testing.assert_array_equal(pixels, np.asarray(picture))


@pytest.mark.parametrize("digit", OF_ONE_STROKE)
def test_without_compression_the_same_picture_is_posted_and_read(page: Page, digit: int) -> None:
    png = posted(page, digit)
    page.click("#clear")
    without_compression(page)
    other = posted(page, digit)
    grey, coloured = Image.open(io.BytesIO(png)), Image.open(io.BytesIO(other))
    assert (grey.mode, coloured.mode) == ("L", "RGBA")
    assert grey.getextrema() == (0, 255)
    np.testing.assert_array_equal(np.asarray(grey.convert("RGBA")), np.asarray(coloured))
    assert len(png) < len(other) / 2


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (300, 200)])
def test_noise_comes_out_as_it_went_in(page: Page, size: tuple[int, int]) -> None:
    """The largest of them is more than the browser compresses at once."""
    width, height = size
    noise = np.random.default_rng(0).integers(0, 256, (height, width), np.uint8)
    written = page.evaluate(
        """async ([module, width, height, pixels]) => {
            const { greyPng } = await import(module);
            const image = new ImageData(width, height);
            image.data.set(pixels.flatMap((grey) => [grey, grey, grey, 255]));
            const bytes = await (await greyPng(image)).arrayBuffer();
            return btoa(String.fromCharCode(...new Uint8Array(bytes)));
        }""",
        [module(page, "png.js"), width, height, noise.ravel().tolist()],
    )
    with Image.open(io.BytesIO(base64.b64decode(written))) as picture:
        np.testing.assert_array_equal(np.asarray(picture), noise)


def test_what_is_cleared_while_it_is_compressed_is_not_posted(page: Page) -> None:
    page.evaluate(
        """() => {
            const Real = CompressionStream;
            const held = new Promise((resolve) => { window.letGo = resolve; });
            window.CompressionStream = class {
                constructor(format) {
                    const { readable, writable } = new Real(format);
                    const hold = { flush: () => held };
                    this.writable = writable;
                    this.readable = readable.pipeThrough(new TransformStream(hold));
                }
            };
        }"""
    )
    sent = Posted(page)
    draw_with_mouse(page, DIGITS[1])
    page.click("#clear")
    page.evaluate("letGo()")
    page.wait_for_timeout(300)
    assert sent.urls("/predict") == []
    expect(page.locator("#answer")).to_have_attribute("data-state", "blank")
    draw_with_mouse(page, DIGITS[7])
    expect(page.locator("#verdict-text")).to_have_text("7")
