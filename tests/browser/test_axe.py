"""axe-core finds nothing wrong with any page in any state."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from app import create_app
from playwright.sync_api import Browser, Page, expect
from settings import Settings

from benchmarks.browser import draw_with_mouse
from benchmarks.servers import Server
from classifier import HandwrittenDigitsClassifier
from tests.browser.axe import violations
from tests.browser.conftest import opened
from tests.browser.test_page import small
from tests.handwriting import DIGITS, as_png, draw, draw_number

LOOKS = list(itertools.product((360, 1440), ("light", "dark")))


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def look(request: pytest.FixtureRequest) -> dict[str, object]:
    """How a browser is set: narrow or wide, light or dark."""
    width, scheme = request.param
    return {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}


@pytest.fixture
def page(browser: Browser, server: Server, look: dict[str, object]) -> Iterator[Page]:
    yield from opened(browser, server.address, **look)


def in_state(page: Page, state: str) -> None:
    expect(page.locator("#answer")).to_have_attribute("data-state", state)


def test_the_page_in_each_of_its_states(page: Page) -> None:
    in_state(page, "blank")
    assert violations(page) == []
    draw_with_mouse(page, [[(50, 50)]])
    in_state(page, "unsure")
    assert violations(page) == []
    page.click("#clear")
    draw_with_mouse(page, DIGITS[7])
    in_state(page, "digit")
    assert violations(page) == []
    page.click("#clear")
    draw_with_mouse(page, [*small(4, 0, 25), *small(2, 50, 25)])
    in_state(page, "number")
    assert violations(page) == []
    page.context.set_offline(True)
    draw_with_mouse(page, [[(20, 90), (30, 90)]])
    in_state(page, "trouble")
    assert violations(page) == []


def test_while_an_answer_is_awaited(page: Page) -> None:
    page.route("**/predict", lambda route: None)
    draw_with_mouse(page, DIGITS[7])
    in_state(page, "waiting")
    assert violations(page) == []


def test_the_model_card(page: Page) -> None:
    page.goto(page.url + "model")
    assert violations(page) == []
    page.locator("details").evaluate_all("all => all.forEach((each) => (each.open = true))")
    assert violations(page) == []


def test_the_page_on_the_api(page: Page) -> None:
    page.goto(page.url + "api")
    expect(page.get_by_role("heading", level=1)).to_have_text("The API")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_a_wrong_address(page: Page) -> None:
    page.goto(page.url + "nowhere")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations(page) == []


def test_a_mistake_of_ours(
    page: Page, classifier: HandwrittenDigitsClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier, "answer", lambda *_, **__: 1 / 0)
    client = create_app(Settings(), classifier).test_client()
    upload = {"image": (io.BytesIO(b"x"), "x.png")}
    answer = client.post("/", data=upload, headers={"Accept": "text/html"})
    assert answer.status_code == 500
    page.route(
        "**/mistake", lambda route: route.fulfill(body=answer.data, content_type="text/html")
    )
    page.goto(page.url + "mistake")
    expect(page.get_by_role("heading", level=1)).to_have_text("We made a mistake")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_the_page_without_javascript(page: Page, tmp_path: Path) -> None:
    """As near as can be: axe-core is a script itself, so only the page's own are stopped."""
    page.route("**/*.js", lambda route: route.abort())
    picture = tmp_path / "picture"
    for content in (as_png(draw(9)), as_png(draw_number("90")), b"not a picture"):
        page.goto(page.url)
        show_what_needs_no_script(page)
        assert violations(page) == []
        picture.write_bytes(content)
        page.set_input_files("#image", picture)
        with page.expect_navigation():
            page.get_by_role("button", name="Read it").click()
        show_what_needs_no_script(page)
        assert violations(page) == []


def show_what_needs_no_script(page: Page) -> None:
    page.evaluate(
        """() => {
            document.querySelectorAll(".needs-script").forEach((each) => each.remove());
            document.querySelectorAll("noscript")
                .forEach((each) => { each.outerHTML = each.textContent; });
        }"""
    )


def test_what_is_wrong_is_found(page: Page) -> None:
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend",
            "<img src='data:,'><button id='small'></button>")"""
    )
    found = violations(page)
    assert any(line.startswith("image-alt: <img ") for line in found)
    assert any(line.startswith("button-name: <button ") for line in found)
