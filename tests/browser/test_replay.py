"""Stroke by stroke: what was read while the drawing grew."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.browser import draw_with_finger, draw_with_mouse, turn_to
from benchmarks.servers import Server
from classifier import HandwrittenDigitsClassifier
from tests.browser.chapters import Posted
from tests.browser.conftest import opened, settle
from tests.browser.test_gallery import choose_from_gallery
from tests.browser.test_page import small
from tests.handwriting import DIGITS, as_png, draw

MOMENTS = 28


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Moment of the drawing")


def ink(page: Page) -> int:
    """How many of the small sheet's pixels are inked."""
    count: int = page.evaluate(
        """() => {
            const canvas = document.getElementById("replay-sheet");
            const { width, height } = canvas;
            const copy = new OffscreenCanvas(width, height).getContext("2d");
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
            return data.filter((value, k) => k % 4 === 3 && value > 127).length;
        }"""
    )
    return count


def test_each_moment_shows_what_was_read_then(
    page: Page, classifier: HandwrittenDigitsClassifier
) -> None:
    draw_with_mouse(page, DIGITS[6])
    settle(page)
    expect(page.locator("#verdict-text")).to_have_text("6")
    posted = Posted(page)
    turn_to(page, "replay")
    pictures = posted.pictures("/predict")
    assert len(pictures) == MOMENTS - 1, "the whole drawing has been read"
    answers = [classifier.predict(picture) for picture in pictures]
    texts = [*(answer.text or "?" for answer in answers), "6"]
    expect(page.locator(".piece")).to_have_text([text for text, _ in itertools.groupby(texts)])

    expect(page.locator("#replay-read")).to_have_text("6")
    slider(page).focus()
    page.keyboard.press("Home")
    inks = []
    for answer in answers:
        expect(page.locator("#replay-read")).to_have_text(answer.text or "?")
        if answer.reason:
            expect(page.locator("#replay-told")).to_have_text(answer.reason)
        inks.append(ink(page))
        page.keyboard.press("ArrowRight")
    assert inks == sorted(inks)
    assert inks[0] < inks[-1] / 4
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("^6, .* sure$"))


def test_the_chart_has_a_named_line_for_each_digit_that_mattered(page: Page) -> None:
    draw_with_mouse(page, DIGITS[6])
    turn_to(page, "replay")
    names = page.locator("#replay-plot .line-name")
    expect(names.filter(has_text="6")).to_have_count(1)
    expect(page.locator("#replay-plot .line.main")).to_have_count(1)
    expect(page.locator("#replay-plot .line")).to_have_count(names.count())
    label = page.get_attribute("#replay-plot", "aria-label")
    assert label is not None
    assert label.startswith("How likely each digit was while you drew: ")
    assert "6 up to" in label


def test_it_plays_to_the_end(page: Page) -> None:
    draw_with_mouse(page, DIGITS[7])
    turn_to(page, "replay")
    slider(page).fill(str(MOMENTS - 4))
    page.click("#replay button")
    expect(page.locator("#replay button")).to_have_text("Pause")
    expect(slider(page)).to_have_value(str(MOMENTS - 1))
    expect(page.locator("#replay button")).to_have_text("Play")

    page.click("#replay button")
    expect(slider(page)).not_to_have_value(str(MOMENTS - 1))
    page.click("#replay button")
    expect(page.locator("#replay button")).to_have_text("Play")


def test_where_motion_is_unwelcome_it_steps(browser: Browser, server: Server) -> None:
    for page in opened(browser, server.address, reduced_motion="reduce"):
        draw_with_mouse(page, DIGITS[7])
        turn_to(page, "replay")
        step = page.get_by_role("button", name="Step").and_(page.locator("#replay button"))
        slider(page).fill("3")
        step.click()
        page.wait_for_timeout(400)
        expect(slider(page)).to_have_value("4")
        slider(page).fill(str(MOMENTS - 1))
        step.click()
        expect(slider(page)).to_have_value("0")


def test_of_a_number_it_shows_the_text(page: Page) -> None:
    draw_with_mouse(page, [*small(4, 0, 25), *small(2, 50, 25)])
    expect(page.locator("#verdict-text")).to_have_text("42")
    turn_to(page, "replay")
    expect(page.locator("#replay-plot")).to_be_hidden()
    expect(page.locator("#replay-read")).to_have_text("42")
    expect(page.locator("#replay-ribbon")).to_have_attribute("aria-label", re.compile("then 42$"))
    slider(page).fill("12")
    expect(page.locator("#replay-read")).not_to_have_text("42")


def test_another_digit_of_the_number_needs_no_other_replay(page: Page) -> None:
    draw_with_mouse(page, [*small(4, 0, 25), *small(2, 50, 25)])
    turn_to(page, "replay")
    posted = Posted(page)
    page.locator('.digit[aria-pressed="false"]').click()
    turn_to(page, "replay")
    assert posted.urls("/predict") == []
    expect(page.locator("#replay-read")).to_have_text("42")


def test_no_part_of_an_answer_is_shown_as_another_one(browser: Browser, server: Server) -> None:
    """What is cut off would be: 314 of 31415."""
    for page in opened(browser, server.address, viewport={"width": 360, "height": 740}):
        choose_from_gallery(page, "the start of pi")
        expect(page.locator("#verdict-text")).to_have_text("31415")
        turn_to(page, "replay")
        shown = page.locator(".piece:not(.is-cut-off)").evaluate_all(
            "all => all.map((piece) => [piece.scrollWidth, piece.clientWidth])"
        )
        assert shown
        assert all(needed <= there for needed, there in shown)
        hidden = page.locator(".piece.is-cut-off").first
        expect(hidden).to_have_css("color", "rgba(0, 0, 0, 0)")
        expect(page.locator("#replay-read")).to_have_text("31415")


def test_only_drawings_can_be_replayed(page: Page, tmp_path: Path) -> None:
    draw_with_mouse(page, DIGITS[7])
    turn_to(page, "replay")
    expect(page.locator("#no-strokes")).to_be_hidden()
    picture = tmp_path / "3.png"
    picture.write_bytes(as_png(draw(3)))
    page.set_input_files("#upload-file", picture)
    expect(page.locator("#verdict-text")).to_have_text("3")
    turn_to(page, "replay")
    expect(page.locator("#no-strokes")).to_be_visible()
    expect(slider(page)).to_be_hidden()
    turn_to(page, "what-if")
    expect(page.locator("#altered-read")).to_have_text("3")
    expect(page.locator("#altered-sheet")).to_be_hidden()


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Page]:
    options = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    yield from opened(browser, server.address, **options)


def test_by_touch(phone: Page) -> None:
    draw_with_finger(phone, DIGITS[7])
    turn_to(phone, "replay")
    before = ink(phone)
    box = slider(phone).bounding_box()
    assert box is not None
    slider(phone).tap(position={"x": box["width"] / 3, "y": box["height"] / 2})
    expect(slider(phone)).not_to_have_value(str(MOMENTS - 1))
    assert 0 < ink(phone) < before
