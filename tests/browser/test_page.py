"""The page as a visitor meets it: drawing, reading, and what goes wrong on the way."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from benchmarks.browser import Stroke, draw_with_finger, draw_with_mouse
from benchmarks.servers import Server, free_port, running
from tests.browser.conftest import eventually, module, opened, settle
from tests.handwriting import DIGITS, as_png, draw, draw_number


def answer(page: Page) -> str:
    return page.inner_text("#verdict-text")


def ink(page: Page) -> int:
    """How many of the canvas's pixels are inked."""
    count: int = page.evaluate(
        """() => new Promise((done) => requestAnimationFrame(() => {
            const { width, height } = document.getElementById("drawing");
            const copy = new OffscreenCanvas(width, height)
                .getContext("2d", { willReadFrequently: true });
            copy.drawImage(document.getElementById("drawing"), 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
            done(data.filter((value, i) => i % 4 === 3 && value > 127).length);
        }))"""
    )
    return count


def small(digit: int, left: float, top: float, size: float = 50) -> list[Stroke]:
    """The digit on a part of the sheet."""
    return [
        [(left + x / 100 * size, top + y / 100 * size) for x, y in stroke]
        for stroke in DIGITS[digit]
    ]


def write_number(page: Page, *lines: str) -> None:
    """The pen sets a dot; what arrives at the server is a number, too long for the pen."""
    picture = as_png(draw_number(*lines))
    page.route("**/predict", lambda route: route.continue_(post_data=picture))
    draw_with_mouse(page, [[(50, 50)]])


@pytest.mark.parametrize("digit", DIGITS)
def test_a_digit_drawn_with_the_mouse_is_read(page: Page, digit: int) -> None:
    draw_with_mouse(page, DIGITS[digit])

    expect(page.locator("#answer")).to_have_attribute("data-state", "digit")
    expect(page.locator("#verdict-text")).to_have_text(str(digit))
    expect(page.locator("#verdict-note")).to_have_text(re.compile(r"\d\d.% sure"))
    expect(page.locator(".likeliest th")).to_have_text(str(digit))
    bars = page.locator("progress").evaluate_all("bars => bars.map((bar) => bar.value)")
    assert len(bars) == 10
    assert sum(bars) == pytest.approx(1, abs=1e-3)
    assert bars.index(max(bars)) == digit
    assert page.locator("#seen").evaluate("image => image.naturalWidth") == 28


def test_a_digit_drawn_by_touch_is_read_and_the_page_stays(
    browser: Browser, server: Server
) -> None:
    options = {"viewport": {"width": 360, "height": 500}, "has_touch": True, "is_mobile": True}
    for page in opened(browser, server.address, **options):
        assert page.evaluate("document.documentElement.scrollHeight > innerHeight")
        draw_with_finger(page, [[(30, 20), (70, 20), (45, 85)]])

        expect(page.locator("#verdict-text")).to_have_text("7")
        assert page.evaluate("[scrollX, scrollY]") == [0, 0]
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_two_digits_drawn_with_the_mouse_are_a_number(page: Page) -> None:
    draw_with_mouse(page, small(4, 0, 25))
    expect(page.locator("#answer")).to_have_attribute("data-state", "digit")
    expect(page.locator(".digit")).to_have_count(0)
    draw_with_mouse(page, small(2, 50, 25))

    expect(page.locator("#answer")).to_have_attribute("data-state", "number")
    expect(page.locator("#verdict-text")).to_have_text("42")
    sure = re.compile(r"\d\d.% sure of the least certain digit")
    expect(page.locator("#verdict-note")).to_have_text(sure)
    expect(page.get_by_role("status")).to_have_text(re.compile("^42, .*least certain digit$"))
    expect(page.locator(".digit b")).to_have_text(["4", "2"])
    expect(page.locator(".digit .percent")).to_have_text([re.compile(r"\d\d.%")] * 2)
    widths = page.locator(".digit img").evaluate_all("all => all.map((one) => one.naturalWidth)")
    assert widths == [28, 28]
    page.click("#clear")
    expect(page.locator(".digit")).to_have_count(0)


