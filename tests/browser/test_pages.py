"""Every page in every state: accessible, without overflow, printable, small, self-contained."""

from __future__ import annotations

import re

import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser import hand
from tests.browser.conftest import PREFIX, Visit
from tests.handwriting import as_png, draw, draw_number

CHAPTERS = ("how", "why", "what-if", "least", "replay", "learn")
LOOKS = [(320, "light"), (1440, "dark")]
MAX_BYTES = 60_000  # of everything the page loads, as sent
# All rules except the experimental ones, and the one for targets of 24 pixels, once nothing moves.
AXE = """async () => {
    const moving = document.getAnimations()
        .filter((each) => each.effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map((each) => each.finished));
    const rules = { "target-size": { enabled: true } };
    const { violations } = await axe.run({ rules, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(
        ({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}"""
SHOW_NOSCRIPT = """() => {
    document.querySelectorAll(".needs-script").forEach((each) => each.remove());
    document.querySelectorAll("noscript").forEach((each) => each.outerHTML = each.textContent);
}"""
OVERFLOWING = """() => [...document.querySelectorAll(".chapter-body *")]
    .filter((part) => part.checkVisibility() && !part.closest(".announcement, .line-name, .plot"))
    .filter((part) => part.getBoundingClientRect().right >
        part.closest(".chapter-body").getBoundingClientRect().right + 1)
    .map((part) => part.outerHTML)"""


def check(page: Page) -> None:
    """Check the page's present state on a narrow and on a wide screen, light and dark."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)  # not add_script_tag, which the page's policy forbids
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OVERFLOWING) == []
        assert page.evaluate(AXE) == []


def test_the_page_to_draw_on(page: Page) -> None:
    hand.expect_state(page, "blank")
    check(page)
    hand.draw_with_mouse(page, hand.DOT)
    hand.expect_state(page, "unsure")
    check(page)
    page.click("#clear")
    hand.write(page, hand.FORTY_TWO, "42")
    check(page)
    page.route("**/predict", lambda route: None)
    page.click("#clear")
    hand.draw_with_mouse(page, hand.DOT)
    hand.expect_state(page, "waiting")
    check(page)
    page.unroute_all()
    page.route("**/predict", lambda route: route.abort())
    hand.draw_with_mouse(page, [[(20, 90), (30, 90)]])
    hand.expect_state(page, "trouble")
    check(page)
    page.click("#open-gallery")
    check(page)


def test_the_page_with_every_chapter_filled(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    hand.write(page, hand.SEVEN, "7")
    for chapter in CHAPTERS:
        hand.turn_to(page, chapter)
    check(page)


@pytest.mark.parametrize("path", ["model", "api", "nowhere"])
def test_the_other_pages(visit: Visit, path: str) -> None:
    page = visit(f"/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator("details").evaluate_all("all => all.forEach((each) => (each.open = true))")
    check(page)
    for plot in page.locator(".plot img").all():
        plot.scroll_into_view_if_needed()
        expect(plot).not_to_have_js_property("naturalWidth", 0)
        assert plot.evaluate("image => image.currentSrc").endswith("-dark.svg")
    page.keyboard.press("End")
    page.get_by_role("link", name="Draw").first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw a digit or a number")
    assert page.evaluate("scrollY") == 0


def choose_and_send(page: Page, content: bytes) -> None:
    """Send a picture by the form that needs no JavaScript."""
    hand.upload(page, content, "#image")
    with page.expect_navigation():
        page.get_by_role("button", name="Read it").click()


def test_without_javascript_a_picture_can_be_uploaded(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    expect(page.get_by_role("heading", name="Drawing needs JavaScript")).to_be_visible()
    expect(page.locator("#drawing")).to_be_hidden()
    choose_and_send(page, as_png(draw(9)))
    hand.expect_answer(page, "9")
    expect(page.locator("#verdict-note")).to_have_text(re.compile(r"\d\d.% sure"))
    expect(page.locator("#seen")).to_be_visible()
    choose_and_send(page, as_png(draw_number("90")))
    hand.expect_answer(page, "90")
    expect(page.locator(".digit b")).to_have_text(["9", "0"])
    choose_and_send(page, b"not a picture")
    expect(page.get_by_text("Expected a PNG")).to_be_visible()
    page.get_by_role("link", name="Back to the drawing").click()
    expect(page.locator("#verdict-note")).to_have_text("The answer appears here.")


def test_the_form_and_the_answer_without_javascript_are_accessible(page: Page) -> None:
    """As near as possible: axe-core is a script itself, so only the page's own are blocked."""
    page.route("**/*.js", lambda route: route.abort())
    for content in (b"", as_png(draw(9)), as_png(draw_number("90"))):
        page.goto(page.url)
        if content:
            page.evaluate(SHOW_NOSCRIPT)
            choose_and_send(page, content)
        page.evaluate(SHOW_NOSCRIPT)
        check(page)


