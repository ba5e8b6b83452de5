"""Drawing with mouse, finger, pen and keyboard, and the tools beside the sheet."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser import hand
from tests.browser.conftest import PHONE, Visit
from tests.handwriting import DIGITS

LINE: list[hand.Stroke] = [[(20, 50), (80, 50)]]
# In the order that Tab reaches them, which is the visual one.
TOOLS = ["Medium", "Wide sheet", "Undo", "Redo", "Clear", "Gallery", "Picture", "Share"]


def box(element: Locator) -> FloatRect:
    return element.bounding_box() or pytest.fail("Expected a visible element.")


@pytest.mark.parametrize("digit", DIGITS)
def test_a_digit_drawn_with_the_mouse_is_read(page: Page, digit: int) -> None:
    hand.draw_with_mouse(page, DIGITS[digit])
    expect(page.get_by_role("status")).to_have_text(re.compile(rf"^{digit}, .*\d\d.% sure$"))
    hand.expect_state(page, "digit")
    hand.expect_answer(page, str(digit))
    expect(page.locator(".likeliest th")).to_have_text(str(digit))
    bars = page.locator("progress").evaluate_all("bars => bars.map((bar) => bar.value)")
    assert (len(bars), sum(bars), bars[digit]) == (10, pytest.approx(1, abs=1e-3), max(bars))
    assert page.locator("#seen").evaluate("image => image.naturalWidth") == 28


def test_one_finger_draws_and_two_scroll_and_zoom(phone: Page) -> None:
    phone.set_viewport_size({"width": 360, "height": 500})
    hand.draw_with_finger(phone, hand.SEVEN)
    hand.expect_answer(phone, "7")
    assert phone.evaluate("[scrollX, scrollY, visualViewport.scale]") == [0, 0, 1]
    drawn = hand.ink(phone)

    session = phone.context.new_cdp_session(phone)
    ((x, y),) = hand.on_page(phone, hand.DOT[0])
    hand.touch(session, "touchStart", (x, y))
    hand.touch(session, "touchMove", (x, y - 10))
    assert hand.ink(phone) > drawn
    hand.touch(session, "touchCancel")
    assert hand.ink(phone) == drawn, "a cancelled stroke never was"
    hand.touch(session, "touchStart", (x, y))
    hand.touch(session, "touchMove", (x, y - 10))
    hand.swipe(session, [(x, y - 10), (x + 40, y)], [(x, y - 90), (x + 40, y - 80)])
    assert hand.ink(phone) == drawn, "the second finger cancels the first one's stroke"
    assert phone.evaluate("scrollY") > 0
    phone.evaluate("scrollTo(0, 0)")
    hand.swipe(session, [(x, y), (x + 40, y)], [(x - 64, y), (x + 104, y)])
    hand.eventually(phone, lambda: phone.evaluate("visualViewport.scale") > 1.2)
    assert hand.ink(phone) == drawn
    hand.expect_answer(phone, "7")


@pytest.mark.parametrize("palm_ends", ["touchEnd", "touchCancel"])
def test_a_palm_on_the_sheet_does_not_stop_the_pen(visit: Visit, palm_ends: str) -> None:
    page = visit(is_alone=True, **PHONE)
    page.clock.install()
    session = page.context.new_cdp_session(page)
    palm, other = hand.on_page(page, [(85, 90), (70, 95)])
    hand.touch(session, "touchStart", palm)
    hand.touch(session, "touchMove", other)
    hand.draw_with_pen(page, hand.SEVEN[0])
    hand.expect_answer(page, "7")
    drawn = hand.ink(page)
    hand.touch(session, "touchMove", palm)
    hand.touch(session, palm_ends)
    hand.draw_with_finger(page, LINE)  # the palm rests again
    assert hand.ink(page) == drawn
    page.click("#undo")
    expect(page.locator("#undo")).to_be_disabled()
    assert hand.ink(page) == 0, "the palm has left nothing"
    page.clock.run_for(6_000)  # once the pen is put away, a finger draws
    hand.draw_with_finger(page, hand.ONE)
    hand.expect_answer(page, "1")


def test_pens_draw_wider_the_broader_they_are_and_the_harder_they_are_pressed(page: Page) -> None:
    inked = []
    for pressure in (0.1, 0.5, 1.0):
        hand.draw_with_pen(page, [(20 + 5 * step, 50.0) for step in range(13)], pressure)
        inked.append(hand.ink(page))
        page.click("#clear")
    for name in ("Fine", "Medium", "Broad"):
        page.get_by_role("radio", name=name).check()
        hand.draw_with_mouse(page, LINE)
        inked.append(hand.ink(page))
        page.click("#clear")
    assert inked[:3] == sorted(set(inked[:3]))
    assert inked[3:] == pytest.approx([inked[1] * width / 20 for width in (12, 20, 30)], rel=0.15)


def test_undo_redo_and_clear(page: Page) -> None:
    undo, redo, clear = (page.locator(f"#{name}") for name in ("undo", "redo", "clear"))
    for button in (undo, redo, clear):
        expect(button).to_be_disabled()
    hand.write(page, hand.ONE, "1")
    one = hand.ink(page)
    hand.write(page, hand.ROOF, "7")
    seven = hand.ink(page)
    for by_button in (True, False):
        undo.click() if by_button else page.keyboard.press("Control+z")
        hand.expect_answer(page, "1")
        assert hand.ink(page) == one
        redo.click() if by_button else page.keyboard.press("Control+y")
        hand.expect_answer(page, "7")
        assert hand.ink(page) == seven
        clear.press("Enter") if by_button else page.keyboard.press("Escape")
        hand.expect_state(page, "blank")
        expect(page.get_by_role("status")).to_have_text("The answer appears here.")
        expect(page.locator("#seen")).to_be_hidden()
        expect(clear).to_be_disabled()
        assert hand.ink(page) == 0
        page.keyboard.press("Meta+z")
        hand.expect_answer(page, "7")
    undo.click()
    hand.draw_with_mouse(page, hand.DOT)
    expect(redo).to_be_disabled()


def test_a_number_on_the_wide_sheet(page: Page) -> None:
    hand.write(page, hand.small(4, 0, 25), "4")
    toggle = page.get_by_role("button", name="Wide sheet")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    wide = box(page.locator("#drawing"))
    assert wide["width"] == pytest.approx(2 * wide["height"], rel=0.02)
    # The left half of the square sheet is now the left quarter.
    strokes = [*hand.small(2, 80, 25), *hand.small(7, 140, 25)]
    hand.draw_with_mouse(page, [[(x / 2, y) for x, y in stroke] for stroke in strokes])
    hand.expect_answer(page, "427")
    toggle.click()  # the 7 is beyond the edge now
    expect(page.locator("#verdict-text")).not_to_have_text("427")
    page.click("#undo")
    hand.expect_answer(page, "427")


@pytest.mark.parametrize(("width", "height"), [(320, 640), (568, 320), (768, 1024)])
def test_all_tools_fit_a_touch_screen(phone: Page, width: int, height: int) -> None:
    phone.set_viewport_size({"width": width, "height": height})
    hand.draw_with_finger(phone, hand.SEVEN)
    hand.expect_answer(phone, "7")
    if width > height:
        sheet, verdict = box(phone.locator("#drawing")), box(phone.locator(".verdict"))
        assert sheet["x"] + sheet["width"] <= verdict["x"], "the answer is beside the sheet"
        assert max(sheet["y"] + sheet["height"], verdict["y"] + verdict["height"]) <= height
    for _ in ("square", "wide"):
        assert phone.evaluate("document.documentElement.scrollWidth") <= width
        for tool in map(box, phone.locator(".tools .tool").all()):
            assert min(tool["width"], tool["height"]) >= 44
            assert 0 <= tool["x"] < tool["x"] + tool["width"] <= width
            assert tool["y"] + tool["height"] <= height
        phone.click("#wide")


@pytest.fixture
def sheet(page: Page) -> Page:
    """The page with the focus on the sheet, reached by Tab."""
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_role("application", name="Sheet to draw on")).to_be_focused()
    return page


def press(page: Page, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def test_a_seven_is_drawn_with_arrow_keys_and_space(sheet: Page) -> None:
    description = re.compile("arrow keys move the pen, Space sets it down and lifts it")
    expect(sheet.locator("#drawing")).to_have_accessible_description(description)
    press(sheet, "Shift+ArrowUp", 5)  # Shift is faster
    press(sheet, "ArrowLeft", 14)
    assert hand.ink(sheet) == 0
    press(sheet, "Space")
    expect(sheet.locator("#pen-state")).to_have_text("Pen down")
    press(sheet, "ArrowRight", 27)
    for step in range(10):
        press(sheet, "Shift+ArrowDown")
        press(sheet, "Shift+ArrowLeft", step % 2)
    press(sheet, "Space")
    expect(sheet.locator("#pen-state")).to_have_text("Pen up")
    hand.expect_answer(sheet, "7")
    drawn, pen = hand.ink(sheet), sheet.locator("#cursor")
    press(sheet, "Shift+ArrowUp", 20)
    assert hand.ink(sheet) == drawn, "the pen is up"
    start = box(pen)
    edge = box(sheet.locator("#drawing"))["y"]
    assert start["y"] + start["height"] / 2 == pytest.approx(edge, abs=1)
    for key in ("ArrowRight", "ArrowDown"):  # both held: diagonally
        sheet.keyboard.down(key)
    hand.eventually(sheet, lambda: all(box(pen)[side] > start[side] + 60 for side in ("x", "y")))


@pytest.mark.parametrize("key", ["Escape", "Control+z", "Tab"])
def test_clear_undo_and_leaving_the_sheet_lift_the_pen(sheet: Page, key: str) -> None:
    press(sheet, "Space")
    press(sheet, "ArrowDown", 3)
    press(sheet, key)
    expect(sheet.locator("#pen-state")).to_have_text("Pen up")
    if key == "Tab":  # the sheet is no trap
        name = "document.activeElement.ariaLabel ?? document.activeElement.innerText"
        for tool in TOOLS:
            assert sheet.evaluate(name).strip() == tool
            press(sheet, "Tab")
        press(sheet, "Shift+Tab", len(TOOLS) + 1)
    drawn = hand.ink(sheet)
    assert (drawn > 0) is (key == "Tab")
    press(sheet, "ArrowLeft", 10)
    assert hand.ink(sheet) == drawn
