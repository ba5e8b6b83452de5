"""Draws on the page and takes its picture, for the README.

python -m benchmarks.screenshots              docs/{page,how,why}.png, in light and dark
python -m benchmarks.screenshots --all DIR    every state at every width, to look at
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.browser import Stroke, chromium, draw_with_mouse, turn_to
from benchmarks.servers import ROOT, running

CROSSED_SEVEN: list[Stroke] = [
    [(27, 24), (36, 21), (50, 21), (64, 20), (73, 19), (66, 33), (57, 50), (50, 66), (45, 82)],
    [(40, 52), (52, 50), (66, 49)],
]
TWO_SEVENS: list[Stroke] = [
    [(left + x / 2, y) for x, y in stroke] for left in (0, 50) for stroke in CROSSED_SEVEN
]
CHAPTERS = ("how", "why", "what-if", "replay", "learn")
SIZES = ((360, 740), (768, 1024), (1440, 900))
SCHEMES = ("light", "dark")


def main() -> None:
    """Takes the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--all", type=Path, metavar="DIR")
    options = parser.parse_args()
    with running() as server, sync_playwright() as playwright, chromium(playwright) as browser:
        if options.all:
            take_all(browser, server.address, options.all)
        else:
            for scheme, ending in (("light", ""), ("dark", "-dark")):
                take(browser, server.address, ending, color_scheme=scheme)


def take(browser: Browser, address: str, ending: str, **options: Any) -> None:
    """The page with a digit on it, and the beginnings of two of its chapters."""
    # Without motion nothing is taken half-way.
    options = {"viewport": {"width": 1100, "height": 860}, "reduced_motion": "reduce", **options}
    page = browser.new_context(**options).new_page()
    page.goto(address)
    draw_with_mouse(page, CROSSED_SEVEN)
    expect(page.locator("#verdict-text")).to_have_text("7")
    page.mouse.move(0, 0)
    page.screenshot(path=ROOT / "docs" / f"page{ending}.png")
    read_on(page)
    for chapter in ("how", "why"):
        turn_to(page, chapter)
        page.screenshot(path=ROOT / "docs" / f"{chapter}{ending}.png")
    page.context.close()


def read_on(page: Page) -> None:
    """Scrolls through all chapters, so that each is about what is drawn, and back."""
    for chapter in CHAPTERS:
        turn_to(page, chapter)
    page.evaluate("scrollTo(0, 0)")


def take_all(browser: Browser, address: str, folder: Path) -> None:
    """The page in each of its states, without server and without JavaScript, and the others."""
    folder.mkdir(parents=True, exist_ok=True)
    for (width, height), scheme in itertools.product(SIZES, SCHEMES):
        options: dict[str, Any] = {
            "viewport": {"width": width, "height": height},
            "color_scheme": scheme,
        }

        def shoot(state: str, page: Page, name: str = f"{width}-{scheme}") -> None:
            page.screenshot(path=folder / f"{name}-{state}.png", full_page=True)

        page = browser.new_context(**options).new_page()
        page.goto(address)
        shoot("empty", page)
        page.click("#open-gallery")
        shoot("gallery", page)
        page.keyboard.press("Escape")
        draw_with_mouse(page, [[(50, 50)]])
        expect(page.locator("#answer")).to_have_attribute("data-state", "unsure")
        shoot("unsure", page)
        page.click("#clear")
        draw_with_mouse(page, CROSSED_SEVEN)
        expect(page.locator("#verdict-text")).to_have_text("7")
        read_on(page)
        shoot("answer", page)
        page.click("#clear")
        page.click("#wide")
        draw_with_mouse(page, TWO_SEVENS)
        expect(page.locator("#verdict-text")).to_have_text("77")
        read_on(page)
        shoot("number", page)
        page.context.set_offline(True)
        draw_with_mouse(page, [[(20, 80), (30, 80)]])
        expect(page.locator("#answer")).to_have_attribute("data-state", "trouble")
        shoot("offline", page)
        page.context.close()

        page = browser.new_context(**options, java_script_enabled=False).new_page()
        page.goto(address)
        shoot("no-script", page)
        page.goto(f"{address}/nowhere")
        shoot("not-found", page)
        page.goto(f"{address}/model")
        shoot("model", page)
        page.goto(f"{address}/api")
        shoot("api", page)
        page.context.close()


if __name__ == "__main__":
    main()
