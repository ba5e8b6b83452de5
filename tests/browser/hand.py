"""What a visitor does on the page, and what they see."""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page, Route, expect

from tests.browser.conftest import TIMEOUT
from tests.handwriting import DIGITS

Point = tuple[float, float]
Stroke = list[Point]  # on a sheet of 100 x 100, as wide as the canvas

# Digits of few points, which are drawn quickly.
ONE: list[Stroke] = [[(50, 15), (50, 85)]]
SEVEN: list[Stroke] = [[(30, 20), (70, 20), (45, 85)]]
ROOF: list[Stroke] = [[(50, 15), (15, 15)]]  # turns ONE into a 7
DOT: list[Stroke] = [[(50, 50)]]
TEETH: list[Stroke] = [[(10.0 + 8 * k, 80.0 if k % 2 else 20.0) for k in range(11)]]

SHEET = "#drawing"


def small(digit: int, left: float, top: float, size: float = 50) -> list[Stroke]:
    """Return the digit on a part of the sheet."""
    share = size / 100
    return [[(left + share * x, top + share * y) for x, y in stroke] for stroke in DIGITS[digit]]


FORTY_TWO = [*small(4, 0, 25), *small(2, 50, 25)]


def draw_with_mouse(page: Page, strokes: list[Stroke], canvas: str = SHEET, steps: int = 1) -> None:
    """Draw strokes with the mouse, in `steps` from each point to the next."""
    for stroke in strokes:
        first, *rest = on_page(page, stroke, canvas)
        page.mouse.move(*first)
        page.mouse.down()
        for point in rest:
            page.mouse.move(*point, steps=steps)
        page.mouse.up()


def draw_with_finger(page: Page, strokes: list[Stroke], canvas: str = SHEET) -> None:
    session = page.context.new_cdp_session(page)
    for stroke in strokes:
        swipe(session, *([point] for point in on_page(page, stroke, canvas)))


def swipe(session: CDPSession, *stops: list[Point]) -> None:
    """Move fingers from stop to stop; each stop has the places of all fingers."""
    touch(session, "touchStart", *stops[0])
    for start, end in itertools.pairwise(stops):
        for share in np.linspace(0, 1, 6)[1:]:
            moved = np.array(start) + share * (np.array(end) - start)
            touch(session, "touchMove", *map(tuple, moved.tolist()))
    touch(session, "touchEnd")


def touch(session: CDPSession, kind: str, *fingers: Point) -> None:
    """Send a touch event with the places of all fingers on the screen."""
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def draw_with_pen(page: Page, stroke: Stroke, pressure: float = 0.5) -> None:
    session = page.context.new_cdp_session(page)
    pen = {"pointerType": "pen", "force": pressure, "button": "left", "buttons": 1, "clickCount": 1}
    points = on_page(page, stroke)
    kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 1), "mouseReleased"]
    for kind, (x, y) in zip(kinds, [*points, points[-1]], strict=True):
        session.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **pen})


def on_page(page: Page, stroke: Stroke, canvas: str = SHEET) -> list[Point]:
    box = page.locator(canvas).bounding_box()
    assert box is not None
    scale_x, scale_y = box["width"] / 100, box["height"] / 100
    return [(box["x"] + scale_x * x, box["y"] + scale_y * y) for x, y in stroke]


def write(page: Page, strokes: list[Stroke], text: str) -> None:
    """Draw strokes with the mouse, and wait until all of them are read as `text`."""
    draw_with_mouse(page, strokes)
    settle(page)
    expect_answer(page, text)


def expect_answer(page: Page, text: str) -> None:
    expect(page.locator("#verdict-text")).to_have_text(text)


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("#answer")).to_have_attribute("data-state", state)


def settle(page: Page) -> None:
    """Wait until the whole drawing has been read: an earlier answer may be about less ink."""
    page.evaluate(
        """async () => {
            const link = document.querySelector("[rel=modulepreload][href$='/selection.js']");
            const { selection } = await import(link.href);
            const change = (resolve) => selection.addEventListener("change", resolve);
            while (selection.isPending) await new Promise(change);
        }"""
    )


def scroll_to(page: Page, chapter: str) -> None:
    page.evaluate("id => document.getElementById(id).scrollIntoView()", chapter)


def turn_to(page: Page, chapter: str) -> None:
    """Scroll to a chapter, and wait until it explains the drawing."""
    scroll_to(page, chapter)
    expect(page.locator(f"#{chapter}")).to_have_attribute("data-state", "shown")


def clear(page: Page) -> None:
    page.evaluate("scrollTo(0, 0)")
    page.click("#clear")


def upload(page: Page, content: bytes, field: str = "#upload-file") -> None:
    file = {"name": "picture", "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files(field, files=[file])


def choose_from_gallery(page: Page, name: str) -> None:
    page.click("#open-gallery")
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#gallery")).to_be_hidden()


def ink(page: Page, canvas: str = SHEET) -> int:
    """Return how many pixels of a canvas are inked at the next frame."""
    page.evaluate("() => new Promise(requestAnimationFrame)")
    return int((pixels(page.locator(canvas).last)[..., 3] > 127).sum())


def pixels(canvases: Locator) -> NDArray[np.float64]:
    """Return what is painted on canvases of one size: (canvases, height, width, 4)."""
    urls = canvases.evaluate_all("all => all.map((canvas) => canvas.toDataURL())")
    return np.array([np.asarray(decoded(url).convert("RGBA")) for url in urls], float)


def decoded(url: str) -> Image.Image:
    """Return the picture in a data URL."""
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def eventually(page: Page, condition: Callable[[], object]) -> None:
    """Wait until `condition` holds."""
    for _ in range(TIMEOUT // 20):
        if condition():
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"Expected the condition to hold within {TIMEOUT} milliseconds.")


class Held:
    """Requests to an address, held until a test lets them go."""

    def __init__(self, page: Page, address: str = "**/predict") -> None:
        self.routes: list[Route] = []
        self.page = page
        page.route(address, lambda route: self.routes.append(route))

    def wait_for(self, count: int) -> None:
        eventually(self.page, lambda: len(self.routes) >= count)
