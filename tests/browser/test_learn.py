"""Watch it learn: what the network would have answered at moments of its training."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.browser import draw_with_finger, draw_with_mouse, turn_to
from benchmarks.servers import Server
from classifier import HandwrittenDigitsClassifier
from tests.browser.chapters import Posted
from tests.browser.conftest import opened
from tests.handwriting import DIGITS

LAST = 9


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Moment of the training")


def filters(page: Page) -> str:
    pixels: str = page.evaluate("document.getElementById('filters').toDataURL()")
    return pixels


def test_each_moment_is_what_the_library_says(
    page: Page, classifier: HandwrittenDigitsClassifier
) -> None:
    posted = Posted(page)
    draw_with_mouse(page, DIGITS[5])
    turn_to(page, "learn")
    snapshots = classifier.snapshots(posted.pictures("/explain/snapshots")[-1])
    assert len(snapshots) == LAST + 1
    marks = page.locator("#learn-plot .snapshot")
    expect(marks).to_have_text([re.compile(f"^{each.digit}") for each in snapshots])

    slider(page).focus()
    page.keyboard.press("Home")
    pictures = set()
    for moment, snapshot in enumerate(snapshots):
        expect(page.locator("#learn-read")).to_have_text(str(snapshot.digit))
        expect(slider(page)).to_have_attribute(
            "aria-valuetext", re.compile(f"answered {snapshot.digit}, ")
        )
        assert snapshot.accuracy is not None
        expect(page.locator("#learn-told")).to_contain_text(f"{100 * snapshot.accuracy:.1f}\u00a0%")
        expect(marks.nth(moment)).to_have_class("snapshot now")
        expect(page.locator("#learn-plot .now")).to_have_count(1)
        shares = page.locator("#learn-columns span").evaluate_all(
            "all => all.map((each) => Number(each.style.getPropertyValue('--share')))"
        )
        assert shares == pytest.approx(snapshot.probabilities, abs=1e-5)
        pictures.add(filters(page))
        page.keyboard.press("ArrowRight")
    assert len(pictures) == len(snapshots)
    expect(page.locator("#learn-read")).to_have_text("5")


def test_it_stays_at_its_moment_when_the_drawing_changes(page: Page) -> None:
    draw_with_mouse(page, DIGITS[5])
    turn_to(page, "learn")
    slider(page).fill(str(LAST))
    page.evaluate("scrollTo(0, 0)")
    page.click("#clear")
    draw_with_mouse(page, DIGITS[3])
    turn_to(page, "learn")
    expect(slider(page)).to_have_value(str(LAST))
    expect(page.locator("#learn-read")).to_have_text("3")


def test_it_plays_to_the_end(page: Page) -> None:
    draw_with_mouse(page, DIGITS[5])
    turn_to(page, "learn")
    slider(page).fill(str(LAST - 1))
    page.click("#learn button")
    expect(slider(page)).to_have_value(str(LAST))
    expect(page.locator("#learn button")).to_have_text("Play")


def test_where_motion_is_unwelcome_it_steps(browser: Browser, server: Server) -> None:
    for page in opened(browser, server.address, reduced_motion="reduce"):
        draw_with_mouse(page, DIGITS[5])
        turn_to(page, "learn")
        page.locator("#learn").get_by_role("button", name="Step").click()
        expect(slider(page)).to_have_value("1")


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Page]:
    options = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    yield from opened(browser, server.address, **options)


def test_by_touch(phone: Page) -> None:
    draw_with_finger(phone, DIGITS[5])
    turn_to(phone, "learn")
    box = slider(phone).bounding_box()
    assert box is not None
    slider(phone).tap(position={"x": box["width"] - 3, "y": box["height"] / 2})
    expect(slider(phone)).to_have_value(str(LAST))
    expect(phone.locator("#learn-read")).to_have_text("5")
