"""The answer: what it shows, how it follows the pen, and what happens if it is late or lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser import hand
from tests.browser.conftest import Visit
from tests.handwriting import as_png, draw_number

NOTE = "#verdict-note"
TOOTHED = [*hand.small(3, 0, 25), [(60 + 0.4 * x, y) for x, y in hand.TEETH[0]]]


def test_a_number_is_shown_digit_by_digit(page: Page) -> None:
    hand.write(page, hand.FORTY_TWO, "42")
    hand.expect_state(page, "number")
    sure = re.compile(r"^42, .*\d\d.% sure of the least certain digit$")
    expect(page.get_by_role("status")).to_have_text(sure)
    expect(page.locator(".digit b")).to_have_text(["4", "2"])
    expect(page.locator(".digit .percent")).to_have_text([re.compile(r"\d\d.%")] * 2)
    chosen = page.locator('.digit[aria-pressed="true"]')
    expect(chosen).to_have_count(1)
    for digit in ("4", "2"):
        tile = page.get_by_role("button", name=digit)
        tile.press("Enter")
        expect(chosen.locator("b")).to_have_text(digit)
        expect(page.locator(".likeliest th")).to_have_text(digit)
        expect(page.locator("#places .is-chosen b")).to_have_text(digit)
        image = tile.locator("img").get_attribute("src")
        expect(page.locator("#seen")).to_have_attribute("src", str(image))
    boxes = [page.locator(each).bounding_box() for each in ("#drawing", "#places .is-chosen")]
    sheet, two = (box["x"] + box["width"] / 2 for box in boxes if box)
    assert two > sheet, "the label is on the right half"
    held = hand.Held(page)
    hand.draw_with_mouse(page, [[(40, 90)]])
    held.wait_for(1)
    expect(page.locator("#places b")).to_have_count(0)  # the answer is about less ink
    page.unroute_all()
    page.click("#clear")
    expect(page.locator(".digit")).to_have_count(0)


@pytest.mark.parametrize(
    ("strokes", "reason", "digits"),
    [
        (hand.DOT, "a spot rather than a digit", 0),
        (hand.TEETH, "does not look like a digit", 0),
        (TOOTHED, "Digit 2 of 2 ", 2),
    ],
)
def test_unsure_it_says_why(
    page: Page, strokes: list[hand.Stroke], reason: str, digits: int
) -> None:
    hand.draw_with_mouse(page, strokes)
    for told in (page.get_by_role("status"), page.locator(NOTE)):
        expect(told).to_contain_text(reason)
    hand.expect_state(page, "unsure")
    hand.expect_answer(page, "?")
    expect(page.locator(".digit")).to_have_count(digits)
    if digits:
        expect(page.locator(".digit").nth(1)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("lines", [["31415926535897932384"], ["1"] * 20])
def test_a_long_number_fits_at_any_width(page: Page, lines: list[str]) -> None:
    hand.upload(page, as_png(draw_number(*lines)))
    hand.expect_answer(page, " ".join(lines))
    assert page.inner_text("#verdict-text") == "\n".join(lines)
    expect(page.locator(".digit")).to_have_count(len("".join(lines)))
    for width in (320, 360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        text = page.locator("#verdict-text")
        assert text.evaluate("text => text.scrollWidth <= text.clientWidth")


def test_the_answer_follows_the_pen_while_it_is_down(page: Page) -> None:
    bottom, top, left = hand.on_page(page, [(45, 90), (60, 15), (20, 15)])
    page.mouse.move(*bottom)
    page.mouse.down()
    page.mouse.move(*top, steps=10)
    hand.expect_answer(page, "1")
    page.mouse.move(*left, steps=10)
    hand.expect_answer(page, "7")
    page.mouse.up()


def test_on_a_slow_network_the_newest_drawing_wins(page: Page) -> None:
    hand.write(page, hand.DOT, "?")
    held = hand.Held(page)
    page.click("#clear")
    hand.draw_with_mouse(page, hand.ONE)
    held.wait_for(1)
    hand.draw_with_mouse(page, hand.ROOF)
    hand.expect_state(page, "waiting")
    assert len(held.routes) == 1, "one request at a time"
    held.routes[0].continue_()  # an answer about the 1
    held.wait_for(2)
    hand.expect_state(page, "waiting")
    held.routes[1].continue_()
    hand.expect_answer(page, "7")
    hand.settle(page)
    assert len(held.routes) == 2


def test_an_answer_after_clear_or_undo_is_not_shown(page: Page) -> None:
    failed: list[Request] = []
    page.on("requestfailed", lambda request: failed.append(request))
    hand.write(page, hand.ONE, "1")
    held = hand.Held(page)
    hand.draw_with_mouse(page, hand.ROOF)
    held.wait_for(1)
    page.click("#undo")
    held.wait_for(2)
    held.routes[1].continue_()
    hand.settle(page)
    hand.expect_answer(page, "1")
    page.click("#clear")

    hand.draw_with_mouse(page, hand.DOT)
    held.wait_for(3)
    page.click("#clear")
    held.routes[2].continue_()
    hand.eventually(page, lambda: held.routes[2].request in failed)
    hand.expect_state(page, "blank")
    assert len(held.routes) == 3


def test_a_server_that_hangs_or_is_gone_is_reported_until_it_answers(visit: Visit) -> None:
    page = visit(is_alone=True)
    page.clock.install()
    held = hand.Held(page)
    hand.draw_with_mouse(page, hand.SEVEN)
    held.wait_for(1)
    drawn = hand.ink(page)
    trouble = "The server is out of reach. Your drawing is safe; trying again."
    page.clock.run_for(6_000)
    expect(page.locator(NOTE)).to_have_text(trouble)
    page.unroute_all()
    page.route("**/predict", lambda route: route.abort("connectionrefused"))
    with page.expect_event("requestfailed"):
        page.clock.run_for(8_000)  # a busy machine may have begun, and hold, another request
    expect(page.locator(NOTE)).to_have_text(trouble)
    page.unroute_all()
    page.clock.run_for(2_000)
    hand.expect_answer(page, "7")
    assert hand.ink(page) == drawn


@pytest.mark.parametrize(
    ("status", "headers", "body", "shown", "asked_after"),
    [
        (429, {"Retry-After": "30"}, "", "The server is busy", 30),
        (503, {"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}, "", "The server is busy", 1),
        (413, {}, '{"detail": "Expected less."}', "Expected less.", None),
        (403, {}, "<h1>A proxy</h1>", "The server gave no answer (status 403).", None),
    ],
)
def test_a_server_that_refuses_is_asked_again_only_if_it_is_busy(
    visit: Visit, status: int, headers: dict[str, str], body: str, shown: str, asked_after: int
) -> None:
    page = visit(is_alone=True)
    page.clock.install()
    held = hand.Held(page)
    hand.draw_with_mouse(page, hand.ONE)
    held.wait_for(1)
    held.routes[0].fulfill(status=status, headers=headers, body=body)
    expect(page.locator(NOTE)).to_contain_text(shown)
    page.clock.run_for(1000 * (asked_after or 11) - 900)
    assert len(held.routes) == 1
    if asked_after:
        page.clock.run_for(2_000)
        held.wait_for(2)
        held.routes[1].continue_()
        hand.expect_answer(page, "1")
