"""The sheet and its tools: pens, undo and redo, the wide sheet, and what stands over a number."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import Stroke, draw_with_finger, draw_with_mouse
from benchmarks.servers import Server
from tests.browser.conftest import module, opened
from tests.browser.test_gallery import choose_from_gallery
from tests.browser.test_page import Slow, ink, small
from tests.handwriting import DIGITS

LINE: list[Stroke] = [[(20, 50), (80, 50)]]


def place(page: Page, at: int) -> dict[str, float]:
    """Where the digit's frame lies, in hundredths of the sheet."""
    frames: list[dict[str, float]] = page.evaluate(
        """() => {
            const sheet = document.getElementById("drawing").getBoundingClientRect();
            return [...document.querySelectorAll("#places > div")].map((place) => {
                const box = place.getBoundingClientRect();
                return {
                    left: 100 * (box.left - sheet.left) / sheet.width,
                    right: 100 * (box.right - sheet.left) / sheet.width,
                    top: 100 * (box.top - sheet.top) / sheet.height,
                    bottom: 100 * (box.bottom - sheet.top) / sheet.height,
                };
            });
        }"""
    )
    return frames[at]


def pointer(page: Page, kind: str, x: float, y: float, pressure: float) -> None:
    """A pen's event, in hundredths of the sheet."""
    box = page.locator("#drawing").bounding_box()
    assert box is not None
    page.context.new_cdp_session(page).send(
        "Input.dispatchMouseEvent",
        {
            "type": kind,
            "x": box["x"] + x / 100 * box["width"],
            "y": box["y"] + y / 100 * box["height"],
            "button": "left",
            "buttons": 1,
            "pointerType": "pen",
            "force": pressure,
            "clickCount": 1,
        },
    )


def test_redo_brings_back_what_undo_took(page: Page) -> None:
    draw_with_mouse(page, DIGITS[7])
    expect(page.locator("#redo")).to_be_disabled()
    drawn = ink(page)
    page.click("#undo")
    assert ink(page) == 0
    page.click("#redo")
    expect(page.locator("#verdict-text")).to_have_text("7")
    assert ink(page) == drawn
    expect(page.locator("#redo")).to_be_disabled()


@pytest.mark.parametrize("redo", ["Control+y", "Control+Shift+z", "Meta+Shift+z"])
def test_undo_and_redo_have_keys(page: Page, redo: str) -> None:
    draw_with_mouse(page, LINE)
    drawn = ink(page)
    page.keyboard.press("Meta+z" if "Meta" in redo else "Control+z")
    assert ink(page) == 0
    page.keyboard.press(redo)
    assert ink(page) == drawn


def test_after_something_new_there_is_nothing_to_redo(page: Page) -> None:
    draw_with_mouse(page, LINE)
    page.click("#undo")
    draw_with_mouse(page, [[(50, 20), (50, 80)]])
    expect(page.locator("#redo")).to_be_disabled()
    drawn = ink(page)
    page.keyboard.press("Control+y")
    assert ink(page) == drawn


def test_three_pens_draw_three_widths(page: Page) -> None:
    inked = []
    for name in ("Fine", "Medium", "Broad"):
        page.get_by_role("radio", name=name).check()
        draw_with_mouse(page, LINE)
        inked.append(ink(page))
        page.keyboard.press("Escape")
    fine, medium, broad = inked
    assert medium == pytest.approx(fine * 20 / 12, rel=0.15)
    assert broad == pytest.approx(fine * 30 / 12, rel=0.15)


def test_another_pen_leaves_the_strokes_that_are_there(page: Page) -> None:
    draw_with_mouse(page, DIGITS[1])
    drawn = ink(page)
    page.get_by_role("radio", name="Broad").check()
    draw_with_mouse(page, [[(90, 90)]])
    assert ink(page) > drawn
    page.click("#undo")
    assert ink(page) == drawn


def test_a_pen_draws_wider_the_harder_it_is_pressed(page: Page) -> None:
    inked = []
    for pressure in (0.1, 0.5, 1.0):
        pointer(page, "mousePressed", 20, 50, pressure)
        for step in range(1, 13):
            pointer(page, "mouseMoved", 20 + 5 * step, 50, pressure)
        pointer(page, "mouseReleased", 80, 50, pressure)
        inked.append(ink(page))
        page.keyboard.press("Escape")
    light, usual, hard = inked
    assert light < usual < hard < 2 * usual
    draw_with_mouse(page, LINE)
    assert ink(page) == pytest.approx(usual, rel=0.05), (
        "pressed as usual, it is as wide as a mouse's"
    )


def test_a_number_on_the_wide_sheet(page: Page) -> None:
    narrow = page.locator("#drawing").bounding_box()
    draw_with_mouse(page, small(4, 0, 25))
    expect(page.locator("#verdict-text")).to_have_text("4")
    toggle = page.get_by_role("button", name="Wide sheet")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    wide = page.locator("#drawing").bounding_box()
    assert narrow and wide
    assert wide["width"] == pytest.approx(2 * wide["height"], rel=0.02)
    assert wide["width"] > narrow["width"]
    # What was drawn on the left half of the square is on the left quarter now.
    draw_with_mouse(page, [[(x / 2, y) for x, y in stroke] for stroke in small(2, 80, 25)])
    draw_with_mouse(page, [[(x / 2, y) for x, y in stroke] for stroke in small(7, 140, 25)])
    expect(page.locator("#verdict-text")).to_have_text("427")

    toggle.click()  # the 7 is beyond the edge now, and not read
    expect(page.locator("#verdict-text")).not_to_have_text("427")
    page.click("#undo")
    expect(page.locator("#verdict-text")).to_have_text("427")


