"""What comes onto the sheet from elsewhere: reloads, links, the gallery, files, drops, pastes."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import hand
from tests.browser.conftest import PHONE, Posted, Visit
from tests.handwriting import as_png, draw, draw_number

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
    page = visit()
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { copied = text; }; }")
    hand.choose_from_gallery(page, "the start of pi")
    drawn = hand.ink(page)
    page.click("#share")
    expect(page.locator(NOTICE)).to_contain_text("The link is copied")
    link: str = page.evaluate("copied")
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


# Hand the page a file or text, as the browser does when it is dropped or pasted.
HAND_OVER = """([way, type, content]) => {
    const data = new DataTransfer();
    const bytes = () => Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    if (type === "file") data.items.add(new File([bytes()], "picture"));
    else data.setData(type, content);
    const options = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
    if (way === "paste") return document.dispatchEvent(new ClipboardEvent("paste", options));
    for (const type of ["dragover", "drop"]) {
        const event = new DragEvent(type, options);
        const isOpened = document.querySelector("footer").dispatchEvent(event);
        if (isOpened) throw new Error("The browser would open it instead.");
    }
}"""
EIGHT = base64.b64encode(as_png(draw(8))).decode()
EIGHT_URL = f"data:image/png;base64,{EIGHT}"


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def test_an_uploaded_picture_is_read_shown_and_survives_a_reload(page: Page) -> None:
    for digit, kind in ((5, "JPEG"), (3, "WEBP"), (6, "GIF"), (2, "BMP")):
        hand.upload(page, encoded(draw(digit), kind))
        hand.expect_answer(page, str(digit))
    hand.upload(page, as_png(draw_number("407")))
    hand.expect_answer(page, "407")
    expect(page.locator("#places b")).to_have_text(["4", "0", "7"])
    expect(page.locator("#wide")).to_have_attribute("aria-pressed", "true")
    shown = hand.ink(page)
    assert shown > 0
    page.reload()
    hand.expect_answer(page, "407")
    assert hand.ink(page) == shown
    noise = Image.merge("RGB", [Image.effect_noise((1200, 1200), 20) for _ in range(3)])
    with page.expect_response("**/predict") as response:
        hand.upload(page, as_png(noise))  # too large to remember, but not to read
    assert response.value.ok


def test_a_photograph_is_turned_and_scaled_down(page: Page, posted: Posted) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by a quarter
    turned = draw(7, side=3000, pen=200).rotate(90, expand=True)
    hand.upload(page, encoded(turned, "JPEG", exif=exif))
    hand.expect_answer(page, "7")
    with Image.open(io.BytesIO(posted("/predict")[-1])) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 1200))


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_dropped_or_pasted_picture_is_read(page: Page, way: str) -> None:
    html = f'<p style="color: red">8<img src="/8.png"><img src="{EIGHT_URL}"></p>'
    for kind, content in (
        ("file", EIGHT),
        ("text/html", html),
        ("text/plain", EIGHT_URL),
        ("text/uri-list", EIGHT_URL),
    ):
        page.evaluate(HAND_OVER, [way, kind, content])
        hand.expect_answer(page, "8")
        expect(page.locator("body")).not_to_have_class(re.compile("is-dropping"))
        page.click("#clear")


def test_a_stroke_on_a_picture_begins_a_drawing(page: Page) -> None:
    hand.upload(page, as_png(draw(9)))
    hand.expect_answer(page, "9")
    shown = hand.ink(page)
    hand.draw_with_mouse(page, hand.ONE)
    hand.expect_answer(page, "1")
    assert hand.ink(page) < shown
    page.click("#undo")
    hand.expect_answer(page, "9")
    assert hand.ink(page) == shown


def test_what_cannot_be_read_is_reported_and_changes_nothing(page: Page) -> None:
    hand.write(page, hand.ONE, "1")
    drawn = hand.ink(page)
    for kind, content, words in (
        ("file", "AAAA", "cannot open that as a picture"),
        ("text/html", "<img src='https://example.org/8.png'>", "cannot fetch pictures"),
        ("text/plain", "8", "No picture found"),
    ):
        for way in ("paste", "drop"):
            page.evaluate(HAND_OVER, [way, kind, content])
            expect(page.locator(NOTICE)).to_contain_text(words)
            page.evaluate("notice.textContent = ''")
    page.click("#open-gallery")
    page.evaluate(HAND_OVER, ["paste", "file", EIGHT])  # not behind a dialog
    page.keyboard.press("Escape")
    hand.expect_answer(page, "1")
    assert hand.ink(page) == drawn
    for _ in range(2):  # the same file again
        page.click("#clear")
        hand.upload(page, as_png(draw(6)))
        hand.expect_answer(page, "6")
    expect(page.locator(NOTICE)).to_be_empty()


def test_only_a_phone_offers_its_camera(page: Page, visit: Visit) -> None:
    expect(page.locator("#photo")).to_be_hidden()
    phone = visit(**PHONE)
    with phone.expect_file_chooser() as chooser:
        phone.tap("#photo")
    assert chooser.value.element.get_attribute("capture") == "environment"
    picture = {"name": "4.jpg", "mimeType": "image/jpeg", "buffer": encoded(draw(4), "JPEG")}
    chooser.value.set_files([picture])  # type: ignore[list-item]
    hand.expect_answer(phone, "4")


def test_a_drawing_is_posted_as_a_small_grey_png(page: Page, posted: Posted) -> None:
    for script, mode in (("", "L"), ("delete window.CompressionStream", "RGBA")):
        page.add_init_script(script)  # the second is an older browser
        page.reload()
        hand.write(page, hand.SEVEN, "7")
        page.click("#clear")
        with Image.open(io.BytesIO(posted("/predict")[-1])) as picture:
            assert (picture.format, picture.mode) == ("PNG", mode)
    assert len(posted("/predict")[0]) < 1_500
