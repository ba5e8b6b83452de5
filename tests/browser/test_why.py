"""Why: which ink spoke for a digit, and which against."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.browser import draw_with_finger, draw_with_mouse, turn_to
from benchmarks.servers import Server
from classifier import HandwrittenDigitsClassifier
from tests.browser.chapters import Posted
from tests.browser.conftest import opened
from tests.browser.test_page import small
from tests.handwriting import DIGITS

BLUE, RED = (0x22, 0x38, 0x6B), (0xB3, 0x26, 0x1E)
HEARD = "#why-told"


def choice(page: Page, digit: int) -> Locator:
    return page.locator(".choice input").nth(digit)


def painted(page: Page) -> NDArray[np.uint8]:
    """(28, 28, 3): the colours of the heat map."""
    pixels = page.evaluate(
        """() => {
            const copy = new OffscreenCanvas(28, 28).getContext("2d");
            copy.drawImage(document.getElementById("heat"), 0, 0);
            return [...copy.getImageData(0, 0, 28, 28).data];
        }"""
    )
    return np.array(pixels, np.uint8).reshape(28, 28, 4)[..., :3]


def test_the_strongest_ink_has_the_strongest_colour(
    page: Page, classifier: HandwrittenDigitsClassifier
) -> None:
    posted = Posted(page)
    draw_with_mouse(page, DIGITS[6])
    turn_to(page, "why")
    heat = classifier.heat_map(posted.pictures("/explain/heat-map")[-1]).heat
    expect(choice(page, 6)).to_be_checked()
    spoke_for = np.unravel_index(heat[6].argmax(), (28, 28))
    assert tuple(painted(page)[spoke_for]) == pytest.approx(BLUE, abs=2)
    assert tuple(painted(page)[0, 0]) == (0xFD, 0xFC, 0xF7)

    choice(page, 5).check()
    expect(page.locator("#heat")).to_have_attribute("aria-label", re.compile("for a 5$"))
    spoke_against = np.unravel_index(heat[5].argmin(), (28, 28))
    assert tuple(painted(page)[spoke_against]) == pytest.approx(RED, abs=2)


def test_it_is_told_in_words(page: Page) -> None:
    draw_with_mouse(page, DIGITS[6])
    turn_to(page, "why")
    expect(page.locator(HEARD)).to_have_text(
        "Most of what spoke for the 6 lies at the bottom, on the left. "
        "Hardly any ink spoke against it."
    )


def test_any_digit_can_be_chosen_by_keyboard(page: Page) -> None:
    draw_with_mouse(page, DIGITS[7])
    turn_to(page, "why")
    choice(page, 7).focus()
    before = painted(page)
    page.keyboard.press("ArrowRight")
    expect(choice(page, 8)).to_be_checked()
    expect(choice(page, 8)).to_be_focused()
    expect(page.locator(HEARD)).to_contain_text("for a 8")
    assert (painted(page) != before).any()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(HEARD)).to_contain_text("for the 7")
    assert (painted(page) == before).all()


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Page]:
    options = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
    yield from opened(browser, server.address, **options)


def test_any_digit_can_be_chosen_by_touch(phone: Page) -> None:
    draw_with_finger(phone, DIGITS[7])
    turn_to(phone, "why")
    choice(phone, 1).tap()
    expect(choice(phone, 1)).to_be_checked()
    expect(phone.locator(HEARD)).to_contain_text("a 1")


def test_it_is_about_the_chosen_digit_of_a_number(page: Page) -> None:
    draw_with_mouse(page, [*small(4, 0, 25), *small(2, 50, 25)])
    for place, digit in enumerate((4, 2)):
        page.locator(".digit").nth(place).click()
        turn_to(page, "why")
        expect(choice(page, digit)).to_be_checked()


def test_it_is_painted_anew_in_the_dark(page: Page) -> None:
    draw_with_mouse(page, DIGITS[7])
    turn_to(page, "why")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        """() => {
            const copy = new OffscreenCanvas(28, 28).getContext("2d");
            copy.drawImage(document.getElementById("heat"), 0, 0);
            return String(copy.getImageData(0, 0, 1, 1).data) === "29,34,43,255";
        }"""
    )