def test_what_lies_beside_a_narrow_sheet_is_not_there(page: Page) -> None:
    page.click("#wide")
    draw_with_mouse(page, [[(80, 30), (80, 70)]])
    expect(page.locator("#verdict-text")).to_have_text("1")
    page.click("#wide")
    expect(page.locator("#answer")).to_have_attribute("data-state", "blank")
    expect(page.locator("#clear")).to_be_disabled()


def test_each_digit_stands_over_its_place(page: Page) -> None:
    draw_with_mouse(page, [*small(4, 0, 25), *small(2, 50, 0)])
    expect(page.locator("#places b")).to_have_text(["4", "2"])
    four, two = place(page, 0), place(page, 1)
    assert (four["left"], four["top"]) > (0, 25)
    assert four["right"] < two["left"]
    for (left, top), frame in (((0, 25), four), ((50, 0), two)):
        assert left - 5 < frame["left"] < frame["right"] < left + 55
        assert top - 5 < frame["top"] < frame["bottom"] < top + 55
    sheet = page.locator("#drawing").bounding_box()
    for label in page.locator("#places b").all():
        box = label.bounding_box()
        assert box and sheet
        assert sheet["y"] <= box["y"] < box["y"] + box["height"] <= sheet["y"] + sheet["height"]


def test_choosing_a_digit_marks_its_place(page: Page) -> None:
    choose_from_gallery(page, "forty-two")
    for at, digit in enumerate("42"):
        expect(page.get_by_role("status")).to_have_text(re.compile("^42, "))
        page.get_by_role("button", name=re.compile(f"^{digit}")).click()
        expect(page.locator("#places .is-chosen b")).to_have_text(digit)
        expect(page.locator("#places > div").nth(at)).to_have_class("is-chosen")


def test_what_stands_over_the_digits_goes_as_soon_as_it_is_out_of_date(page: Page) -> None:
    choose_from_gallery(page, "forty-two")
    expect(page.locator("#places b")).to_have_count(2)
    slow = Slow(page)
    draw_with_mouse(page, [[(40, 90)]])
    slow.wait_for(1)
    expect(page.locator("#places b")).to_have_count(0)
    page.click("#undo")
    slow.wait_for(2)
    slow.held[0].abort()
    slow.held[1].continue_()
    expect(page.locator("#places b")).to_have_text(["4", "2"])


def test_a_digit_alone_needs_no_label(page: Page) -> None:
    draw_with_mouse(page, DIGITS[5])
    expect(page.get_by_role("status")).to_have_text(re.compile("^5, "))
    expect(page.locator("#places b")).to_have_count(0)


def test_a_long_stroke_costs_no_more_than_a_short_one(page: Page) -> None:
    """While the pen moves, the end of its stroke is painted, not all of it again."""
    curves = page.evaluate(
        """async ([drawingModule, surfaceModule]) => {
            const { Drawing } = await import(drawingModule);
            const { paintOn } = await import(surfaceModule);
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            const drawing = new Drawing();
            paintOn(document.getElementById("drawing"), drawing);
            await frame();
            const at = (k) => ({ x: 140 + 90 * Math.cos(k / 9), y: 140 + 90 * Math.sin(k / 7) });
            drawing.begin(at(0));
            drawing.extend(Array.from({ length: 5000 }, (_, k) => at(k)));
            await frame();
            await frame();
            let painted = 0;
            const paint = CanvasRenderingContext2D.prototype.quadraticCurveTo;
            CanvasRenderingContext2D.prototype.quadraticCurveTo = function (...points) {
                painted += 1;
                paint.apply(this, points);
            };
            drawing.extend([at(5001)]);
            await frame();
            await frame();
            return [drawing.sheet.strokes[0].points.length, painted];
        }""",
        [module(page, "drawing.js"), module(page, "surface.js")],
    )
    points, painted = curves
    assert points > 4000
    assert 0 < painted <= 64


@pytest.mark.parametrize(("width", "height"), [(320, 640), (360, 740), (740, 360), (568, 320)])
def test_on_a_telephone_the_tools_are_large_enough_and_in_sight(
    browser: Browser, server: Server, width: int, height: int
) -> None:
    viewport = {"width": width, "height": height}
    options = {"viewport": viewport, "has_touch": True, "is_mobile": True}
    for page in opened(browser, server.address, **options):
        # The broadest there is: where it is missing, the page has one that takes less room.
        page.evaluate("document.body.style.setProperty('--hand', '\"DejaVu Serif\", serif')")
        draw_with_finger(page, DIGITS[7])
        expect(page.locator("#verdict-text")).to_have_text("7")
        for is_wide in (False, True):
            if is_wide:
                page.click("#wide")
                expect(page.locator("#wide")).to_have_attribute("aria-pressed", "true")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            for tool in page.locator(".tools .tool").all():
                box = tool.bounding_box()
                assert box is not None
                assert box["width"] >= 44
                assert box["height"] >= 44
                assert 0 <= box["x"] < box["x"] + box["width"] <= width
                assert box["y"] + box["height"] <= height


def test_on_its_side_a_telephone_has_the_answer_beside_the_sheet(
    browser: Browser, server: Server
) -> None:
    viewport = {"width": 740, "height": 360}
    options = {"viewport": viewport, "has_touch": True, "is_mobile": True}
    for page in opened(browser, server.address, **options):
        sheet, verdict = (
            page.locator(selector).bounding_box() for selector in ("#drawing", "#verdict-text")
        )
        assert sheet and verdict
        assert sheet["y"] + sheet["height"] <= 360
        assert verdict["x"] >= sheet["x"] + sheet["width"]
        assert verdict["y"] + verdict["height"] <= 360
