"""Chapter 1, how it read this: it shows what the network did."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from classifier import FeatureMaps, HandwrittenDigitsClassifier
from tests.browser import hand

MAPS = ("convolution_1", "pooling_1", "convolution_2", "pooling_2")
SHADE = 1.5  # of 255: the scale has 256 shades, and half precision is more exact
THIRD_DECIMAL = 0.0005
SEVENTEEN = [[(20, 25), (20, 75)], [(50, 25), (85, 25), (65, 75)]]


@pytest.fixture
def page(page: Page) -> Page:
    """The page with a 7, and the chapter filled."""
    hand.write(page, hand.SEVEN, "7")
    show(page, 7)
    return page


def show(page: Page, digit: int) -> None:
    """Wait until the last step is painted."""
    hand.turn_to(page, "how")
    expect(page.locator("#how-outputs .chosen th")).to_have_text(str(digit))


def maps(page: Page, layer: str) -> Locator:
    return page.locator(f"#how-{layer} .maps canvas")


def part(page: Page, layer: str, name: str) -> Locator:
    return page.locator(f'#how-{layer} [data-part="{name}"]')


def place(page: Page, layer: str) -> tuple[int, int]:
    """Row and column of the chosen square, from 0."""
    found = re.match(r"Row (\d+), column (\d+)\.", part(page, layer, "exact").inner_text())
    assert found is not None
    return int(found[1]) - 1, int(found[2]) - 1


def truth(page: Page, classifier: HandwrittenDigitsClassifier, digit: int = 0) -> FeatureMaps:
    """What the library says about the posted picture."""
    png = page.evaluate(
        """async (module) => {
            const { selection } = await import(module);
            const bytes = new Uint8Array(await selection.current.png.arrayBuffer());
            return btoa(String.fromCharCode(...bytes));
        }""",
        hand.module(page, "selection.js"),
    )
    return classifier.explain(base64.b64decode(png), digit=digit).layers()


def activations(truth: FeatureMaps, name: str) -> NDArray[np.float32]:
    return next(layer.activations for layer in truth.layers if layer.name == name)


def colours(canvases: Locator) -> NDArray[np.float64]:
    return hand.pixels(canvases)[..., :3]


def inked(page: Page, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The colours of values: from the paper's at 0 to the ink's at the largest of them."""
    hexes = page.evaluate(
        """() => ["--paper", "--ink"].map((name) =>
            getComputedStyle(document.documentElement).getPropertyValue(name).trim())"""
    )
    paper, ink = (np.array([int(each[at : at + 2], 16) for at in (1, 3, 5)]) for each in hexes)
    return np.asarray(paper + (values / values.max())[..., None] * (ink - paper), float)


def numbers(cells: Locator) -> list[float]:
    return [float(text.replace("−", "-")) for text in cells.all_inner_texts()]


def products(table: Locator) -> NDArray[np.float64]:
    """(9, 3): input, weight and product of each cell, which are correct to three decimals."""
    parts = table.locator("td > *").all_inner_texts()
    found = np.array([float(text.strip("×= ").replace("−", "-")) for text in parts]).reshape(9, 3)
    assert found[:, 2] == pytest.approx(found[:, 0] * found[:, 1], abs=1.01 * THIRD_DECIMAL)
    return found


