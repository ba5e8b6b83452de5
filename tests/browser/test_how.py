"""Chapter 1 of the page, how it read this: what it shows is what the network did."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, Route, expect

from benchmarks.browser import Stroke, draw_with_mouse
from benchmarks.servers import Server
from classifier import FeatureMaps, HandwrittenDigitsClassifier
from tests.browser.conftest import eventually, opened
from tests.handwriting import DIGITS

MAPS = ("convolution_1", "pooling_1", "convolution_2", "pooling_2")
# Few points: a hand in a busy browser is slow.
SEVEN: list[Stroke] = [[(30, 20), (70, 20), (45, 85)]]
ONE: list[Stroke] = [[(50, 15), (50, 85)]]
SHADE = 1.5  # of 255: the scale has 256 shades, and half precision is off by less
THIRD_DECIMAL = 0.0005


@dataclass
class Chapter:
    """The chapter, on a page."""

    page: Page

    def draw(self, strokes: list[Stroke]) -> None:
        self.page.evaluate("scrollTo(0, 0)")
        draw_with_mouse(self.page, strokes)

    def explain(self, strokes: list[Stroke], digit: int) -> None:
        """Draws, and scrolls on until the last step is painted."""
        self.draw(strokes)
        expect(self.page.locator("body")).to_have_class(re.compile("has-subject"))
        self.page.locator("#how").scroll_into_view_if_needed()
        self.is_about(digit)

    def is_about(self, digit: int) -> None:
        expect(self.page.locator("#how")).to_have_attribute("data-state", "shown")
        expect(self.page.locator("#how-outputs .chosen th")).to_have_text(str(digit))

    def maps(self, layer: str) -> Locator:
        return self.page.locator(f"#how-{layer} .maps canvas")

    def part(self, layer: str, name: str) -> Locator:
        return self.page.locator(f'#how-{layer} [data-part="{name}"]')

    def place(self, layer: str) -> tuple[int, int]:
        """Row and column of the chosen square, from 0."""
        found = re.match(r"Row (\d+), column (\d+)\.", self.part(layer, "exact").inner_text())
        assert found is not None
        return int(found[1]) - 1, int(found[2]) - 1

    def ledger(self, layer: str) -> list[float]:
        figures = self.part(layer, "sums").locator(".ledger td")
        return [number(text) for text in figures.all_inner_texts()]

    def truth(self, classifier: HandwrittenDigitsClassifier, digit: int = 0) -> FeatureMaps:
        """What the library says of the picture that was posted."""
        png = self.page.evaluate(
            """async (module) => {
                const { subject } = await import(module);
                const bytes = new Uint8Array(await subject.current.png.arrayBuffer());
                return btoa(String.fromCharCode(...bytes));
            }""",
            module(self.page, "subject.js"),
        )
        return classifier.feature_maps(base64.b64decode(png), digit=digit)


@pytest.fixture
def chapter(page: Page) -> Chapter:
    return Chapter(page)


def module(page: Page, name: str) -> str:
    """The address of one of the page's modules, by which a test meets the page's own."""
    address: str = page.evaluate(
        """(name) => performance.getEntriesByType("resource")
            .map((each) => each.name).find((address) => address.endsWith(`/${name}`))""",
        name,
    )
    return address


def activations(truth: FeatureMaps, name: str) -> NDArray[np.float32]:
    return next(layer.activations for layer in truth.layers if layer.name == name)


def pixels(canvases: Locator) -> NDArray[np.float64]:
    """(canvases, height, width, 3): their colours."""
    read = canvases.evaluate_all(
        """canvases => canvases.map((canvas) => {
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            const pixel = (k) => [...data.slice(4 * k, 4 * k + 3)];
            return Array.from({ length: height }, (_, y) =>
                Array.from({ length: width }, (_, x) => pixel(y * width + x)));
        })"""
    )
    return np.array(read, float)


def inked(page: Page, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The colours of values: from the paper's at 0 to the ink's at the largest of them."""
    hexes = page.evaluate(
        """() => ["--paper", "--ink"].map((name) =>
            getComputedStyle(document.documentElement).getPropertyValue(name).trim())"""
    )
    paper, ink = (np.array([int(each[at : at + 2], 16) for at in (1, 3, 5)]) for each in hexes)
    return np.asarray(paper + (values / values.max())[..., None] * (ink - paper), float)


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("−", "-"))


