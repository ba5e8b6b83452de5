"""Chapter 1, how it read this: it shows what the network did."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from classifier import FeatureMaps
from classifier import HandwrittenDigitsClassifier as Classifier
from tests.browser import hand
from tests.browser.conftest import Posted

MAPS = ("convolution_1", "pooling_1", "convolution_2", "pooling_2")
SHADE = 1.5  # of 255: the scale has 256 shades, and half precision is more exact
THIRD_DECIMAL = 0.000505
SEVENTEEN = [[(20, 25), (20, 75)], [(50, 25), (85, 25), (65, 75)]]


@pytest.fixture
def page(posted: Posted, page: Page) -> Page:
    """The page with a 7, and the chapter filled."""
    hand.write(page, hand.SEVEN, "7")
    show(page, 7)
    return page


def truth(posted: Posted, classifier: Classifier, digit: int = 0) -> FeatureMaps:
    """Return what the library says about the posted picture."""
    return classifier.explain(posted("/explain/layers")[-1], digit=digit).layers()


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


def activations(maps: FeatureMaps, name: str) -> NDArray[np.float32]:
    return next(layer.activations for layer in maps.layers if layer.name == name)


def numbers(cells: Locator) -> list[float]:
    texts = cells.all_inner_texts()
    return [float(text.strip("×= ").replace("−", "-")) for text in texts]


def test_it_paints_what_the_network_did_with_each_digit(
    page: Page, posted: Posted, classifier: Classifier
) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    hand.clear(page)
    hand.write(page, SEVENTEEN, "17")
    for at, digit in ((0, 1), (1, 7)):
        page.locator(".digit").nth(at).click()
        show(page, digit)
        found = truth(posted, classifier, at)
        layers = {name: np.moveaxis(activations(found, name), 2, 0) for name in MAPS}
        painted = {name: hand.pixels(maps(page, name)) for name in MAPS}
        layers["dense"] = activations(found, "dense").ravel()
        painted["dense"] = hand.pixels(page.locator("#how-neurons")).reshape(128, 4)
        for name, values in layers.items():
            shown = np.corrcoef(painted[name][..., 0].ravel(), values.ravel())[0, 1]
            assert shown == pytest.approx(-1, abs=1e-3), name  # the more, the darker
        shares = page.locator("#how-outputs .share").evaluate_all(
            "all => all.map((one) => parseFloat(one.style.width) / 100)"
        )
        assert shares == pytest.approx(activations(found, "probabilities"), abs=1e-3)
        answer = page.locator("#how-outputs .chosen .how-percent").last
        expect(answer).to_have_text(page.inner_text(".likeliest .percent"))

        seen = hand.pixels(page.locator("#how-seen"))[0, ..., 3]
        assert seen == pytest.approx(255 * found.preparation.image, abs=SHADE)
        expect(page.locator("#how-looks canvas")).to_have_count(5)
    assert not [url for url in requested if "/explain/weights" in url], "these are loaded once"


@pytest.mark.parametrize(
    ("layer", "before", "index"),
    [("convolution_1", "image", 29), ("convolution_2", "pooling_1", 20)],
)
def test_the_sums_of_a_convolution_add_up(
    page: Page, posted: Posted, classifier: Classifier, layer: str, before: str, index: int
) -> None:
    found = truth(posted, classifier)
    weights = next(each for each in classifier.weights() if each.name == layer)
    inputs = activations(found, before) if before != "image" else found.preparation.image[..., None]
    maps(page, layer).nth(index).click()
    part(page, layer, "output").press("ArrowLeft")
    row, column = place(page, layer)
    window = inputs[row : row + 3, column : column + 3]
    expected = (window * weights.weights[index]).sum((0, 1))
    strongest = np.argsort(-np.abs(expected))[:3]  # the others are added up
    sums = part(page, layer, "sums")
    *shares, bias, together, answer = numbers(sums.locator(".ledger td"))
    tables = sums.locator(".square").all()
    for table, share, map_ in zip(tables, shares[: len(strongest)], strongest, strict=True):
        cells = np.reshape(numbers(table.locator("td > *")), (9, 3))  # input, weight, product
        assert cells[:, 0] == pytest.approx(window[..., map_].ravel(), abs=0.002)
        assert cells[:, 1] == pytest.approx(weights.weights[index][..., map_].ravel(), abs=1e-3)
        assert cells[:, 2] == pytest.approx(cells[:, 0] * cells[:, 1], abs=THIRD_DECIMAL)
        assert share == pytest.approx(cells[:, 2].sum())
    assert bias == pytest.approx(weights.biases[index], abs=1e-3)
    assert together == pytest.approx(sum(shares) + bias)
    assert answer == max(together, 0)
    assert answer == pytest.approx(activations(found, layer)[row, column, index], abs=0.03)


def test_the_keyboard_chooses_maps_and_squares_which_screen_readers_hear(page: Page) -> None:
    layer = "convolution_1"
    page.locator(f'#how-{layer} .maps [tabindex="0"]').focus()
    for key, number in (("Home", 1), ("ArrowRight", 2), ("ArrowDown", 18), ("End", 32)):
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
    spoken = re.compile(rf"Row {row}, column {column + 2}\. The nine products: .* Bias: .*: \S+\.$")
    expect(page.locator("#how-live")).to_have_text(spoken)


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
    before = phone.evaluate("scrollY")
    hand.swipe(session, [(x, y)], [(x + 60, y)])
    assert phone.evaluate("scrollY") == before
    assert place(phone, layer)[1] > 16
    hand.swipe(session, [(x, y)], [(x, y - 100)])
    assert phone.evaluate("scrollY") > before
