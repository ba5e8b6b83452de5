"""A drawing outlives a reload, and goes round as a link."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import draw_with_mouse
from benchmarks.servers import Server
from tests.browser.conftest import module, opened
from tests.browser.test_gallery import choose_from_gallery
from tests.browser.test_page import ink
from tests.browser.test_picture import upload
from tests.handwriting import DIGITS, as_png, draw


@pytest.fixture
def clipboard(browser: Browser, server: Server) -> Iterator[Page]:
    """The page where the clipboard may be used."""
    permissions = ["clipboard-read", "clipboard-write"]
    yield from opened(browser, server.address, permissions=permissions)


def link(page: Page) -> str:
    """The link that the share button copies."""
    page.click("#share")
    expect(page.locator("#notice")).to_contain_text("The link is copied")
    # Read elsewhere: the page itself is not allowed to.
    elsewhere = page.context.new_page()
    elsewhere.route("**/*", lambda route: route.fulfill(body="<p>"))
    elsewhere.goto(page.url)
    text: str = elsewhere.evaluate("navigator.clipboard.readText()")
    elsewhere.close()
    return text


def test_a_drawing_outlives_a_reload(page: Page) -> None:
    page.get_by_role("radio", name="Fine").check()
    draw_with_mouse(page, DIGITS[4])
    expect(page.locator("#verdict-text")).to_have_text("4")
    drawn = ink(page)
    page.reload()
    expect(page.locator("#verdict-text")).to_have_text("4")
    assert ink(page) == drawn
    expect(page.locator("#undo")).to_be_disabled()
    page.click("#clear")
    page.reload()
    expect(page.locator("#answer")).to_have_attribute("data-state", "blank")
    assert ink(page) == 0


@pytest.mark.parametrize("item", ["sheet-strokes", "sheet-scan"])
def test_a_memory_that_means_nothing_is_forgotten(page: Page, item: str) -> None:
    page.evaluate("item => sessionStorage.setItem(item, 'data:image/png;base64,AAAA')", item)
    page.reload()
    draw_with_mouse(page, DIGITS[1])
    expect(page.locator("#verdict-text")).to_have_text("1")
    page.reload()
    expect(page.locator("#verdict-text")).to_have_text("1")


def test_a_link_shows_the_drawing_to_whoever_opens_it(
    clipboard: Page, browser: Browser, server: Server
) -> None:
    choose_from_gallery(clipboard, "the start of pi")
    drawn = ink(clipboard)
    text = link(clipboard)
    assert text.startswith(f"{server.address}/#draw=")
    assert len(text) < 1000
    requests: list[str] = []
    for page in opened(browser, "about:blank"):
        page.on("request", lambda request: requests.append(request.url))
        page.goto(text)
        expect(page.locator("#verdict-text")).to_have_text("31415")
        assert ink(page) == drawn
        assert requests and not [url for url in requests if "draw=" in url.split("#")[0]]


def test_once_it_is_changed_the_address_no_longer_claims_to_be_the_drawing(
    clipboard: Page, browser: Browser
) -> None:
    choose_from_gallery(clipboard, "a plain 1")
    text = link(clipboard)
    for page in opened(browser, text):
        expect(page.locator("#verdict-text")).to_have_text("1")
        page.click("#clear")
        draw_with_mouse(page, DIGITS[7])
        expect(page.locator("#verdict-text")).to_have_text("7")
        assert "#" not in page.url
        page.reload()
        expect(page.locator("#verdict-text")).to_have_text("7")


def test_a_link_in_the_same_tab_shows_its_drawing_and_undo_the_one_before(clipboard: Page) -> None:
    choose_from_gallery(clipboard, "an open 4")
    text = link(clipboard)
    choose_from_gallery(clipboard, "a heart")
    expect(clipboard.locator("#answer")).to_have_attribute("data-state", "unsure")
    clipboard.goto(text)
    expect(clipboard.locator("#verdict-text")).to_have_text("4")
    clipboard.click("#undo")
    expect(clipboard.locator("#answer")).to_have_attribute("data-state", "unsure")


@pytest.mark.parametrize(
    "fragment",
    ["draw=", "draw=1", "draw=2AAAA", "draw=1AAB", "draw=1%%%", "draw=1____", "tracking"],
)
def test_a_broken_link_is_told_and_ignored(browser: Browser, server: Server, fragment: str) -> None:
    for page in opened(browser, f"{server.address}/#{fragment}"):
        expect(page.locator("#notice")).to_contain_text("This link holds no drawing")
        expect(page.locator("#answer")).to_have_attribute("data-state", "blank")
        assert "#" not in page.url
        draw_with_mouse(page, DIGITS[1])
        expect(page.locator("#verdict-text")).to_have_text("1")


def test_a_fragment_that_names_a_part_of_the_page_is_left_alone(
    browser: Browser, server: Server
) -> None:
    for page in opened(browser, f"{server.address}/#answer"):
        draw_with_mouse(page, [[(50, 20), (50, 80)]])
        expect(page.locator("#verdict-text")).to_have_text("1")
        expect(page.locator("#notice")).to_be_empty()


def test_where_the_clipboard_is_refused_the_link_is_shown(page: Page) -> None:
    choose_from_gallery(page, "a looped 2")
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }"
    )
    page.click("#share")
    dialog = page.get_by_role("dialog", name="The link to your drawing")
    field = dialog.get_by_role("textbox")
    expect(field).to_have_value(re.compile("#draw=1"))
    expect(field).to_be_focused()
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#verdict-text")).to_have_text("2")


def test_on_a_telephone_the_system_shares(browser: Browser, server: Server) -> None:
    for page in opened(browser, server.address, has_touch=True, is_mobile=True):
        page.evaluate("() => { navigator.share = async (what) => { window.shared = what.url; }; }")
        choose_from_gallery(page, "a straight 9")
        page.tap("#share")
        page.wait_for_function("() => window.shared?.includes('#draw=1')")
        expect(page.locator("#notice")).to_be_empty()


def test_what_cannot_be_shared_says_why(clipboard: Page) -> None:
    share = clipboard.locator("#share")
    expect(share).to_be_disabled()
    share.click(force=True)
    expect(clipboard.locator("#notice")).to_contain_text("Draw something first")
    upload(clipboard, as_png(draw(5)))
    expect(clipboard.locator("#verdict-text")).to_have_text("5")
    expect(share).to_be_disabled()
    share.click(force=True)
    expect(clipboard.locator("#notice")).to_contain_text("A picture does not fit into a link")


def test_too_much_ink_for_a_link_says_so(clipboard: Page) -> None:
    clipboard.evaluate(
        """async (module) => {
            const { encode } = await import(module);
            const at = (k) => ({ x: 140 + (k % 2 ? 50.5 : -50), y: 20 + (k % 480) / 2 });
            const points = Array.from({ length: 4000 }, (_, k) => at(k));
            const strokes = [{ width: 12, points }];
            sessionStorage.setItem("sheet-strokes", encode({ width: 280, strokes, scan: null }));
        }""",
        module(clipboard, "code.js"),
    )
    clipboard.reload()
    expect(clipboard.locator("#share")).to_be_enabled()
    clipboard.click("#share")
    expect(clipboard.locator("#notice")).to_contain_text("too much ink")


def test_every_drawing_comes_back_from_its_code_as_it_was(page: Page) -> None:
    """Random strokes of any pen, off the sheet too; and no broken text breaks the page."""
    results = page.evaluate(
        """async (module) => {
            const { decode, encode } = await import(module);
            let seed = 1;
            const chance = (n) => (seed = (seed * 16807) % 2147483647) % n;
            const different = [];
            for (let k = 0; k < 200; k += 1) {
                const hasPressure = k % 3 === 0;
                const strokes = Array.from({ length: 1 + chance(4) }, () => ({
                    width: [12, 20, 30][chance(3)],
                    points: Array.from({ length: 1 + chance(30) }, () => {
                        const point = { x: chance(1600) / 2 - 100, y: chance(800) / 2 - 60 };
                        return hasPressure ? { ...point, pressure: chance(64) / 63 } : point;
                    }),
                }));
                const sheet = { width: k % 2 ? 280 : 560, strokes, scan: null };
                const code = encode(sheet);
                if (JSON.stringify(decode(code)) !== JSON.stringify(sheet)) different.push(code);
                const at = chance(code.length);
                for (const broken of [
                    code.slice(0, at),
                    code.slice(0, at) + "A" + code.slice(at + 1),
                    "1" + code.slice(at),
                ]) {
                    const back = decode(broken);
                    const isSheet = (value) =>
                        value.strokes.every(({ width, points }) => width > 0 && points.length > 0);
                    if (back !== null && !isSheet(back)) different.push(broken);
                }
            }
            return different;
        }""",
        module(page, "code.js"),
    )
    assert results == []
