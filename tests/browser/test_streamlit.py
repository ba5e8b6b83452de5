"""The Streamlit front end in a real browser."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import hand
from tests.browser.conftest import PHONE, Visit
from tests.handwriting import draw_number

ROOT = Path(__file__).resolve().parents[2]
SHEET = ".dc-container"  # the canvas component's
HINT = "The answer appears here."


@pytest.fixture(scope="module")
def front_end() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    arguments = [f"--server.{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", "main.py", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("URL" in line for line in process.stdout), "Streamlit is ready"
        yield f"http://127.0.0.1:{port}"
        process.kill()  # SIGTERM may leave it hanging


@pytest.fixture
def page(visit: Visit, front_end: str) -> Page:
    page = visit(front_end)
    expect(page.locator(SHEET)).to_be_visible()
    expect(page.get_by_text(HINT)).to_be_visible()
    return page


def draw(page: Page, strokes: list[hand.Stroke]) -> None:
    """Draw smoothly: the canvas rounds strokes of few points."""
    hand.draw_with_mouse(page, strokes, SHEET, steps=6)


def ink(page: Page) -> int:
    return hand.ink(page, f"{SHEET} .lower-canvas")


def answer(page: Page) -> Locator:
    return page.locator(".st-key-answer h2")


def bars(page: Page) -> Locator:
    """The percentages beside the bars."""
    return page.locator(".st-key-answer svg .mark-text.role-mark text")


def at_rest(page: Page) -> None:
    """Wait for the script: it may lose a click while it runs."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def open_section(page: Page, name: str) -> Locator:
    at_rest(page)
    section = page.get_by_test_id("stExpander").filter(has_text=name)
    section.locator("summary").click()
    return section


def test_a_drawn_digit_is_read_and_explained_until_it_is_undone_or_cleared(page: Page) -> None:
    draw(page, hand.ONE)
    expect(answer(page)).to_have_text("1")
    expect(bars(page)).to_have_text([re.compile("^(> )?\\d\\d? %$")] * 10)
    expect(page.get_by_alt_text("Your digit, fitted and centred")).to_be_visible()

    narrow = ink(page)
    maps = open_section(page, "Feature maps")
    expect(maps.locator("img")).to_have_count(4)
    maps.locator("summary").click()
    heat = open_section(page, "Heat map")
    expect(heat.get_by_alt_text("which ink speaks for a 1")).to_be_visible()
    heat.get_by_role("radio", name="4").click()
    expect(heat.get_by_alt_text("which ink speaks for a 4")).to_be_visible()
    page.locator(SHEET).scroll_into_view_if_needed()
    draw(page, hand.ROOF)
    expect(heat.get_by_alt_text("which ink speaks for a 7")).to_be_visible()
    page.get_by_test_id("stButton").get_by_role("button", name="Undo").click()
    expect(answer(page)).to_have_text("1")
    brush = page.get_by_role("slider", name="Brush width")
    brush.press("End")
    expect(brush).to_have_attribute("aria-valuetext", "40 px")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text(HINT)).to_be_visible()
    assert ink(page) == 0
    at_rest(page)
    draw(page, hand.ONE)
    assert ink(page) > 1.5 * narrow


def test_a_picture_is_uploaded_and_the_drawing_stays(page: Page, tmp_path: Path) -> None:
    number = "31415926535897932384"
    picture = tmp_path / "long.png"
    draw_number(number).save(picture)
    draw(page, hand.SEVEN)
    expect(answer(page)).to_have_text("7")
    at_rest(page)
    page.get_by_role("tab", name="Upload").click()
    expect(page.get_by_text(HINT)).to_be_visible()
    at_rest(page)
    page.locator("input[type=file]").set_input_files(picture)
    expect(answer(page)).to_have_text(number)
    for digit in (3, 8):  # a number is explained digit by digit
        page.get_by_role("radio", name=f"{digit} · ").first.click()
        expect(page.get_by_role("radio", checked=True)).to_contain_text(f"{digit} · ")
        expect(bars(page).nth(digit)).to_have_text(re.compile(r"\d\d %"))
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") == width
        box = answer(page).bounding_box()
        assert box and box["x"] + box["width"] <= width
    at_rest(page)
    page.get_by_role("tab", name="Draw").click()
    expect(answer(page)).to_have_text("7")
    assert ink(page) > 0


def test_a_finger_draws_and_nothing_comes_from_elsewhere(visit: Visit, front_end: str) -> None:
    phone = visit("about:blank", **PHONE)
    requested: list[str] = []
    phone.on("request", lambda request: requested.append(request.url))
    phone.goto(front_end)
    expect(phone.get_by_text(HINT)).to_be_visible()
    hand.draw_with_finger(phone, hand.SEVEN, SHEET)
    expect(answer(phone)).to_have_text("7")
    main = phone.get_by_test_id("stMain")
    assert main.evaluate("main => [main.scrollTop, main.scrollWidth]") == [0, 360]
    phone.get_by_role("button", name="Clear").tap()
    expect(phone.get_by_text(HINT)).to_be_attached()
    assert len(requested) > 6
    assert [url for url in requested if not url.startswith((front_end, "data:", "blob:"))] == []
