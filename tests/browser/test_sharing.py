"""A drawing survives a reload, can be shared as a link, or comes from the gallery."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hand
from tests.browser.conftest import Visit
from tests.handwriting import as_png, draw

GALLERY = json.loads((Path(__file__).resolve().parents[2] / "static/gallery.json").read_text())
NOTICE = "#notice"


def test_a_drawing_survives_a_reload(page: Page) -> None:
    page.get_by_role("radio", name="Fine").check()
    hand.draw_with_mouse(page, hand.ONE)
    hand.draw_with_pen(page, hand.ROOF[0], pressure=0.8)
    hand.expect_answer(page, "7")
    drawn = hand.ink(page)
    page.reload()
    hand.expect_answer(page, "7")
    assert hand.ink(page) == drawn
    expect(page.locator("#undo")).to_be_disabled()
    page.click("#clear")
    page.reload()
    hand.expect_state(page, "blank")


def test_a_link_opens_the_drawing_until_it_is_changed(visit: Visit) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    hand.choose_from_gallery(page, "the start of pi")
    drawn = hand.ink(page)
    page.click("#share")
    expect(page.locator(NOTICE)).to_contain_text("The link is copied")
    # Read on another page, because this one may not read the clipboard.
    elsewhere = page.context.new_page()
    elsewhere.route("**/*", lambda route: route.fulfill(body="<p>"))
    elsewhere.goto(page.url)
    link: str = elsewhere.evaluate("navigator.clipboard.readText()")
    elsewhere.close()
    assert link.startswith(f"{page.url}#draw=")
    assert len(link) < 1000

    other = visit("about:blank")
    opened: list[str] = []
    other.on("request", lambda request: opened.append(request.url))
    other.goto(link)
    hand.expect_answer(other, "31415")
    assert hand.ink(other) == drawn
    assert not [url for url in opened if "draw=" in url.split("#")[0]], "the server sees no drawing"
    other.click("#clear")
    hand.write(other, hand.SEVEN, "7")
    assert "#" not in other.url
    other.reload()
    hand.expect_answer(other, "7")
    other.goto(link)  # in the same tab
    hand.expect_answer(other, "31415")
    other.click("#undo")
    hand.expect_answer(other, "7")


@pytest.mark.parametrize("code", ["", "2AAAA", "1AAB", "1%%%"])
def test_a_broken_link_is_reported(visit: Visit, code: str) -> None:
    page = visit(f"/#draw={code}")
    expect(page.locator(NOTICE)).to_contain_text("This link contains no drawing")
    hand.expect_state(page, "blank")
    assert "#" not in page.url
    page.goto(f"{page.url}#answer")  # a part of the page
    hand.write(page, hand.ONE, "1")
    assert page.url.endswith("#answer")
    expect(page.locator(NOTICE)).to_be_empty()


def test_without_the_clipboard_the_link_is_shown(page: Page) -> None:
    hand.choose_from_gallery(page, "a looped 2")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    page.click("#share")
    dialog = page.get_by_role("dialog", name="The link to your drawing")
    field = dialog.get_by_role("textbox")
    expect(field).to_have_value(re.compile("#draw=1"))
    expect(field).to_be_focused()
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    hand.expect_answer(page, "2")


def test_a_phone_shares_with_its_own_dialog(phone: Page) -> None:
    phone.evaluate("() => { navigator.share = async ({ url }) => { window.shared = url; }; }")
    hand.choose_from_gallery(phone, "a straight 9")
    phone.tap("#share")
    phone.wait_for_function("() => window.shared?.includes('#draw=1')")


def test_what_cannot_be_shared_says_why(page: Page) -> None:
    for words in ("Draw something first", "A picture does not fit into a link"):
        expect(page.locator("#share")).to_be_disabled()
        page.locator("#share").click(force=True)
        expect(page.locator(NOTICE)).to_contain_text(words)
        hand.upload(page, as_png(draw(5)))
        hand.expect_answer(page, "5")


def test_drawings_of_the_gallery_get_the_answers_they_promise(page: Page) -> None:
    for drawing in GALLERY[::4]:
        hand.choose_from_gallery(page, drawing["name"])
        hand.settle(page)
        if drawing["text"] is None:
            hand.expect_state(page, "unsure")
        else:
            hand.expect_answer(page, drawing["text"])
        is_wide = page.locator("#wide").get_attribute("aria-pressed")
        assert is_wide == str(drawing["isWide"]).lower()


def test_the_gallery_fits_any_screen_and_opens_once_it_is_in_reach(visit: Visit) -> None:
    page = visit(has_touch=True)
    page.route("**/gallery.json*", lambda route: route.abort())
    hand.write(page, hand.ONE, "1")
    page.locator("#open-gallery").press("Enter")
    expect(page.locator("#gallery-trouble")).to_contain_text("out of reach")
    page.keyboard.press("Escape")
    expect(page.locator("#open-gallery")).to_be_focused()
    hand.expect_answer(page, "1")  # the key clears only at the sheet
    page.unroute_all()
    page.tap("#open-gallery")
    expect(page.locator(".exhibit")).to_have_count(len(GALLERY))
    dialog = page.locator("#gallery")
    for width in (320, 360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 740})
        assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
        box = dialog.bounding_box()
        assert box and 0 <= box["x"] < box["x"] + box["width"] <= width
    page.get_by_role("button", name="a slashed 0").press("Enter")
    hand.expect_answer(page, "0")