def products(table: Locator) -> NDArray[np.float64]:
    """(9, 3): input, weight and product of each cell, which are what they say."""
    found = []
    for text in table.locator("td").all_inner_texts():
        match = re.fullmatch(r"(\S+)\s+× (\S+)\s+= (\S+)", text.strip())
        assert match is not None, text
        found.append([number(each) for each in match.groups()])
    cells = np.array(found)
    assert cells[:, 2] == pytest.approx(cells[:, 0] * cells[:, 1], abs=1.01 * THIRD_DECIMAL)
    return cells


def never(route: Route) -> None:
    """The request stays open until the page's routes are taken away."""


def centre(locator: Locator) -> tuple[float, float]:
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize(("strokes", "digit"), [(SEVEN, 7), (DIGITS[4], 4)])
def test_what_is_painted_is_what_the_network_answered(
    chapter: Chapter,
    classifier: HandwrittenDigitsClassifier,
    strokes: list[Stroke],
    digit: int,
) -> None:
    page = chapter.page
    chapter.explain(strokes, digit)
    truth = chapter.truth(classifier)
    for name in MAPS:
        painted = pixels(chapter.maps(name))
        expected = inked(page, np.moveaxis(activations(truth, name), 2, 0))
        assert painted == pytest.approx(expected, abs=SHADE), name
    neurons = pixels(page.locator("#how-neurons"))[0].reshape(128, 3)
    assert neurons == pytest.approx(inked(page, activations(truth, "dense")), abs=SHADE)
    shares = page.locator("#how-outputs .share").evaluate_all(
        "all => all.map((one) => parseFloat(one.style.width) / 100)"
    )
    assert shares == pytest.approx(activations(truth, "probabilities"), abs=1e-3)
    answer = page.locator("#how-outputs tr.chosen .how-percent").last
    expect(answer).to_have_text(page.inner_text(".likeliest .percent"))


def test_the_28x28_picture_and_the_five_looks_are_what_the_network_saw(
    chapter: Chapter, classifier: HandwrittenDigitsClassifier
) -> None:
    chapter.explain(SEVEN, 7)
    image = chapter.truth(classifier).preparation.image
    alpha = """canvas => [...canvas.getContext("2d")
        .getImageData(0, 0, 28, 28).data.filter((_, k) => k % 4 === 3)]"""
    seen = np.array(chapter.page.locator("#how-seen").evaluate(alpha)).reshape(28, 28)
    assert seen == pytest.approx(255 * image, abs=SHADE)
    looks = [
        np.array(canvas.evaluate(alpha)).reshape(28, 28)
        for canvas in chapter.page.locator("#how-looks canvas").all()
    ]
    moved = [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]  # down, right
    assert len(looks) == len(moved)
    for look, (down, right) in zip(looks, moved, strict=True):
        paper = np.pad(seen, 1)
        expected = paper[1 - down : 29 - down, 1 - right : 29 - right]
        assert look == pytest.approx(expected, abs=SHADE)


def test_the_sums_of_the_first_convolution_add_up(
    chapter: Chapter, classifier: HandwrittenDigitsClassifier
) -> None:
    chapter.explain(SEVEN, 7)
    truth = chapter.truth(classifier)
    weights = classifier.weights()[0]
    maps = activations(truth, "convolution_1")
    for index in (1, 16, 29):
        chapter.maps("convolution_1").nth(index).click()
        output = chapter.part("convolution_1", "output")
        for key in ("ArrowLeft", "ArrowDown", "ArrowDown"):
            output.press(key)
            row, column = chapter.place("convolution_1")
            table = chapter.part("convolution_1", "sums").locator(".square")
            inputs, filter_, results = products(table).T
            window = truth.preparation.image[row : row + 3, column : column + 3].ravel()
            assert inputs == pytest.approx(window, abs=2 * THIRD_DECIMAL)
            assert filter_ == pytest.approx(weights.weights[index].ravel(), abs=1e-3)
            nine, bias, together, answer = chapter.ledger("convolution_1")
            assert nine == pytest.approx(results.sum())
            assert bias == pytest.approx(weights.biases[index], abs=1e-3)
            assert together == pytest.approx(nine + bias)
            assert answer == max(together, 0)
            assert answer == pytest.approx(maps[row, column, index], abs=0.01)