def test_each_digit_of_a_number_shows_how_likely_it_is(page: Page) -> None:
    draw_with_mouse(page, [*small(4, 0, 25), *small(2, 50, 25)])
    expect(page.get_by_role("status")).to_have_text(re.compile("^42, "))  # the last answer
    chosen = page.locator('.digit[aria-pressed="true"]')
    expect(chosen).to_have_count(1)
    for digit in ("4", "2"):
        tile = page.get_by_role("button", name=digit)
        tile.focus()
        page.keyboard.press("Enter")
        expect(chosen.locator("b")).to_have_text(digit)
        expect(page.locator(".likeliest th")).to_have_text(digit)
        src = tile.locator("img").get_attribute("src")
        assert src is not None
        expect(page.locator("#seen")).to_have_attribute("src", src)


def test_digits_below_each_other_are_lines(page: Page) -> None:
    draw_with_mouse(page, [*small(4, 0, 0, 45), *small(2, 50, 0, 45), *small(7, 25, 55, 45)])
    expect(page.locator("#verdict-text")).to_have_text("42 7")
    assert answer(page) == "42\n7"
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^42\s7, "))


def test_a_number_of_which_one_digit_is_unsure_says_which(page: Page) -> None:
    teeth = [(70.0 + 3 * k, 80.0 if k % 2 else 20.0) for k in range(9)]
    draw_with_mouse(page, [*small(3, 0, 25), teeth])
    expect(page.locator("#answer")).to_have_attribute("data-state", "unsure")
    expect(page.locator("#verdict-text")).to_have_text("?")
    expect(page.get_by_role("status")).to_have_text(re.compile("^Digit 2 of 2 "))
    expect(page.locator(".digit")).to_have_count(2)
    expect(page.locator(".digit").nth(1)).to_have_attribute("aria-pressed", "true")


def test_more_digits_than_it_reads_are_a_question_mark(page: Page) -> None:
    write_number(page, "314159265358979323846")
    expect(page.locator("#answer")).to_have_attribute("data-state", "unsure")
    expect(page.locator("#verdict-note")).to_contain_text("20 at most")
    expect(page.locator(".digit")).to_have_count(0)
    expect(page.locator("#seen")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
@pytest.mark.parametrize(
    "lines", [["31415926535897932384"], ["3141592", "65358", "97"], ["1"] * 20]
)
def test_a_long_number_fits_at_any_width(
    browser: Browser, server: Server, width: int, lines: list[str]
) -> None:
    viewport = {"width": width, "height": 740}
    for page in opened(browser, server.address, viewport=viewport):
        write_number(page, *lines)
        expect(page.locator("#verdict-text")).to_have_text(" ".join(lines))
        expect(page.locator(".digit")).to_have_count(len("".join(lines)))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        text = page.locator("#verdict-text")
        assert text.evaluate("text => text.scrollWidth <= text.clientWidth")


def test_the_answer_follows_the_pen(page: Page) -> None:
    """The pen stays down: a 1 that grows a roof becomes a 7."""
    box = page.locator("#drawing").bounding_box()
    assert box is not None

    def move(x: float, y: float) -> None:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=10)

    move(0.45, 0.9)
    page.mouse.down()
    move(0.6, 0.15)
    expect(page.locator("#verdict-text")).to_have_text("1")
    move(0.2, 0.15)
    expect(page.locator("#verdict-text")).to_have_text("7")
    page.mouse.up()


