"""Pictures from elsewhere: uploaded, dropped, pasted, photographed."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import draw_with_mouse
from benchmarks.servers import Server
from tests.browser.conftest import opened
from tests.browser.test_page import ink
from tests.handwriting import DIGITS, as_png, draw, draw_number

# Hands the page a file as the browser does when it is dropped or pasted.
HAND_OVER = """([kind, name, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], name));
    const options = { bubbles: true, cancelable: true };
    if (kind === "paste") {
        document.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: files }));
        return;
    }
    const target = document.querySelector("footer");
    target.dispatchEvent(new DragEvent("dragover", { ...options, dataTransfer: files }));
    const isMarked = document.body.classList.contains("is-dropping");
    target.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: files }));
    return isMarked;
}"""


def upload(page: Page, content: bytes, name: str = "picture.png") -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files("#upload-file", files=[file])  # type: ignore[list-item]


def as_file(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def test_an_uploaded_picture_is_read_and_shown(page: Page) -> None:
    upload(page, as_png(draw_number("407")))
    expect(page.locator("#verdict-text")).to_have_text("407")
    expect(page.locator("#places b")).to_have_text(["4", "0", "7"])
    assert ink(page) > 0
    expect(page.locator("#wide")).to_have_attribute("aria-pressed", "true")
    for label in page.locator("#places > div").all():
        box, sheet = label.bounding_box(), page.locator("#drawing").bounding_box()
        assert box and sheet
        assert sheet["x"] < box["x"] < box["x"] + box["width"] < sheet["x"] + sheet["width"]


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "GIF", "BMP", "PNG"])
def test_whatever_the_browser_can_show_is_read(page: Page, form: str) -> None:
    upload(page, as_file(draw(5), form), f"five.{form.lower()}")
    expect(page.locator("#verdict-text")).to_have_text("5")


def test_a_large_picture_is_scaled_down_and_posted_as_png(page: Page) -> None:
    page.evaluate(
        """() => {
            const real = window.fetch;
            window.fetch = (url, options) => {
                if (options?.body) window.posted = options.body;
                return real(url, options);
            };
        }"""
    )
    upload(page, as_file(draw(3, side=3000, pen=200), "JPEG"))
    expect(page.locator("#verdict-text")).to_have_text("3")
    posted = page.evaluate(
        """async () => {
            const { width, height } = await createImageBitmap(posted);
            return [posted.type, width, height];
        }"""
    )
    assert posted == ["image/png", 1200, 1200]


def test_a_photograph_on_its_side_is_turned_as_its_file_says(page: Page) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    turned = draw(7).rotate(90, expand=True)
    upload(page, as_file(turned, "JPEG", exif=exif), "seven.jpg")
    expect(page.locator("#verdict-text")).to_have_text("7")


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_dropped_anywhere_or_pasted_is_read(page: Page, kind: str) -> None:
    content = base64.b64encode(as_png(draw(8))).decode()
    is_marked = page.evaluate(HAND_OVER, [kind, "eight.png", content])
    assert is_marked is (True if kind == "drop" else None)
    expect(page.locator("#verdict-text")).to_have_text("8")
    expect(page.locator("body")).not_to_have_class(re.compile("is-dropping"))


def test_what_is_no_picture_is_told_and_changes_nothing(page: Page) -> None:
    draw_with_mouse(page, DIGITS[1])
    expect(page.locator("#verdict-text")).to_have_text("1")
    drawn = ink(page)
    upload(page, b"not a picture", "seven.png")
    expect(page.locator("#notice")).to_contain_text("cannot open that file as a picture")
    assert ink(page) == drawn
    expect(page.locator("#verdict-text")).to_have_text("1")


def test_what_went_wrong_is_not_told_any_longer_than_it_matters(page: Page) -> None:
    upload(page, b"no picture")
    expect(page.locator("#notice")).to_contain_text("cannot open that file")
    upload(page, as_png(draw(6)))
    expect(page.locator("#verdict-text")).to_have_text("6")
    expect(page.locator("#notice")).to_be_empty()


def test_nothing_is_pasted_behind_the_gallery(page: Page) -> None:
    page.click("#open-gallery")
    content = base64.b64encode(as_png(draw(8))).decode()
    page.evaluate(HAND_OVER, ["paste", "eight.png", content])
    page.keyboard.press("Escape")
    page.evaluate(HAND_OVER, ["paste", "eight.png", content])
    expect(page.locator("#verdict-text")).to_have_text("8")
    page.click("#undo")
    expect(page.locator("#undo")).to_be_disabled()


def test_a_stroke_on_a_picture_begins_a_drawing_and_undo_brings_it_back(page: Page) -> None:
    upload(page, as_png(draw(9)))
    expect(page.locator("#verdict-text")).to_have_text("9")
    shown = ink(page)
    draw_with_mouse(page, [[(50, 15), (50, 85)]])
    expect(page.locator("#verdict-text")).to_have_text("1")
    assert ink(page) < shown
    page.click("#undo")
    expect(page.locator("#verdict-text")).to_have_text("9")
    assert ink(page) == shown
    page.click("#clear")
    expect(page.locator("#answer")).to_have_attribute("data-state", "blank")
    page.click("#undo")
    expect(page.locator("#verdict-text")).to_have_text("9")


def test_the_same_file_can_be_chosen_again(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "six.png"
    draw(6).save(picture)
    for _ in range(2):
        page.set_input_files("#upload-file", picture)
        expect(page.locator("#verdict-text")).to_have_text("6")
        page.click("#clear")
        expect(page.locator("#answer")).to_have_attribute("data-state", "blank")


def test_a_picture_outlives_a_reload(page: Page) -> None:
    upload(page, as_png(draw_number("31")))
    expect(page.locator("#verdict-text")).to_have_text("31")
    shown = ink(page)
    page.reload()
    expect(page.locator("#verdict-text")).to_have_text("31")
    assert ink(page) == shown


def test_a_picture_too_large_to_remember_is_read_all_the_same(page: Page) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((1200, 1200), 20) for _ in range(3)])
    with page.expect_response("**/predict") as response:
        upload(page, as_png(noise))
    assert response.value.ok
    expect(page.locator("#clear")).to_be_enabled()
    page.reload()
    expect(page.locator("#clear")).to_be_disabled()


def test_a_camera_is_offered_on_a_telephone_only(browser: Browser, server: Server) -> None:
    for page in opened(browser, server.address):
        expect(page.locator("#photo")).to_be_hidden()
    for page in opened(browser, server.address, has_touch=True, is_mobile=True):
        with page.expect_file_chooser() as chooser:
            page.tap("#photo")
        assert chooser.value.element.get_attribute("capture") == "environment"
        chooser.value.set_files(
            [{"name": "four.jpg", "mimeType": "image/jpeg", "buffer": as_file(draw(4), "JPEG")}]
        )
        expect(page.locator("#verdict-text")).to_have_text("4")