def test_the_sums_of_the_second_convolution_add_up(
    chapter: Chapter, classifier: HandwrittenDigitsClassifier
) -> None:
    chapter.explain(SEVEN, 7)
    truth = chapter.truth(classifier)
    weights = classifier.weights()[1]
    before = activations(truth, "pooling_1")
    others = chapter.part("convolution_2", "others")
    chapter.page.get_by_text("The other maps one by one").click()
    expect(others).to_be_visible()
    for index in (0, 20):
        chapter.maps("convolution_2").nth(index).click()
        for key in ("ArrowUp", "ArrowRight"):
            chapter.part("convolution_2", "output").press(key)
            row, column = chapter.place("convolution_2")
            window = before[row : row + 3, column : column + 3]
            sums = (window * weights.weights[index]).sum((0, 1))
            strongest = np.argsort(-np.abs(sums))[:3]
            tables = chapter.part("convolution_2", "sums").locator(".square").all()
            *shares, rest, bias, together, answer = chapter.ledger("convolution_2")
            for table, share, map_ in zip(tables, shares, strongest, strict=True):
                assert f"Map {map_ + 1} " in table.locator("caption").inner_text()
                cells = products(table)
                assert cells[:, 0] == pytest.approx(window[..., map_].ravel(), abs=0.002)
                assert share == pytest.approx(cells[:, 2].sum())
            told = re.findall(r"map (\d+): (\S+?)(?:,|$)", others.inner_text())
            assert len(told) == 29
            for name, value in told:
                assert number(value) == pytest.approx(sums[int(name) - 1], abs=0.002)
            assert rest == pytest.approx(sum(number(value) for _, value in told))
            assert together == pytest.approx(sum(shares) + rest + bias)
            assert answer == max(together, 0)
            truly = activations(truth, "convolution_2")[row, column, index]
            assert answer == pytest.approx(truly, abs=0.03)


@pytest.mark.parametrize(("layer", "before"), [("pooling_1", "convolution_1"), (*MAPS[3:1:-1],)])
def test_pooling_keeps_the_largest_of_four(
    chapter: Chapter, classifier: HandwrittenDigitsClassifier, layer: str, before: str
) -> None:
    chapter.explain(SEVEN, 7)
    truth = chapter.truth(classifier)
    index = 3
    chapter.maps(layer).nth(index).click()
    row, column = chapter.place(layer)
    four = activations(truth, before)[2 * row : 2 * row + 2, 2 * column : 2 * column + 2, index]
    sums = chapter.part(layer, "sums")
    told = [number(text) for text in sums.locator(".square td").all_inner_texts()]
    assert told == pytest.approx(four.ravel(), abs=0.002)
    assert chapter.ledger(layer) == [max(told)]
    assert number(sums.locator(".winner").inner_text()) == max(told)
    assert max(told) == pytest.approx(activations(truth, layer)[row, column, index], abs=0.002)


def test_pointing_at_a_map_looks_closer_and_choosing_it_stays(chapter: Chapter) -> None:
    chapter.explain(SEVEN, 7)
    page, title = chapter.page, chapter.part("convolution_1", "title")
    maps = chapter.maps("convolution_1")
    maps.nth(2).click()
    page.mouse.move(*centre(maps.nth(11)))
    expect(title).to_have_text("Feature map 12 of convolution 1")
    page.mouse.move(1, 1)
    expect(title).to_have_text("Feature map 3 of convolution 1")
    maps.nth(11).click()
    page.mouse.move(1, 1)
    expect(title).to_have_text("Feature map 12 of convolution 1")
    expect(maps.nth(11)).to_have_attribute("aria-selected", "true")


def test_pointing_at_a_square_shows_where_it_looked(chapter: Chapter) -> None:
    chapter.explain(SEVEN, 7)
    output = chapter.part("convolution_1", "output")
    x, y = centre(output)  # between the squares 12 and 13
    chapter.page.mouse.move(x + 3, y + 3)
    assert chapter.place("convolution_1") == (13, 13)
    for part, side, width in (("output", 1, 26), ("input", 3, 28)):
        canvas = chapter.part("convolution_1", part).bounding_box()
        frame = chapter.part("convolution_1", f"{part}-mark").bounding_box()
        assert canvas is not None
        assert frame is not None
        square = canvas["width"] / width
        assert frame["x"] == pytest.approx(canvas["x"] + 13 * square, abs=1)
        assert frame["y"] == pytest.approx(canvas["y"] + 13 * square, abs=1)
        assert frame["width"] == pytest.approx(side * square, abs=1)


