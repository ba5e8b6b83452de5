"""The Streamlit front end as a visitor meets it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.browser import Stroke, draw_with_finger, draw_with_mouse
from benchmarks.servers import ROOT, Server, free_port, started
from tests.browser.conftest import opened
from tests.handwriting import draw, draw_number

SHEET = ".dc-container"  # the canvas component's
HINT = "The answer appears here."
AT_REST = ("data-test-script-state", "notRunning")
ONE: list[Stroke] = [[(50, 15), (50, 85)]]
ROOF: list[Stroke] = [[(50, 15), (20, 15)]]  # makes a 7 of the 1
SEVEN: list[Stroke] = [[(25, 15), (75, 15), (40, 85)]]


@pytest.fixture(scope="module")
def front_end() -> Iterator[Server]:
    port = free_port()
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = ["streamlit", "run", "main.py", *options, "--server.fileWatcherType=none"]
    with started(command, port, "/_stcore/health") as server:
        yield server


@pytest.fixture(scope="module")
def window(browser: Browser, front_end: Server) -> Iterator[Page]:
    yield from opened(browser, front_end.address)


@pytest.fixture
def page(window: Page) -> Page:
    """A new session; in the same window, which keeps Streamlit's scripts."""
    window.set_viewport_size({"width": 1000, "height": 800})
    window.emulate_media(color_scheme="light")
    window.reload()
    await_sheet(window)
    return window


def at_the_sheet(browser: Browser, front_end: Server, **options: object) -> Iterator[Page]:
    for page in opened(browser, front_end.address, **options):
        await_sheet(page)
        yield page


def await_sheet(page: Page) -> None:
    expect(page.locator(SHEET)).to_be_visible()
    expect(page.get_by_text(HINT)).to_be_visible()


def answer(page: Page) -> Locator:
    return page.locator(".st-key-answer h2")


def bars(page: Page) -> Locator:
    """What is written beside the bars of the ten digits."""
    return page.locator(".st-key-answer svg .mark-text.role-mark text")


def ink(page: Page) -> int:
    """How many of the canvas's pixels are inked: at the next frame, when it draws a new stroke."""
    count: int = page.locator(f"{SHEET} .lower-canvas").last.evaluate(
        """async (canvas) => {
            await new Promise(requestAnimationFrame);
            const { width, height } = canvas;
            const copy = new OffscreenCanvas(width, height)
                .getContext("2d", { willReadFrequently: true });
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
            return data.filter((value, i) => i % 4 === 3 && value > 127).length;
        }"""
    )
    return count


def draw_smoothly(page: Page, strokes: list[Stroke]) -> None:
    """Draws as a hand does; of few points, the canvas makes round strokes."""
    draw_with_mouse(page, strokes, SHEET, steps=6)


def upload(page: Page, picture: Path) -> None:
    """Chooses a file; again where Streamlit, still busy, has forgotten the tab or the field."""
    for patience in (2_000, 5_000, 20_000):
        page.get_by_role("tab", name="Upload").click()
        page.locator("input[type=file]").set_input_files(picture)
        with contextlib.suppress(AssertionError):
            expect(page.get_by_text(picture.name)).to_be_visible(timeout=patience)
            return
    raise AssertionError(f"Expected {picture.name} to be taken, it was not.")


def beside(strokes: list[Stroke], right: float) -> list[Stroke]:
    return [[(x + right, y) for x, y in stroke] for stroke in strokes]


def opened_section(page: Page, name: str) -> Locator:
    expect(page.get_by_test_id("stApp")).to_have_attribute(*AT_REST)  # or the click may be lost
    section = page.get_by_test_id("stExpander").filter(has_text=name)
    section.locator("summary").click()
    return section


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_digit_drawn_with_the_mouse_is_read(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    desk = {"light": "rgb(239, 233, 220)", "dark": "rgb(20, 23, 29)"}[scheme]
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", desk)
    draw_smoothly(page, SEVEN)
    expect(answer(page)).to_have_text("7")
    expect(bars(page)).to_have_text([re.compile("^(> )?\\d\\d? %$")] * 10)
    expect(bars(page).nth(7)).to_have_text(re.compile(r"\d\d %"))
    expect(page.get_by_alt_text("Your digit, fitted and centred")).to_be_visible()


def test_two_digits_are_a_number_and_each_can_be_looked_at(page: Page) -> None:
    draw_smoothly(page, [*beside(ONE, -30), *beside(SEVEN, 20)])
    expect(answer(page)).to_have_text("17")
    for digit in (1, 7):
        page.get_by_role("radio", name=f"{digit} · ").click()
        expect(page.get_by_role("radio", checked=True)).to_contain_text(f"{digit} · ")
        expect(bars(page).nth(digit)).to_have_text(re.compile(r"\d\d %"))


def test_a_scribble_is_unsure_in_the_librarys_words(page: Page) -> None:
    teeth = [(10.0 + 8 * k, 80.0 if k % 2 else 20.0) for k in range(11)]
    draw_smoothly(page, [teeth])
    expect(page.get_by_text("does not look like a digit")).to_be_visible()
    expect(answer(page)).to_have_count(0)
    expect(bars(page)).to_have_count(10)


def test_the_brush_can_be_made_wider(page: Page) -> None:
    draw_smoothly(page, [[(20, 50), (80, 50)]])
    narrow = ink(page)
    brush = page.get_by_role("slider", name="Brush width")
    brush.press("End")
    expect(brush).to_have_attribute("aria-valuetext", "40 px")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text(HINT)).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute(*AT_REST)
    draw_smoothly(page, [[(20, 50), (80, 50)]])
    assert ink(page) > 1.5 * narrow


