"""A headless Chromium, and a mouse to draw with in it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, Playwright, expect

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
Stroke = list[tuple[float, float]]  # on a sheet of 100 x 100, as wide as the canvas


@contextlib.contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Start the system's Chromium or Chrome, or the one that Playwright installed."""
    browser = playwright.chromium.launch(
        executable_path=next(filter(None, map(shutil.which, BROWSERS)), None),
        args=["--no-sandbox"],  # it does not start for root, as in containers
    )
    yield browser
    browser.close()


def canvas_box(page: Page) -> tuple[float, float, float, float]:
    """Return left, top, width and height of the page's canvas."""
    box = page.locator("#drawing").bounding_box()
    if box is None:
        raise RuntimeError("Expected a visible canvas, found none.")
    return box["x"], box["y"], box["width"], box["height"]


def draw_with_mouse(page: Page, strokes: list[Stroke]) -> None:
    """Draw strokes on the page's canvas."""
    left, top, width, height = canvas_box(page)
    for stroke in strokes:
        points = [(left + x / 100 * width, top + y / 100 * height) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def turn_to(page: Page, chapter: str) -> None:
    """Scroll to a chapter of the page, and wait until it shows the drawing."""
    page.evaluate("id => document.getElementById(id).scrollIntoView()", chapter)
    expect(page.locator(f"#{chapter}")).to_have_attribute("data-state", "shown", timeout=20_000)
