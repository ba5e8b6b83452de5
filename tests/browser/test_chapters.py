"""What all chapters have in common: they are true of what is drawn, or say what is in the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from benchmarks.browser import draw_with_mouse, turn_to
from benchmarks.servers import Server
from tests.browser.axe import violations
from tests.browser.conftest import eventually, opened, settle
from tests.handwriting import DIGITS

# The address that each asks, and what then shows a 7.
CHAPTERS = {
    "why": ("**/explain/heat-map?*", ".choice:has(:checked) b"),
    "what-if": ("**/explain/what-if?*", "#altered-read"),
    "replay": ("**/predict", "#replay-read"),
    "learn": ("**/explain/snapshots?*", ".snapshot:last-child"),
}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_is_out_of_date_is_never_shown(page: Page, chapter: str) -> None:
    address, answer = CHAPTERS[chapter]
    draw_with_mouse(page, DIGITS[7])
    turn_to(page, chapter)
    expect(page.locator(answer)).to_contain_text("7")

    page.evaluate("scrollTo(0, 0)")
    page.click("#clear")
    expect(page.locator("#chapters")).to_be_hidden()
    draw_with_mouse(page, DIGITS[3])
    settle(page)
    expect(page.locator("#verdict-text")).to_have_text("3")
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    page.evaluate("id => document.getElementById(id).scrollIntoView()", chapter)
    section = page.locator(f"#{chapter}")
    expect(section).to_have_attribute("data-state", "loading")
    expect(section.locator(".chapter-body")).to_have_css("opacity", "0")
    eventually(page, lambda: held)
    held[0].continue_()
    page.unroute_all()
    turn_to(page, chapter)
    expect(page.locator(answer)).to_contain_text("3")
    expect(section.locator(".chapter-body")).to_have_css("opacity", "1")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_comes_too_late_is_not_shown(page: Page, chapter: str) -> None:
    """While the answer to a 1 is under way, the drawing becomes a 7."""
    address, answer = CHAPTERS[chapter]
    draw_with_mouse(page, DIGITS[1])
    settle(page)
    expect(page.locator("#verdict-text")).to_have_text("1")
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    page.evaluate("id => document.getElementById(id).scrollIntoView()", chapter)
    eventually(page, lambda: held)
    page.unroute(address)
    page.evaluate("scrollTo(0, 0)")
    draw_with_mouse(page, [[(50, 10), (20, 10)], [(20, 11), (50, 11)]])
    expect(page.locator("#verdict-text")).to_have_text("7")
    turn_to(page, chapter)
    expect(page.locator(answer)).to_contain_text("7")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_server_out_of_reach_is_told_and_it_recovers(page: Page, chapter: str) -> None:
    address, answer = CHAPTERS[chapter]
    draw_with_mouse(page, DIGITS[7])
    settle(page)
    expect(page.locator("#verdict-text")).to_have_text("7")
    page.route(address, lambda route: route.abort())
    page.evaluate("id => document.getElementById(id).scrollIntoView()", chapter)
    trouble = page.locator(f"#{chapter} > .panel-trouble")
    expect(trouble).to_have_text("The server is out of reach; trying again.")
    page.unroute(address)
    expect(page.locator(answer)).to_contain_text("7")
    expect(trouble).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (768, "light"), (1440, "dark")])
def test_every_chapter_fits_and_anyone_can_use_it(
    browser: Browser, server: Server, width: int, scheme: str
) -> None:
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    for page in opened(browser, server.address, **options):
        draw_with_mouse(page, DIGITS[6])
        for chapter in (*CHAPTERS, "least"):
            turn_to(page, chapter)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []


@pytest.mark.parametrize("way", ["reload", "back"])
def test_the_visitor_comes_back_to_where_they_were_reading(page: Page, way: str) -> None:
    """Though at first no chapter is filled, and the page is short."""
    draw_with_mouse(page, DIGITS[7])
    for chapter in ("how", *CHAPTERS):
        turn_to(page, chapter)
    turn_to(page, "replay")
    page.evaluate("scrollBy(0, 40)")
    before = top_of(page, "replay")
    if way == "reload":
        page.reload()
    else:
        page.goto(page.url + "model")
        page.go_back()
    expect(page.locator("#replay")).to_have_attribute("data-state", "shown")
    eventually(page, lambda: abs(top_of(page, "replay") - before) < 3)


def test_a_page_that_is_opened_anew_begins_at_its_top(page: Page) -> None:
    draw_with_mouse(page, DIGITS[7])
    turn_to(page, "why")
    page.goto(page.url + "model")
    page.get_by_role("link", name="Draw").click()
    expect(page.locator("#verdict-text")).to_have_text("7")
    expect(page.locator("#learn")).to_have_attribute("data-state", "loading")
    assert page.evaluate("scrollY") == 0


def top_of(page: Page, chapter: str) -> float:
    top: float = page.evaluate(
        "id => document.getElementById(id).getBoundingClientRect().top", chapter
    )
    return top


def test_escape_clears_nothing_while_one_reads_further_down(page: Page) -> None:
    draw_with_mouse(page, DIGITS[7])
    turn_to(page, "learn")
    page.locator("#learn input").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#clear")).to_be_enabled()
    page.locator("#clear").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#clear")).to_be_disabled()


def test_a_telephone_on_its_side_has_the_list_of_chapters_and_their_first_words(
    browser: Browser, server: Server
) -> None:
    for page in opened(browser, server.address, viewport={"width": 740, "height": 360}):
        draw_with_mouse(page, DIGITS[7])
        page.get_by_role("navigation", name="Chapters").get_by_role("link", name="Why").click()
        expect(page.locator("#why")).to_have_attribute("data-state", "shown")
        expect(page.locator("#why .chapter-head p")).to_be_visible()


def test_a_chapter_that_takes_long_says_that_it_is_on_its_way(page: Page) -> None:
    page.route("**/explain/heat-map?*", lambda route: None)
    draw_with_mouse(page, DIGITS[7])
    page.locator("#why").scroll_into_view_if_needed()
    expect(page.locator("#why")).to_have_attribute("data-state", "loading")
    # A function: to work out an expression more than once, the policy of the page forbids.
    page.wait_for_function(
        """() => {
            const told = getComputedStyle(document.querySelector("#why .chapter-head"), "::after");
            return told.visibility === "visible" && told.content.includes("Asking");
        }"""
    )