def test_it_paints_what_the_network_did_with_each_digit(
    page: Page, classifier: HandwrittenDigitsClassifier
) -> None:
    page.evaluate("scrollTo(0, 0)")
    page.click("#clear")
    hand.write(page, SEVENTEEN, "17")
    for at, digit in ((0, 1), (1, 7)):
        page.locator(".digit").nth(at).click()
        show(page, digit)
        found = truth(page, classifier, at)
        for name in MAPS:
            expected = inked(page, np.moveaxis(activations(found, name), 2, 0))
            assert colours(maps(page, name)) == pytest.approx(expected, abs=SHADE), name
        neurons = colours(page.locator("#how-neurons")).reshape(128, 3)
        assert neurons == pytest.approx(inked(page, activations(found, "dense")), abs=SHADE)
        shares = page.locator("#how-outputs .share").evaluate_all(
            "all => all.map((one) => parseFloat(one.style.width) / 100)"
        )
        assert shares == pytest.approx(activations(found, "probabilities"), abs=1e-3)
        answer = page.locator("#how-outputs .chosen .how-percent").last
        expect(answer).to_have_text(page.inner_text(".likeliest .percent"))

        seen = hand.pixels(page.locator("#how-seen"))[0, ..., 3]
        assert seen == pytest.approx(255 * found.preparation.image, abs=SHADE)
        looks = hand.pixels(page.locator("#how-looks canvas"))[..., 3]
        paper = np.pad(seen, 1)
        moved = [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]  # down, right
        expected = [paper[1 - down : 29 - down, 1 - right : 29 - right] for down, right in moved]
        assert looks == pytest.approx(np.array(expected), abs=SHADE)


@pytest.mark.parametrize(
    ("layer", "before", "index"),
    [("convolution_1", "image", 29), ("convolution_2", "pooling_1", 20)],
)
def test_the_sums_of_a_convolution_add_up(
    page: Page, classifier: HandwrittenDigitsClassifier, layer: str, before: str, index: int
) -> None:
    found = truth(page, classifier)
    weights = next(each for each in classifier.weights() if each.name == layer)
    inputs = activations(found, before) if before != "image" else found.preparation.image[..., None]
    maps(page, layer).nth(index).click()
    for key in ("ArrowLeft", "ArrowDown"):
        part(page, layer, "output").press(key)
        row, column = place(page, layer)
        window = inputs[row : row + 3, column : column + 3]
        expected = (window * weights.weights[index]).sum((0, 1))
        strongest = np.argsort(-np.abs(expected))[:3]
        sums = part(page, layer, "sums")
        *shares, bias, together, answer = numbers(sums.locator(".ledger td"))
        tables = sums.locator(".square").all()
        for table, share, map_ in zip(tables, shares[: len(strongest)], strongest, strict=True):
            cells = products(table)
            assert cells[:, 0] == pytest.approx(window[..., map_].ravel(), abs=0.002)
            kernel = weights.weights[index][..., map_].ravel()
            assert cells[:, 1] == pytest.approx(kernel, abs=1e-3)
            assert share == pytest.approx(cells[:, 2].sum())
        others = part(page, layer, "others")
        if others.count():
            told = re.findall(r"map (\d+): (\S+?)(?:,|$)", others.text_content() or "")
            values = [float(value.replace("−", "-")) for _, value in told]
            assert values == pytest.approx([expected[int(map_) - 1] for map_, _ in told], abs=0.002)
            assert len(values) == 29
            assert shares[-1] == pytest.approx(sum(values))
        assert bias == pytest.approx(weights.biases[index], abs=1e-3)
        assert together == pytest.approx(sum(shares) + bias)
        assert answer == max(together, 0)
        assert answer == pytest.approx(activations(found, layer)[row, column, index], abs=0.03)


def test_pooling_keeps_the_largest_of_four(
    page: Page, classifier: HandwrittenDigitsClassifier
) -> None:
    found = truth(page, classifier)
    for before, layer in (MAPS[:2], MAPS[2:]):
        maps(page, layer).nth(3).click()
        row, column = place(page, layer)
        four = activations(found, before)[2 * row : 2 * row + 2, 2 * column : 2 * column + 2, 3]
        sums = part(page, layer, "sums")
        told = numbers(sums.locator(".square td"))
        assert told == pytest.approx(four.ravel(), abs=0.002)
        assert (
            numbers(sums.locator(".winner")) == numbers(sums.locator(".ledger td")) == [max(told)]
        )
        assert max(told) == pytest.approx(activations(found, layer)[row, column, 3], abs=0.002)


