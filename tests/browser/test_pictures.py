"""Pictures from elsewhere: chosen, photographed, dropped, pasted; and the PNG that is posted."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import hand
from tests.browser.conftest import PHONE, Posted, Visit
from tests.handwriting import as_png, draw, draw_number

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
NOTICE = "#notice"


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
    pictures = []
    for script in ("", "delete window.CompressionStream"):  # an older browser
        page.add_init_script(script)
        page.reload()
        hand.write(page, hand.SEVEN, "7")
        pictures.append(posted("/predict")[-1])
        page.click("#clear")
    assert len(pictures[0]) < 1_500
    grey, coloured = (Image.open(io.BytesIO(picture)) for picture in pictures)
    assert (grey.format, grey.mode, coloured.mode) == ("PNG", "L", "RGBA")
    np.testing.assert_array_equal(np.asarray(grey.convert("RGBA")), np.asarray(coloured))