def test_the_answer_follows_a_pen_that_never_rests(page: Page) -> None:
    """Sixty times a second the drawing grows; the answer keeps up without a pause."""
    page.evaluate(
        """() => {
            window.states = [];
            const look = () => {
                states.push(document.getElementById("answer").dataset.state);
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    box = page.locator("#drawing").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 150, box["y"] + 50)
    page.mouse.down()
    start = time.monotonic()
    for step in range(120):
        page.mouse.move(box["x"] + 150 + step / 4, box["y"] + 50 + 2 * step)
        page.wait_for_timeout(max(0, 1000 * (start + step / 60 - time.monotonic())))
    states = page.evaluate("states")
    page.mouse.up()
    # Half would do for the eye, and leaves room for a busy machine; without keeping up it is none.
    assert states.count("digit") > len(states) / 4


def test_ink_beyond_the_paper_is_not_read(page: Page) -> None:
    """The pen strays below the sheet and to the side: what is seen is a 1."""
    draw_with_mouse(page, [[(50, 20), (50, 115), (90, 115), (90, 130), (20, 130)]])
    expect(page.locator("#verdict-text")).to_have_text("1")


def test_a_second_finger_draws_nothing(browser: Browser, server: Server) -> None:
    for page in opened(browser, server.address, has_touch=True):
        box = page.locator("#drawing").bounding_box()
        assert box is not None
        session = page.context.new_cdp_session(page)
        first = {"x": box["x"] + 100, "y": box["y"] + 100, "id": 1}
        second = {"x": box["x"] + 300, "y": box["y"] + 300, "id": 2}
        for points in ([first], [first, second], [first, {**second, "y": second["y"] - 50}]):
            kind = "touchStart" if len(points) == 1 or points[1] is second else "touchMove"
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        one_dot = ink(page)
        assert one_dot > 0
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.click("#clear")
        page.touchscreen.tap(first["x"], first["y"])
        assert ink(page) == pytest.approx(one_dot, rel=0.1)


def test_a_dot_is_no_digit(page: Page) -> None:
    draw_with_mouse(page, [[(50, 50)]])
    expect(page.locator("#answer")).to_have_attribute("data-state", "unsure")
    expect(page.locator("#verdict-note")).to_contain_text("a spot rather than a digit")
    assert answer(page) == "?"
    expect(page.locator("#seen")).to_be_hidden()


def test_clear_leaves_nothing_and_undo_brings_it_back(page: Page) -> None:
    expect(page.locator("#clear")).to_be_disabled()
    expect(page.locator("#undo")).to_be_disabled()
    draw_with_mouse(page, DIGITS[3])
    expect(page.locator("#verdict-text")).to_have_text("3")
    page.click("#clear")

    expect(page.locator("#answer")).to_have_attribute("data-state", "blank")
    assert ink(page) == 0
    assert page.locator("progress").evaluate_all("bars => bars.some((bar) => bar.value)") is False
    expect(page.locator("#seen")).to_be_hidden()
    expect(page.locator("#clear")).to_be_disabled()
    page.click("#undo")
    expect(page.locator("#verdict-text")).to_have_text("3")
    assert ink(page) > 0


def test_undo_takes_the_last_stroke(page: Page) -> None:
    draw_with_mouse(page, DIGITS[1])
    expect(page.locator("#verdict-text")).to_have_text("1")
    before = ink(page)
    draw_with_mouse(page, [[(50, 10), (20, 50), (80, 50)]])
    assert ink(page) > before
    page.click("#undo")
    expect(page.locator("#verdict-text")).to_have_text("1")
    assert ink(page) == before


def test_undo_and_clear_by_keyboard(page: Page) -> None:
    draw_with_mouse(page, DIGITS[4])
    page.keyboard.press("Control+z")
    expect(page.locator("#undo")).to_be_enabled()
    assert ink(page) > 0
    page.keyboard.press("Escape")
    assert ink(page) == 0
    page.locator("#undo").focus()
    page.keyboard.press("Enter")
    assert ink(page) > 0
    page.locator("#clear").focus()
    page.keyboard.press("Enter")
    assert ink(page) == 0
    expect(page.locator("#clear")).to_be_focused()


def test_screen_readers_hear_the_answer_once_the_pen_rests(page: Page) -> None:
    draw_with_mouse(page, DIGITS[2])
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^2, .*\d\d.% sure$"))
    page.click("#clear")
    expect(page.get_by_role("status")).to_have_text("The answer appears here.")
    expect(page.get_by_role("application", name="Sheet to draw on")).to_be_visible()


class Slow:
    """Holds every request to /predict until it is let go, and counts them."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] = []
        self.page = page
        page.route("**/predict", lambda route: self.held.append(route))

    def wait_for(self, count: int) -> None:
        eventually(self.page, lambda: len(self.held) >= count)

    def let_go(self) -> None:
        self.held[-1].continue_()


def test_on_a_slow_network_the_newest_drawing_wins(page: Page) -> None:
    slow = Slow(page)
    draw_with_mouse(page, DIGITS[1])
    slow.wait_for(1)
    draw_with_mouse(page, [[(50, 10), (20, 10)], [(20, 11), (50, 11)]])
    page.wait_for_timeout(300)
    assert len(slow.held) == 1, "one request is under way, and no second one"
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")

    slow.let_go()  # the answer to the 1, which is no longer what is drawn
    slow.wait_for(2)
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    assert answer(page) == "…"
    slow.let_go()
    expect(page.locator("#verdict-text")).to_have_text("7")
    page.wait_for_timeout(200)
    assert len(slow.held) == 2


def test_an_answer_that_comes_after_clear_is_not_shown(page: Page) -> None:
    slow = Slow(page)
    draw_with_mouse(page, [[(50, 50)]])  # a dot: there is no newer drawing to wait for
    slow.wait_for(1)
    page.click("#clear")
    expect(page.locator("#answer")).to_have_attribute("data-state", "blank")
    slow.let_go()
    page.wait_for_timeout(300)
    expect(page.locator("#answer")).to_have_attribute("data-state", "blank")
    assert len(slow.held) == 1


def test_after_undo_the_answer_is_to_what_is_left(page: Page) -> None:
    draw_with_mouse(page, DIGITS[1])
    settle(page)
    expect(page.locator("#verdict-text")).to_have_text("1")
    slow = Slow(page)
    draw_with_mouse(page, [[(50, 10)]])
    slow.wait_for(1)
    page.click("#undo")
    slow.wait_for(2)
    slow.held[0].abort()
    slow.held[1].continue_()
    expect(page.locator("#verdict-text")).to_have_text("1")


def test_a_server_that_hangs_is_noticed(page: Page) -> None:
    slow = Slow(page)
    draw_with_mouse(page, DIGITS[4])
    slow.wait_for(1)
    expect(page.locator("#verdict-note")).to_contain_text("out of reach", timeout=8000)
    page.unroute_all()
    expect(page.locator("#verdict-text")).to_have_text("4")


def test_an_outdated_answer_is_not_read_aloud(page: Page) -> None:
    draw_with_mouse(page, DIGITS[1])
    expect(page.get_by_role("status")).to_have_text(re.compile("^1, "))
    page.evaluate(
        """() => {
            window.heard = [];
            new MutationObserver(() => heard.push(announcement.textContent))
                .observe(announcement, { childList: true });
        }"""
    )
    page.route("**/predict", lambda route: (page.wait_for_timeout(120), route.continue_()))
    draw_with_mouse(page, [[(50, 10), (20, 10)], [(20, 11), (50, 11)]])
    expect(page.get_by_role("status")).to_have_text(re.compile("^7, "))
    assert not [words for words in page.evaluate("heard") if words.startswith("1,")]


def test_an_answer_does_not_outlive_its_drawing(page: Page) -> None:
    draw_with_mouse(page, DIGITS[1])
    expect(page.locator("#verdict-text")).to_have_text("1")
    Slow(page)
    draw_with_mouse(page, [[(50, 10), (20, 10)]])
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting", timeout=1000)
    assert answer(page) == "…"


def test_when_the_server_is_gone_it_says_so_and_recovers(browser: Browser) -> None:
    port = free_port()
    with running(port=port) as server:
        pages = opened(browser, server.address)
        page = next(pages)
    draw_with_mouse(page, DIGITS[5])
    expect(page.locator("#verdict-note")).to_contain_text("The server is out of reach")
    drawn = ink(page)
    with running(port=port):
        expect(page.locator("#verdict-text")).to_have_text("5")
        assert ink(page) == drawn
        assert next(pages, None) is None


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(page: Page) -> None:
    asked: list[float] = []

    def refuse_once(route: Route) -> None:
        asked.append(time.monotonic())
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(status=429, headers={"Retry-After": "3"}, json={"detail": "Later."})

    page.route("**/predict", refuse_once)
    draw_with_mouse(page, [[(50, 10), (50, 90)]])
    expect(page.locator("#verdict-note")).to_have_text(
        "The server is busy. Your drawing is safe; trying again."
    )
    expect(page.locator("#verdict-text")).to_have_text("1")
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 3


@pytest.mark.parametrize("wish", ["Fri, 31 Dec 2027 23:59:59 GMT", "-1", ""])
def test_a_wish_to_be_left_alone_that_is_no_number_changes_nothing(page: Page, wish: str) -> None:
    answers = iter([{"status": 503, "headers": {"Retry-After": wish}}])

    def refuse_once(route: Route) -> None:
        answer = next(answers, None)
        route.fulfill(**answer) if answer else route.continue_()

    page.route("**/predict", refuse_once)
    draw_with_mouse(page, [[(50, 10), (50, 90)]])
    expect(page.locator("#verdict-note")).to_contain_text("The server is busy")
    expect(page.locator("#verdict-text")).to_have_text("1")


def test_a_refusal_without_words_is_a_refusal_all_the_same(page: Page) -> None:
    requests: list[Route] = []

    def refuse(route: Route) -> None:
        requests.append(route)
        route.fulfill(status=403, body="<h1>A proxy's page</h1>", content_type="text/html")

    page.route("**/predict", refuse)
    draw_with_mouse(page, [[(50, 50)]])
    expect(page.locator("#verdict-note")).to_have_text("The server gave no answer (status 403).")
    page.wait_for_timeout(2000)
    assert len(requests) == 1


def test_a_refusal_is_shown_in_its_own_words(page: Page) -> None:
    page.route(
        "**/predict",
        lambda route: route.fulfill(
            status=413,
            json={"detail": "Expected less, received more."},
            content_type="application/problem+json",
        ),
    )
    draw_with_mouse(page, DIGITS[5])
    expect(page.locator("#verdict-note")).to_have_text("Expected less, received more.")


def test_what_is_posted_is_small(page: Page) -> None:
    sizes = page.evaluate(
        """async (module) => {
            const { toPicture } = await import(module);
            const corners = [{ x: 0, y: 0 }, { x: 280, y: 280 }, { x: 0, y: 280 }];
            const file = (await toPicture([{ width: 20, points: corners }], 280)).png;
            const { width, height } = await createImageBitmap(file);
            return { type: file.type, bytes: file.size, width, height };
        }""",
        module(page, "picture.js"),
    )
    assert sizes["type"] == "image/png"
    assert sizes["bytes"] < 1000
    assert (sizes["width"], sizes["height"]) == (88, 88)


def test_what_is_posted_of_a_wide_drawing_is_large_enough_for_several_digits(page: Page) -> None:
    size = page.evaluate(
        """async (module) => {
            const { toPicture } = await import(module);
            const points = [{ x: 10, y: 100 }, { x: 270, y: 160 }];
            const { png } = await toPicture([{ width: 20, points }], 280);
            const { width, height } = await createImageBitmap(png);
            return [width, height];
        }""",
        module(page, "picture.js"),
    )
    assert size == [288, 88]


def test_a_page_sent_before_an_update_works_all_the_same(page: Page, server: Server) -> None:
    """It asks for files of a version that is no more, and gets today's: all of one version."""

    def outdate(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, body=re.sub("/static/[0-9a-f]{12}/", "/static/old/", answer.text())
        )

    page.route(f"{server.address}/", outdate)
    page.reload()
    assert "/static/old/" in module(page, "main.js")
    draw_with_mouse(page, DIGITS[3])
    expect(page.locator("#verdict-text")).to_have_text("3")
    box = page.locator(".paper").bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(box["height"]), "the paper has its style"


def test_a_second_visit_loads_nothing_again_but_the_page(page: Page) -> None:
    """A file that was kept is of 200, and its transfer of 0 bytes."""
    page.wait_for_load_state("networkidle")  # until the browser has put away the last of them
    page.goto(page.url)
    files = page.evaluate(
        """() => performance.getEntriesByType("resource")
            .filter((each) => each.name.includes("/static/"))
            .map((each) => [each.responseStatus, each.transferSize])"""
    )
    assert len(files) > 6
    assert {tuple(each) for each in files} == {(200, 0)}


def test_nothing_is_loaded_from_elsewhere(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    page = context.new_page()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(server.address)
    draw_with_mouse(page, DIGITS[1])
    expect(page.locator("#verdict-text")).to_have_text("1")
    context.close()
    assert len(addresses) > 6
    assert {
        url for url in addresses if not url.startswith((server.address, "data:image/png"))
    } == set()


def test_without_javascript_a_picture_can_be_uploaded(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    picture = tmp_path / "nine.png"
    draw(9).save(picture)
    for page in opened(browser, server.address, java_script_enabled=False):
        expect(page.get_by_role("heading", name="Drawing needs JavaScript")).to_be_visible()
        expect(page.locator("#drawing")).to_be_hidden()
        page.set_input_files("#image", picture)
        page.get_by_role("button", name="Read it").click()
        expect(page.locator("#verdict-text")).to_have_text("9")
        expect(page.locator("#verdict-note")).to_have_text(re.compile(r"\d\d.% sure"))
        expect(page.locator("#seen")).to_be_visible()

        draw_number("90").save(picture)
        page.set_input_files("#image", picture)
        page.get_by_role("button", name="Read it").click()
        expect(page.locator("#verdict-text")).to_have_text("90")
        expect(page.locator(".digit b")).to_have_text(["9", "0"])

        picture.write_text("not a picture")
        page.set_input_files("#image", picture)
        page.get_by_role("button", name="Read it").click()
        expect(page.get_by_role("heading", name="That could not be read")).to_be_visible()
        page.get_by_role("link", name="Back to the drawing").click()
        expect(page.locator("#verdict-note")).to_have_text("The answer appears here.")


@pytest.mark.parametrize("width", [320, 360, 768])
def test_the_upload_form_fits_the_screen(browser: Browser, server: Server, width: int) -> None:
    viewport = {"width": width, "height": 740}
    for page in opened(browser, server.address, viewport=viewport, java_script_enabled=False):
        sheet = page.locator(".upload").bounding_box()
        assert sheet is not None
        for part in page.locator(".upload *").all():
            box = part.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= sheet["x"] + sheet["width"] <= width


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_at_any_width(
    browser: Browser, server: Server, width: int, scheme: str
) -> None:
    viewport = {"width": width, "height": 740}
    options = {"viewport": viewport, "color_scheme": scheme}
    for page in opened(browser, server.address, **options):
        draw_with_mouse(page, DIGITS[7])
        expect(page.locator("#verdict-text")).to_have_text("7")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for button in page.locator(".desk button:visible").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44


def test_a_scribble_gets_a_question_mark_and_a_reason(page: Page) -> None:
    teeth = [(10.0 + 8 * k, 80.0 if k % 2 else 20.0) for k in range(11)]
    draw_with_mouse(page, [teeth])
    expect(page.locator("#answer")).to_have_attribute("data-state", "unsure")
    expect(page.locator("#verdict-text")).to_have_text("?")
    expect(page.locator("#verdict-note")).to_contain_text("does not look like a digit")
    expect(page.locator("#announcement")).to_contain_text("does not look like a digit")


def test_the_model_card_is_reached_from_the_page_and_back_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/model$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("The network")
    page.get_by_role("link", name="Draw").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw a digit or a number")


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_model_card_fits_and_its_plots_suit_the_scheme(
    browser: Browser, server: Server, width: int, scheme: str
) -> None:
    options = {"viewport": {"width": width, "height": 740}, "color_scheme": scheme}
    for page in opened(browser, f"{server.address}/model", **options):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        plots = page.locator(".plot img")
        assert plots.count() == 7
        for plot in plots.all():
            plot.scroll_into_view_if_needed()
            expect(plot).to_have_js_property("complete", True)
            expect(plot).not_to_have_js_property("naturalWidth", 0)
            assert plot.evaluate("image => image.currentSrc").endswith(f"-{scheme}.svg")
            # What the page sets aside for it before it is loaded is what it takes.
            drawn = plot.evaluate("image => image.naturalWidth / image.naturalHeight")
            kept = plot.evaluate("image => image.width / image.height")
            assert drawn == pytest.approx(kept, rel=0.02)