@pytest.mark.parametrize(("width", "columns"), [(360, 8), (1000, 16)])
def test_the_maps_and_their_squares_by_keyboard(
    browser: Browser, server: Server, width: int, columns: int
) -> None:
    for page in opened(browser, server.address, viewport={"width": width, "height": 740}):
        chapter = Chapter(page)
        chapter.explain(SEVEN, 7)
        expect(page.locator('#how-convolution_1 .maps [tabindex="0"]')).to_have_count(1)
        page.locator('#how-convolution_1 .maps [tabindex="0"]').focus()
        title = chapter.part("convolution_1", "title")
        for key, number_ in (
            ("Home", 1),
            ("ArrowLeft", 1),
            ("ArrowRight", 2),
            ("ArrowDown", 2 + columns),
            ("ArrowUp", 2),
            ("End", 32),
            ("ArrowDown", 32),
            ("ArrowLeft", 31),
        ):
            page.keyboard.press(key)
            expect(title).to_have_text(re.compile(f"Feature map {number_} of convolution 1"))
            expect(chapter.maps("convolution_1").nth(number_ - 1)).to_be_focused()
        page.keyboard.press("Tab")
        expect(chapter.part("convolution_1", "output")).to_be_focused()
        row, column = chapter.place("convolution_1")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")
        assert chapter.place("convolution_1") == (row - 1, column + 1)
        for _ in range(26):
            page.keyboard.press("ArrowDown")
        assert chapter.place("convolution_1") == (25, column + 1)


def test_screen_readers_hear_the_sums_once_the_choice_rests(chapter: Chapter) -> None:
    chapter.explain(SEVEN, 7)
    page = chapter.page
    page.evaluate(
        """() => {
            window.heard = [];
            const live = document.getElementById("how-live");
            new MutationObserver(() => heard.push(live.textContent))
                .observe(live, { childList: true });
        }"""
    )
    output = chapter.part("convolution_1", "output")
    expect(output).to_have_attribute("aria-label", re.compile("^Feature map .* Arrow keys"))
    output.focus()
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    row, column = chapter.place("convolution_1")
    expect(page.locator("#how-live")).to_have_text(
        re.compile(rf"Row {row + 1}, column {column + 1}\. The nine products: .* Bias: .*: \S+\.$")
    )
    assert len(page.evaluate("heard")) == 1


def test_by_touch_a_tap_chooses_a_drag_moves_and_the_page_still_scrolls(
    browser: Browser, server: Server
) -> None:
    options = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    for page in opened(browser, server.address, **options):
        chapter = Chapter(page)
        chapter.explain(SEVEN, 7)
        page.touchscreen.tap(*centre(chapter.maps("convolution_1").nth(2)))
        title = chapter.part("convolution_1", "title")
        expect(title).to_have_text("Feature map 3 of convolution 1")

        x, y = centre(chapter.part("convolution_1", "output"))
        page.touchscreen.tap(x + 2, y + 2)
        assert chapter.place("convolution_1") == (13, 13)
        session = page.context.new_cdp_session(page)
        before = page.evaluate("scrollY")
        swipe(session, (x, y), (60, 0))
        assert chapter.place("convolution_1")[1] > 16
        assert page.evaluate("scrollY") == before
        swipe(session, (x, y), (0, -100))
        assert page.evaluate("scrollY") > before
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def swipe(session: object, start: tuple[float, float], way: tuple[float, float]) -> None:
    def touch(kind: str, *points: dict[str, float]) -> None:
        session.send(  # type: ignore[attr-defined]
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)}
        )

    touch("touchStart", {"x": start[0], "y": start[1]})
    for step in range(1, 11):
        share = step / 10
        touch("touchMove", {"x": start[0] + share * way[0], "y": start[1] + share * way[1]})
    touch("touchEnd")


def test_it_follows_the_chosen_digit_of_a_number(
    chapter: Chapter, classifier: HandwrittenDigitsClassifier
) -> None:
    page = chapter.page
    draw_with_mouse(page, [[(20, 25), (20, 75)], [(50, 25), (85, 25), (65, 75)]])
    expect(page.locator("#verdict-text")).to_have_text("17")
    for place, digit in ((0, 1), (1, 7), (0, 1)):
        page.locator(".digit").nth(place).click()
        page.locator("#how").scroll_into_view_if_needed()
        chapter.is_about(digit)
        maps = activations(chapter.truth(classifier, place), "convolution_1")
        painted = pixels(chapter.maps("convolution_1"))
        assert painted == pytest.approx(inked(page, np.moveaxis(maps, 2, 0)), abs=SHADE)


