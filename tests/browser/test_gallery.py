"""The gallery on the page: drawings to choose from, by mouse, touch and keyboard."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.gallery import FILE
from benchmarks.servers import Server
from tests.browser.conftest import opened
from tests.browser.test_page import ink

EXHIBITS = json.loads(FILE.read_text())


def choose_from_gallery(page: Page, name: str) -> None:
    page.click("#open-gallery")
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#gallery")).to_be_hidden()


def test_every_drawing_gets_the_answer_it_promises(page: Page) -> None:
    for exhibit in EXHIBITS:
        choose_from_gallery(page, exhibit["name"])
        if exhibit["text"] is None:
            expect(page.locator("#answer")).to_have_attribute("data-state", "unsure")
        else:
            expect(page.locator("#verdict-text")).to_have_text(exhibit["text"])
        page.click("#clear")


def test_the_sheet_becomes_as_wide_as_the_drawing_needs(page: Page) -> None:
    choose_from_gallery(page, "a year")
    expect(page.locator("#verdict-text")).to_have_text("2026")
    expect(page.locator("#wide")).to_have_attribute("aria-pressed", "true")
    page.click("#undo")
    expect(page.locator("#wide")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#answer")).to_have_attribute("data-state", "blank")


def test_it_opens_and_closes_by_keyboard_and_leaves_the_drawing_alone(page: Page) -> None:
    choose_from_gallery(page, "a crossed 7")
    expect(page.locator("#verdict-text")).to_have_text("7")
    page.locator("#open-gallery").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Gallery")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#gallery")).to_be_hidden()
    expect(page.locator("#open-gallery")).to_be_focused()
    assert ink(page) > 0, "Escape closed the gallery, and did not clear the sheet"

    page.keyboard.press("Enter")
    page.get_by_role("button", name="a slashed 0").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#verdict-text")).to_have_text("0")


def test_out_of_reach_it_says_so_and_opens_later(page: Page) -> None:
    page.route("**/gallery.json*", lambda route: route.abort())
    page.click("#open-gallery")
    expect(page.locator("#gallery-trouble")).to_contain_text("out of reach")
    page.keyboard.press("Escape")
    page.unroute_all()
    choose_from_gallery(page, "an open 4")
    expect(page.locator("#verdict-text")).to_have_text("4")
    page.click("#open-gallery")
    expect(page.locator(".exhibit")).to_have_count(len(EXHIBITS))


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_is_painted(browser: Browser, server: Server, width: int, scheme: str) -> None:
    viewport = {"width": width, "height": 740}
    options = {"viewport": viewport, "color_scheme": scheme, "has_touch": True}
    for page in opened(browser, server.address, **options):
        page.tap("#open-gallery")
        expect(page.locator(".exhibit")).to_have_count(len(EXHIBITS))
        dialog = page.locator("#gallery")
        assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
        box = dialog.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
        assert page.locator(".exhibit canvas").evaluate_all(
            """all => all.every((canvas) => canvas.getContext("2d")
                .getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))"""
        )
        for name in ("the letter A", "a heart"):
            page.get_by_role("button", name=name).tap()
            expect(page.locator("#answer")).to_have_attribute("data-state", "unsure")
            page.tap("#open-gallery")
