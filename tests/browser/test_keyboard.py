"""Drawing without mouse, pen or finger."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.test_page import ink


def press(page: Page, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def focus_sheet(page: Page) -> None:
    """By Tab, as whoever has no mouse comes there."""
    sheet = page.get_by_role("application", name="Sheet to draw on")
    for _ in range(4):
        page.keyboard.press("Tab")
        if sheet.evaluate("sheet => sheet === document.activeElement"):
            break
    expect(sheet).to_be_focused()
    expect(page.locator("#cursor")).to_be_visible()


def test_a_seven_is_drawn_with_arrow_keys_and_space(page: Page) -> None:
    focus_sheet(page)
    expect(page.locator("#drawing")).to_have_accessible_description(
        "Draw with mouse, pen or finger. By keyboard: arrow keys move the pen, Space sets it down "
        "and lifts it."
    )
    press(page, "Shift+ArrowUp", 5)
    press(page, "ArrowLeft", 14)
    assert ink(page) == 0
    page.keyboard.press("Space")
    expect(page.locator("#pen-state")).to_have_text("Pen down")
    press(page, "ArrowRight", 27)
    page.keyboard.down("Shift")
    for step in range(10):
        page.keyboard.down("ArrowDown")
        page.keyboard.up("ArrowDown")
        if step % 2:
            page.keyboard.press("ArrowLeft")
    page.keyboard.up("Shift")
    page.keyboard.press("Space")
    expect(page.locator("#pen-state")).to_have_text("Pen up")
    expect(page.locator("#verdict-text")).to_have_text("7")
    expect(page.locator("#announcement")).to_contain_text("7, ")

    drawn = ink(page)
    press(page, "ArrowUp", 5)
    assert ink(page) == drawn, "the pen is up"


def test_a_key_held_moves_on_and_two_move_diagonally(page: Page) -> None:
    focus_sheet(page)
    start = page.locator("#cursor").bounding_box()
    page.keyboard.down("ArrowRight")
    page.keyboard.down("ArrowDown")
    page.wait_for_function(
        "left => document.getElementById('cursor').getBoundingClientRect().left > left + 60",
        arg=start["x"] if start else 0,
    )
    page.keyboard.up("ArrowRight")
    page.keyboard.up("ArrowDown")
    end = page.locator("#cursor").bounding_box()
    assert start and end
    right, down = end["x"] - start["x"], end["y"] - start["y"]
    assert abs(right - down) < 30
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.locator("#cursor").bounding_box() == end


def test_shift_moves_faster(page: Page) -> None:
    focus_sheet(page)
    places = [page.locator("#cursor").bounding_box()]
    for key in ("ArrowLeft", "Shift+ArrowLeft"):
        page.keyboard.press(key)
        places.append(page.locator("#cursor").bounding_box())
    start, slow, fast = (place["x"] for place in places if place)
    assert slow - fast > 3 * (start - slow) > 0


def test_the_cursor_stays_on_the_sheet(page: Page) -> None:
    focus_sheet(page)
    page.keyboard.press("Space")
    press(page, "Shift+ArrowUp", 20)
    cursor = page.locator("#cursor").bounding_box()
    sheet = page.locator("#drawing").bounding_box()
    assert cursor and sheet
    assert cursor["y"] + cursor["height"] / 2 >= sheet["y"] - 1


def test_leaving_the_sheet_lifts_the_pen(page: Page) -> None:
    focus_sheet(page)
    page.keyboard.press("Space")
    press(page, "ArrowDown", 5)
    page.keyboard.press("Tab")  # and this is no trap
    expect(page.get_by_role("radio", name="Medium")).to_be_focused()
    expect(page.locator("#pen-state")).to_have_text("Pen up")
    page.keyboard.press("Shift+Tab")
    drawn = ink(page)
    press(page, "ArrowLeft", 10)
    assert ink(page) == drawn


def test_escape_and_undo_lift_the_pen(page: Page) -> None:
    focus_sheet(page)
    for key in ("Escape", "Control+z"):
        page.keyboard.press("Space")
        press(page, "ArrowDown", 3)
        page.keyboard.press(key)
        expect(page.locator("#pen-state")).to_have_text("Pen up")
        assert ink(page) == 0
        press(page, "ArrowUp", 3)
        assert ink(page) == 0


def test_every_tool_is_reached_by_tab_in_the_order_one_sees(page: Page) -> None:
    focus_sheet(page)
    names = []
    for _ in range(8):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "document.activeElement.ariaLabel ?? document.activeElement.innerText.trim()"
            )
        )
    assert names == ["Medium", "Wide sheet", "Undo", "Redo", "Clear", "Gallery", "Picture", "Share"]


def test_the_keys_are_told(page: Page) -> None:
    page.locator("summary", has_text="By keyboard").click()
    expect(page.locator(".keys").get_by_text("pen down, pen up")).to_be_visible()