def test_a_mouse_looks_at_what_it_points_at_and_chooses_by_clicking(page: Page) -> None:
    layer = "convolution_1"
    title = part(page, layer, "title")
    maps(page, layer).nth(2).click()
    maps(page, layer).nth(11).hover()
    expect(title).to_have_text("Feature map 12 of convolution 1")
    page.mouse.move(1, 1)
    expect(title).to_have_text("Feature map 3 of convolution 1")
    maps(page, layer).nth(11).click()
    page.mouse.move(1, 1)
    expect(title).to_have_text("Feature map 12 of convolution 1")
    expect(maps(page, layer).nth(11)).to_have_attribute("aria-selected", "true")


def test_the_keyboard_chooses_maps_and_squares_which_screen_readers_hear(page: Page) -> None:
    layer = "convolution_1"
    page.evaluate(
        """() => {
            window.heard = [];
            const live = document.getElementById("how-live");
            new MutationObserver(() => heard.push(live.textContent))
                .observe(live, { childList: true });
        }"""
    )
    page.locator(f'#how-{layer} .maps [tabindex="0"]').focus()
    for key, number in (
        ("Home", 1),
        ("ArrowLeft", 1),
        ("ArrowRight", 2),
        ("ArrowDown", 18),
        ("ArrowUp", 2),
        ("End", 32),
        ("ArrowDown", 32),
    ):
        page.keyboard.press(key)
        expect(part(page, layer, "title")).to_have_text(re.compile(f"Feature map {number} of"))
        expect(maps(page, layer).nth(number - 1)).to_be_focused()
    page.keyboard.press("Tab")
    output = part(page, layer, "output")
    expect(output).to_be_focused()
    expect(output).to_have_attribute("aria-label", re.compile("^Feature map .* Arrow keys"))
    row, column = place(page, layer)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert place(page, layer) == (row - 1, column + 1)
    for _ in range(26):
        page.keyboard.press("ArrowDown")
    assert place(page, layer) == (25, column + 1), "the last row"
    expect(page.locator("#how-live")).to_have_text(
        re.compile(rf"Row 26, column {column + 2}\. The nine products: .* Bias: .*: \S+\.$")
    )
    assert len(page.evaluate("heard")) == 1, "once the choice rests"


def test_a_finger_taps_and_drags_and_the_page_still_scrolls(phone: Page) -> None:
    hand.write(phone, hand.SEVEN, "7")
    show(phone, 7)
    layer = "convolution_1"
    maps(phone, layer).nth(2).tap()
    expect(part(phone, layer, "title")).to_have_text("Feature map 3 of convolution 1")
    part(phone, layer, "output").scroll_into_view_if_needed()
    ((x, y),) = hand.on_page(phone, [(51, 51)], f'#how-{layer} [data-part="output"]')
    phone.touchscreen.tap(x, y)
    assert place(phone, layer) == (13, 13)
    session = phone.context.new_cdp_session(phone)

    def swipe(right: float, down: float) -> float:
        before: float = phone.evaluate("scrollY")
        hand.touch(session, "touchStart", (x, y))
        for step in range(1, 11):
            hand.touch(session, "touchMove", (x + right * step / 10, y + down * step / 10))
        hand.touch(session, "touchEnd")
        return phone.evaluate("scrollY") - before

    assert swipe(60, 0) == 0
    assert place(phone, layer)[1] > 16
    assert swipe(0, -100) > 0


def test_a_cleared_drawing_does_not_return_and_filters_are_loaded_once(page: Page) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    hand.clear(page)
    expect(page.locator("#how")).to_be_hidden()
    held = hand.Held(page, "**/explain/layers?*")
    hand.write(page, hand.ONE, "1")
    hand.scroll_to(page, "how")
    held.wait_for(1)
    expect(page.locator("#how .chapter-body")).to_be_hidden()
    held.routes[0].continue_()
    show(page, 1)
    assert not [url for url in requested if "/explain/weights" in url]