def test_undo_takes_the_last_stroke_and_clear_all(page: Page) -> None:
    buttons = [page.get_by_test_id("stButton").get_by_role("button", name="Undo")]
    buttons += [page.locator(".dc-toolbar").get_by_role("button", name="Undo")]
    draw_smoothly(page, ONE)
    expect(answer(page)).to_have_text("1")
    for undo in buttons:  # ours and the canvas's own
        draw_smoothly(page, ROOF)
        expect(answer(page)).to_have_text("7")
        undo.click()
        expect(answer(page)).to_have_text("1")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text(HINT)).to_be_visible()
    assert ink(page) == 0


def test_a_picture_is_uploaded_and_the_drawing_stays(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "nine.png"
    draw(9).save(picture)
    draw_smoothly(page, SEVEN)
    expect(answer(page)).to_have_text("7")
    page.get_by_role("tab", name="Upload").click()
    expect(page.get_by_text(HINT)).to_be_visible()
    upload(page, picture)
    expect(answer(page)).to_have_text("9")
    page.get_by_role("tab", name="Draw").click()
    expect(answer(page)).to_have_text("7")
    assert ink(page) > 0


def test_feature_maps_and_heat_map_follow_the_drawing(page: Page) -> None:
    draw_smoothly(page, ONE)
    maps = opened_section(page, "Feature maps")
    expect(maps.locator("img")).to_have_count(4)
    for caption in ("Convolution 1: 32 maps of 26 × 26", "Pooling 2: 32 maps of 5 × 5"):
        expect(maps.get_by_text(caption)).to_be_visible()
    maps.locator("summary").click()
    expect(maps.locator("img")).to_have_count(0)

    heat = opened_section(page, "Heat map")
    expect(heat.get_by_alt_text("which ink speaks for a 1")).to_be_visible()
    heat.get_by_role("radio", name="4").click()
    expect(heat.get_by_alt_text("which ink speaks for a 4")).to_be_visible()

    page.locator(SHEET).scroll_into_view_if_needed()
    draw_smoothly(page, ROOF)
    expect(heat.get_by_alt_text("which ink speaks for a 7")).to_be_visible()


def test_the_training_is_looked_at_moment_by_moment(page: Page) -> None:
    draw_smoothly(page, SEVEN)
    section = opened_section(page, "Watch it learn")
    report = json.loads((ROOT / "models" / "report.json").read_text())
    shares = [each["validation"]["accuracy"] for each in report["snapshots"]]
    expect(section.get_by_text(f"{100 * shares[0]:.2f} %")).to_be_visible()
    section.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(section.get_by_text(f"{100 * shares[-1]:.2f} %")).to_be_visible()
    expect(section.locator("strong")).to_have_text("7")


def test_the_model_cards_figures_are_there(page: Page) -> None:
    figures = opened_section(page, "How well it reads").get_by_test_id("stMetric")
    report = json.loads((ROOT / "models" / "report.json").read_text())
    accuracy = report["measured"]["test"]["accuracy"]
    expect(figures.first).to_contain_text(f"{100 * accuracy:.2f} %")
    expect(figures).to_have_count(4)


def test_a_digit_is_drawn_by_touch_on_a_phone(browser: Browser, front_end: Server) -> None:
    options = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
    for page in at_the_sheet(browser, front_end, **options):
        draw_with_finger(page, SEVEN, SHEET)
        expect(answer(page)).to_have_text("7")
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") == 360
        page.get_by_role("button", name="Clear").tap()
        expect(page.get_by_text(HINT)).to_be_attached()


def test_a_long_number_fits_at_any_width(page: Page, tmp_path: Path) -> None:
    number = "31415926535897932384"
    picture = tmp_path / "long.png"
    draw_number(number).save(picture)
    upload(page, picture)
    expect(answer(page)).to_have_text(number)
    for width in (360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") == width
        for part in (answer(page), page.get_by_role("radio").last):
            box = part.bounding_box()
            assert box is not None
            assert box["height"] < 50  # one line
            assert box["x"] + box["width"] <= width


def test_two_visitors_at_once_get_each_their_own_answer(
    browser: Browser, front_end: Server, page: Page
) -> None:
    for other in at_the_sheet(browser, front_end):
        draw_smoothly(page, ONE)
        draw_smoothly(other, SEVEN)
        expect(answer(other)).to_have_text("7")
        expect(answer(page)).to_have_text("1")


def test_nothing_is_loaded_from_elsewhere(page: Page, front_end: Server) -> None:
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.reload()
    await_sheet(page)
    draw_smoothly(page, ONE)
    expect(answer(page)).to_have_text("1")
    assert len(addresses) > 6
    ours = (front_end.address, "data:", "blob:")
    assert [address for address in addresses if not address.startswith(ours)] == []
