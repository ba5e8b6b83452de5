"""What if: the drawing altered, and the answer that follows."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from benchmarks.browser import draw_with_finger, draw_with_mouse, turn_to
from benchmarks.servers import Server
from classifier import Alteration, HandwrittenDigitsClassifier
from tests.browser.chapters import Posted
from tests.browser.conftest import eventually, opened
from tests.browser.test_page import small
from tests.handwriting import DIGITS


def slider(page: Page, name: str) -> Locator:
    return page.locator(f"#alter [name={name}]")


def seen(page: Page) -> str:
    src = page.get_attribute("#altered-seen", "src")
    assert src is not None
    return src


def show(page: Page, digit: int) -> None:
    draw_with_mouse(page, DIGITS[digit])
    turn_to(page, "what-if")


def test_unaltered_it_is_the_answer(page: Page) -> None:
    show(page, 7)
    expect(page.locator("#altered-read")).to_have_text("7")
    expect(page.locator("#what-if-told")).to_have_text(re.compile("^Its best guess is 7, with"))
    assert seen(page) == page.get_attribute("#seen", "src")
    expect(page.locator("#lesson")).to_be_empty()


def test_a_6_on_its_head_is_a_9(page: Page) -> None:
    show(page, 6)
    slider(page, "turn").focus()
    page.keyboard.press("End")
    expect(page.locator("#altered-read")).to_have_text("9")
    expect(slider(page, "turn")).to_have_attribute("aria-valuetext", "180° to the right")
    expect(page.locator("#altered-columns")).to_have_attribute("aria-label", re.compile(": 9 with"))
    expect(page.locator("#what-if-announcement")).to_have_text(
        re.compile("^It changes its mind: 9, with")
    )
    page.click("text=Put it all back")
    expect(page.locator("#altered-read")).to_have_text("6")
    expect(slider(page, "turn")).to_have_value("0")


def test_moving_changes_nothing_unless_centring_is_off(page: Page) -> None:
    show(page, 7)
    unaltered = seen(page)
    drawn = page.evaluate("document.getElementById('altered-sheet').toDataURL()")
    slider(page, "right").focus()
    posted = Posted(page)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(slider(page, "right")).to_have_attribute("aria-valuetext", "6 squares right")
    expect(page.locator("#lesson")).to_contain_text("Moving it makes no difference")
    expect(page.locator("#what-if")).not_to_have_class(re.compile("is-waiting"))
    assert "right=6" in posted.urls("/explain/what-if")[-1]
    assert seen(page) == unaltered
    assert page.evaluate("document.getElementById('altered-sheet').toDataURL()") != drawn

    page.get_by_role("switch", name="Centre of mass").focus()
    page.keyboard.press("Space")
    expect(page.locator("#altered-seen")).not_to_have_attribute("src", unaltered)
    expect(page.locator("#lesson")).to_contain_text("Nothing puts it back")


def test_without_fitting_it_keeps_its_size(page: Page) -> None:
    draw_with_mouse(page, small(7, 25, 25, 40))
    turn_to(page, "what-if")
    unaltered = seen(page)
    page.get_by_role("switch", name="Fit it").click()
    expect(page.locator("#altered-seen")).not_to_have_attribute("src", unaltered)
    expect(page.locator("#lesson")).to_contain_text("It keeps the size")


def test_what_is_shown_is_what_the_library_says(
    page: Page, classifier: HandwrittenDigitsClassifier
) -> None:
    show(page, 4)
    posted = Posted(page)
    unaltered = seen(page)
    slider(page, "turn").fill("-40")
    slider(page, "pen").fill("6")
    slider(page, "down").fill("3")
    page.get_by_role("switch", name="Centre of mass").click()
    expect(page.locator("#altered-seen")).not_to_have_attribute("src", unaltered)
    expect(page.locator("#what-if")).not_to_have_class(re.compile("is-waiting"))

    path = "/explain/what-if"
    alteration = Alteration(down=3, turn=-40, pen=2, centre=False, sheet=posted.sheet(path))
    reading = classifier.alter(posted.pictures(path)[-1], alteration)
    assert seen(page) == f"data:image/png;base64,{base64.b64encode(reading.png()).decode()}"
    expect(page.locator("#altered-read")).to_have_text(str(reading.digit))


def test_one_request_at_a_time_and_the_newest_wins(page: Page) -> None:
    show(page, 7)
    held: list[Route] = []
    page.route("**/explain/what-if?*", lambda route: held.append(route))
    slider(page, "turn").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    eventually(page, lambda: held)
    page.wait_for_timeout(200)
    assert len(held) == 1
    assert "turn=1&" in held[0].request.url
    with page.expect_request("**/explain/what-if?*") as second:
        held[0].continue_()
    assert "turn=5&" in second.value.url
    eventually(page, lambda: len(held) == 2)
    held[1].continue_()
    expect(page.locator("#what-if")).not_to_have_class(re.compile("is-waiting"))
    page.wait_for_timeout(100)
    assert len(held) == 2


def test_the_sliders_recover_when_the_server_does(page: Page) -> None:
    show(page, 6)
    page.route("**/explain/what-if?*", lambda route: route.abort())
    slider(page, "turn").fill("180")
    expect(page.locator("#what-if > .panel-trouble")).to_contain_text("out of reach")
    page.unroute_all()
    expect(page.locator("#altered-read")).to_have_text("9")


def test_the_least_changes_can_be_tried(
    page: Page, classifier: HandwrittenDigitsClassifier
) -> None:
    posted = Posted(page)
    show(page, 1)
    turn_to(page, "least")
    path = "/explain/least-changes"
    picture, sheet = posted.pictures(path)[-1], posted.sheet(path)
    changes = classifier.least_changes(picture, sheet=sheet)
    assert changes
    items = page.locator("#changes li")
    expect(items).to_have_count(len(changes))
    for item, change in zip(items.all(), changes, strict=True):
        expect(item.locator("b")).to_have_text(str(change.reading.digit))
        item.get_by_role("button").click()
        src = item.locator("img").get_attribute("src")
        assert src is not None
        expect(page.locator("#altered-seen")).to_have_attribute("src", src)
        expect(page.locator("#altered-read")).to_have_text(str(change.reading.digit))
        turn = str(round(change.alteration.turn))
        expect(slider(page, "turn")).to_have_value(turn)


def test_where_nothing_makes_it_flip_it_says_so(page: Page) -> None:
    page.route("**/explain/least-changes?*", lambda route: route.fulfill(json={"changes": []}))
    show(page, 7)
    turn_to(page, "least")
    expect(page.locator("#no-changes")).to_contain_text("Nothing I tried changes its mind")
    expect(page.locator("#changes li")).to_have_count(0)


def test_a_new_drawing_begins_unaltered(page: Page) -> None:
    show(page, 6)
    slider(page, "turn").fill("180")
    expect(page.locator("#altered-read")).to_have_text("9")
    page.evaluate("scrollTo(0, 0)")
    page.click("#clear")
    show(page, 3)
    expect(page.locator("#altered-read")).to_have_text("3")
    expect(slider(page, "turn")).to_have_value("0")
    assert seen(page) == page.get_attribute("#seen", "src")


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Page]:
    options = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    yield from opened(browser, server.address, **options)


def test_by_touch(phone: Page) -> None:
    draw_with_finger(phone, DIGITS[6])
    turn_to(phone, "what-if")
    box = slider(phone, "turn").bounding_box()
    assert box is not None
    slider(phone, "turn").tap(position={"x": box["width"] - 2, "y": box["height"] / 2})
    expect(phone.locator("#altered-read")).to_have_text("9")
    phone.get_by_text("Centre of mass to the middle").tap()
    expect(phone.get_by_role("switch", name="Centre of mass")).not_to_be_checked()
