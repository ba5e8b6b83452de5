"""A real headless Chromium, and a hand to draw with in it."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, CDPSession, Page, Playwright, expect

# The first is the second without its own windows, which take time though nobody sees them.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
CANVAS = "#drawing"  # where to draw, as a selector
Stroke = list[tuple[float, float]]  # on a sheet of 100 x 100, as wide as the canvas


@contextlib.contextmanager
def chromium(playwright: Playwright, *arguments: str) -> Iterator[Browser]:
    """Starts the system's Chromium or Chrome, or else the one that Playwright installed."""
    browser = playwright.chromium.launch(
        executable_path=next(filter(None, map(shutil.which, BROWSERS)), None),
        # The sandbox does not start for root, as in containers; the pages are our own.
        args=[
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            *arguments,
        ],
    )
    yield browser
    browser.close()


def draw_with_mouse(
    page: Page, strokes: list[Stroke], canvas: str = CANVAS, steps: int = 1
) -> None:
    """Draws strokes on the page's canvas with the mouse.

    Args:
        steps: from each point to the next. Each takes a frame or two, in which the page works.
    """
    for stroke in strokes:
        points = _on_the_page(page, stroke, canvas)
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=steps)
        page.mouse.up()


def draw_with_finger(page: Page, strokes: list[Stroke], canvas: str = CANVAS) -> None:
    """Draws strokes on the page's canvas by touch, as the browser's own input."""
    session = page.context.new_cdp_session(page)
    for stroke in strokes:
        points = _on_the_page(page, stroke, canvas)
        _touch(session, "touchStart", points[0])
        for start, end in itertools.pairwise(points):
            for step in range(1, 7):
                share = step / 6
                between = [a + (b - a) * share for a, b in zip(start, end, strict=True)]
                _touch(session, "touchMove", (between[0], between[1]))
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def turn_to(page: Page, chapter: str) -> None:
    """Scrolls to one of the page's chapters, and waits until it is about what is drawn."""
    page.evaluate("id => document.getElementById(id).scrollIntoView()", chapter)
    expect(page.locator(f"#{chapter}")).to_have_attribute("data-state", "shown", timeout=20_000)


def _touch(session: CDPSession, kind: str, point: tuple[float, float]) -> None:
    place = {"x": point[0], "y": point[1]}
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})


def _on_the_page(page: Page, stroke: Stroke, canvas: str) -> list[tuple[float, float]]:
    box = page.locator(canvas).bounding_box()
    if box is None:
        raise RuntimeError("Expected a canvas to draw on, found none that is visible.")
    return [
        (box["x"] + x / 100 * box["width"], box["y"] + y / 100 * box["height"]) for x, y in stroke
    ]
