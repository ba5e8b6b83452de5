"""Take the screenshots in the documentation: docs/{page,how,why}.png, in light and dark.

python -m tools.screenshots
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, expect, sync_playwright

from benchmarks.browser import Stroke, chromium, draw_with_mouse, turn_to
from benchmarks.servers import running

FOLDER = Path(__file__).resolve().parents[1] / "docs"
CROSSED_SEVEN: list[Stroke] = [
    [(27, 24), (36, 21), (50, 21), (64, 20), (73, 19), (66, 33), (57, 50), (50, 66), (45, 82)],
    [(40, 52), (52, 50), (66, 49)],
]
CHAPTERS = ("how", "why", "what-if", "replay", "learn")


def main() -> None:
    """Take all screenshots."""
    with running() as server, sync_playwright() as playwright, chromium(playwright) as browser:
        take(browser, server.address, "light", "")
        take(browser, server.address, "dark", "-dark")


def take(browser: Browser, address: str, scheme: Literal["light", "dark"], suffix: str) -> None:
    """Take a screenshot of the page with a digit on it, and of two of its chapters."""
    # Without animations, so that none is caught half-way.
    page = browser.new_page(
        viewport={"width": 1100, "height": 860}, reduced_motion="reduce", color_scheme=scheme
    )
    page.goto(address)
    draw_with_mouse(page, CROSSED_SEVEN)
    expect(page.locator("#verdict-text")).to_have_text("7")
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"page{suffix}.png")
    for chapter in CHAPTERS:  # fill them all, so that none moves the others later
        turn_to(page, chapter)
    for chapter in ("how", "why"):
        turn_to(page, chapter)
        page.screenshot(path=FOLDER / f"{chapter}{suffix}.png")
    page.close()


if __name__ == "__main__":
    main()