def test_a_dark_page_prints_dark_on_white_with_its_bars(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    hand.write(page, hand.SEVEN, "7")
    hand.turn_to(page, "replay")
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            const canvases = [...document.querySelectorAll("#drawing, #replay-sheet")];
            window.printed = canvases.map((canvas) => canvas.toDataURL());
        })"""
    )
    page.pdf()  # as the browser prints
    for printed in map(hand.decoded, page.evaluate("printed")):
        pixels = np.asarray(printed.convert("RGBA"), int)
        assert pixels[pixels[..., 3] == 255, :3].sum(axis=1).min() < 500, "some ink is dark"
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("body")).to_have_css("color", "rgb(35, 38, 46)")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator(".likeliest progress")).to_have_css("print-color-adjust", "exact")
    expect(page.locator(".tools")).to_be_hidden()


def test_the_page_works_below_a_path_prefix(visit: Visit) -> None:
    page = visit(f"{PREFIX}/")
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.reload()
    hand.choose_from_gallery(page, "a plain 1")
    hand.expect_answer(page, "1")
    for chapter in CHAPTERS:
        hand.turn_to(page, chapter)
    page.reload()
    hand.expect_answer(page, "1")
    for name in ("The network", "The API", "Draw"):
        with page.expect_navigation():
            page.get_by_role("link", name=name).first.click()
    assert page.url.endswith(f"{PREFIX}/")
    paths = {url.split("/", 3)[3] for url in requested if url.startswith("http")}
    assert len(paths) > 40
    assert [path for path in paths if not path.startswith(PREFIX[1:])] == []

    form = visit(f"{PREFIX}/", java_script_enabled=False)
    choose_and_send(form, as_png(draw(9)))
    hand.expect_answer(form, "9")


def test_the_page_is_small_and_loads_nothing_twice(visit: Visit, address: str) -> None:
    page = visit("about:blank", is_alone=True)  # with an empty cache
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(address)
    # The headless browser does not load the icon by itself.
    size = page.evaluate(
        """async () => {
            await (await fetch(document.querySelector("link[rel=icon]").href)).blob();
            return ["navigation", "resource"]
                .flatMap((kind) => performance.getEntriesByType(kind))
                .reduce((sum, each) => sum + each.encodedBodySize, 0);
        }"""
    )
    assert 5_000 < size <= MAX_BYTES, size
    hand.write(page, hand.ONE, "1")
    page.wait_for_load_state("networkidle")
    page.reload()
    assert [url for url in requested if not url.startswith((address, "data:image/png"))] == []
    sent = page.evaluate(
        """() => performance.getEntriesByType("resource")
            .filter(({ name }) => name.includes("/static/"))
            .map(({ responseStatus, transferSize }) => [responseStatus, transferSize])"""
    )
    assert len(sent) > 30
    assert {tuple(each) for each in sent} == {(200, 0)}, "all from the browser's cache"