def test_what_was_cleared_does_not_come_back_with_the_next_drawing(chapter: Chapter) -> None:
    page = chapter.page
    chapter.explain(ONE, 1)
    page.locator("#clear").click()
    expect(page.locator("#how")).to_have_attribute("data-state", "empty")
    expect(page.locator("#how")).to_be_hidden()
    page.route("**/explain/layers**", never)
    chapter.draw(SEVEN)
    expect(page.locator("#how")).to_have_attribute("data-state", "loading")
    expect(page.locator("#how .chapter-body")).to_be_hidden()
    page.unroute_all()
    page.locator("#how").scroll_into_view_if_needed()
    chapter.is_about(7)


def test_it_pales_while_it_is_out_of_date(chapter: Chapter) -> None:
    page = chapter.page
    chapter.explain(ONE, 1)
    page.route("**/explain/layers**", never)
    chapter.draw([[(50, 15), (15, 15)]])
    expect(page.locator("#how")).to_have_attribute("data-state", "loading")
    expect(page.locator("#how-seen")).to_have_css("opacity", "0.55")
    page.locator("#how").scroll_into_view_if_needed()
    expect(page.locator("#verdict-text")).to_have_text("7")
    page.wait_for_timeout(100)
    page.unroute_all()
    chapter.is_about(7)
    expect(page.locator("#how-seen")).to_have_css("opacity", "1")


def test_when_the_server_is_out_of_reach_it_says_so_and_recovers(chapter: Chapter) -> None:
    page = chapter.page
    page.route("**/explain/layers**", lambda route: route.abort())
    chapter.draw(SEVEN)
    page.locator("#how").scroll_into_view_if_needed()
    expect(page.locator("#how .panel-trouble")).to_contain_text("out of reach")
    expect(page.locator("#verdict-text")).to_have_text("7")
    page.unroute_all()
    chapter.is_about(7)
    expect(page.locator("#how .panel-trouble")).to_be_hidden()


def test_the_filters_are_asked_for_once(chapter: Chapter) -> None:
    asked: list[str] = []
    chapter.page.on("request", lambda request: asked.append(request.url))
    chapter.explain(ONE, 1)
    chapter.page.locator("#clear").click()
    chapter.explain(SEVEN, 7)
    assert len([url for url in asked if "/explain/layers" in url]) >= 2
    assert len([url for url in asked if "/explain/weights?sha256=" in url]) == 1


def test_a_new_colour_scheme_repaints(
    chapter: Chapter, classifier: HandwrittenDigitsClassifier
) -> None:
    page = chapter.page
    chapter.explain(SEVEN, 7)
    light = pixels(chapter.maps("pooling_2"))
    page.emulate_media(color_scheme="dark")
    maps = np.moveaxis(activations(chapter.truth(classifier), "pooling_2"), 2, 0)
    dark = inked(page, maps)
    eventually(page, lambda: pixels(chapter.maps("pooling_2")) == pytest.approx(dark, abs=SHADE))
    assert light != pytest.approx(dark, abs=SHADE)


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_the_chapter_fits_and_its_maps_are_large_enough_to_tap(
    browser: Browser, server: Server, width: int
) -> None:
    for page in opened(browser, server.address, viewport={"width": width, "height": 740}):
        chapter = Chapter(page)
        chapter.explain(SEVEN, 7)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        beyond = page.locator("#how .chapter-body").evaluate(
            """body => [...body.querySelectorAll("*")]
                .filter((part) => part.checkVisibility() && !part.closest(".announcement"))
                .filter((part) => part.getBoundingClientRect().right >
                    body.getBoundingClientRect().right + 1)
                .map((part) => part.outerHTML)"""
        )
        assert beyond == []
        sizes = page.locator("#how .maps canvas").evaluate_all(
            "all => all.map((one) => Math.min(one.clientWidth, one.clientHeight))"
        )
        assert len(sizes) == 4 * 32
        assert min(sizes) >= 24


def test_half_precision_is_read_exactly(page: Page) -> None:
    halves = np.arange(2**16, dtype="<u2").view("<f2")
    read = page.evaluate(
        """async ([module, data]) => {
            const { decode } = await import(module);
            return [...decode({ dtype: "float16", shape: [65536], data }).data].map(String);
        }""",
        [module(page, "tensor.js"), base64.b64encode(halves.tobytes()).decode()],
    )
    values = np.array([float(text.replace("Infinity", "inf")) for text in read])
    np.testing.assert_array_equal(values, halves.astype(float))
