"""Chapters 2 to 5: why, what if, stroke by stroke, watch it learn; and what all have in common."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from classifier import HandwrittenDigitsClassifier as Classifier
from tests.browser import hand
from tests.browser.conftest import Posted, Visit
from tests.handwriting import DIGITS, as_png, draw

# The address that each asks, and the element that then shows the digit.
CHAPTERS = {
    "how": ("**/explain/layers?*", "#how-outputs .chosen th"),
    "why": ("**/explain/heat-map?*", ".choice:has(:checked) b"),
    "what-if": ("**/explain/what-if?*", "#altered-read"),
    "replay": ("**/predict", "#replay-read"),
    "learn": ("**/explain/snapshots?*", ".snapshot:last-child"),
}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_survives_late_and_lost_answers(visit: Visit, chapter: str) -> None:
    page = visit(is_alone=True)
    page.clock.install()
    page.set_viewport_size({"width": 1000, "height": 600})  # no chapter is in view
    address, digit = CHAPTERS[chapter]
    section = page.locator(f"#{chapter}")
    hand.write(page, hand.ONE, "1")
    held = hand.Held(page, address)
    hand.scroll_to(page, chapter)
    held.wait_for(1)
    expect(section).to_have_attribute("data-state", "loading")
    expect(section.locator(".chapter-body").first).not_to_have_css("opacity", "1")

    page.unroute_all()
    page.evaluate("scrollTo(0, 0)")
    hand.write(page, hand.ROOF, "7")
    hand.turn_to(page, chapter)
    expect(page.locator(digit)).to_contain_text("7")
    expect(section.locator(".chapter-body")).to_have_css("opacity", "1")

    hand.clear(page)
    expect(section).to_be_hidden()
    hand.write(page, hand.ONE, "1")
    page.route(address, lambda route: route.abort())
    hand.scroll_to(page, chapter)
    trouble = section.locator("> .panel-trouble")
    expect(trouble).to_have_text("The server is out of reach; trying again.")
    body = section.locator(".chapter-body")
    assert body.evaluate("body => body.checkVisibility({ opacityProperty: true })") is False
    page.unroute_all()
    page.clock.run_for(3_000)
    hand.turn_to(page, chapter)
    expect(page.locator(digit)).to_contain_text("1")
    expect(trouble).to_be_hidden()


@pytest.mark.parametrize("way", ["reload", "back"])
def test_the_visitor_returns_to_where_they_were_reading(page: Page, way: str) -> None:
    hand.write(page, hand.SEVEN, "7")
    for chapter in (*CHAPTERS, "replay"):
        hand.turn_to(page, chapter)
    page.evaluate("scrollBy(0, 40)")
    top = "document.getElementById('replay').getBoundingClientRect().top"
    before = page.evaluate(top)
    if way == "reload":
        page.reload()
    else:
        page.goto(page.url + "model")
        page.go_back()
    expect(page.locator("#replay")).to_have_attribute("data-state", "shown")
    hand.eventually(page, lambda: abs(page.evaluate(top) - before) < 3)


BLUE, RED = (0x22, 0x38, 0x6B), (0xB3, 0x26, 0x1E)


def choice(page: Page, digit: int) -> Locator:
    return page.locator(".choice input").nth(digit)


def test_the_heat_map_colours_ink(page: Page, posted: Posted, classifier: Classifier) -> None:
    hand.write(page, DIGITS[6], "6")
    hand.turn_to(page, "why")
    told = page.locator("#why-told")
    expect(told).to_contain_text("Most of what spoke for the 6 is at the bottom")
    expect(choice(page, 6)).to_be_checked()
    heat = classifier.explain(posted("/explain/heat-map")[-1]).heat_map().heat
    for digit, colour, strongest in ((6, BLUE, heat[6].argmax()), (5, RED, heat[5].argmin())):
        if digit == 5:
            choice(page, 6).press("ArrowLeft")
            expect(choice(page, 5)).to_be_focused()
            expect(told).to_contain_text("a 5")
        expect(page.locator("#heat")).to_have_attribute(
            "aria-label", re.compile(f"(a|the) {digit}$")
        )
        colours = hand.pixels(page.locator("#heat"))[0, ..., :3].reshape(-1, 3)
        assert colours[strongest] == pytest.approx(colour, abs=2)


def test_why_is_about_the_selected_digit(phone: Page) -> None:
    hand.write(phone, hand.FORTY_TWO, "42")
    for place, digit in enumerate((4, 2)):
        phone.locator(".digit").nth(place).tap()
        hand.turn_to(phone, "why")
        expect(choice(phone, digit)).to_be_checked()


def alteration(page: Page, name: str) -> Locator:
    return page.locator(f"#alter [name={name}]")


def seen(page: Page) -> str:
    """The altered picture that the network sees, once the newest one is shown."""
    expect(page.locator("#what-if")).not_to_have_class(re.compile("is-waiting"))
    return str(page.get_attribute("#altered-seen", "src"))


def test_a_turned_6_is_a_9_until_it_is_reset_or_replaced(page: Page) -> None:
    hand.write(page, DIGITS[6], "6")
    hand.turn_to(page, "what-if")
    read, turn = page.locator("#altered-read"), alteration(page, "turn")
    assert seen(page) == page.get_attribute("#seen", "src")
    turn.press("End")
    expect(read).to_have_text("9")
    expect(turn).to_have_attribute("aria-valuetext", "180° to the right")
    columns = page.locator("#altered-columns")
    expect(columns).to_have_attribute("aria-label", re.compile(": 9 with"))
    expect(page.locator("#what-if-announcement")).to_contain_text("changes its mind: 9")
    page.get_by_role("button", name="Reset").click()
    expect(read).to_have_text("6")
    expect(turn).to_have_value("0")
    turn.press("End")
    turn.press("Escape")  # clears only at the sheet
    expect(page.locator("#clear")).to_be_enabled()
    hand.clear(page)
    hand.write(page, DIGITS[3], "3")
    hand.turn_to(page, "what-if")
    expect(read).to_have_text("3")
    expect(turn).to_have_value("0")


def test_the_preparation_undoes_moving_and_resizing(page: Page) -> None:
    hand.write(page, hand.small(7, 25, 25, 40), "7")
    hand.turn_to(page, "what-if")
    unaltered, lesson = seen(page), page.locator("#lesson")
    drawn = hand.pixels(page.locator("#altered-sheet"))
    alteration(page, "right").fill("6")
    expect(alteration(page, "right")).to_have_attribute("aria-valuetext", "6 squares right")
    expect(lesson).to_contain_text("Moving it makes no difference")
    assert seen(page) == unaltered
    assert (hand.pixels(page.locator("#altered-sheet")) != drawn).any()

    page.get_by_role("switch", name="centre of mass").press("Space")
    expect(page.locator("#altered-seen")).not_to_have_attribute("src", unaltered)
    expect(lesson).to_contain_text("It is not centred now")


def test_it_shows_what_the_server_answers(page: Page) -> None:
    def expect_altered(answer: dict[str, Any]) -> None:
        expect(page.locator("#altered-seen")).to_have_attribute("src", answer["image"])
        expect(page.locator("#altered-read")).to_have_text(str(answer["digit"]))

    with page.expect_response("**/explain/least-changes?*") as least:
        hand.write(page, DIGITS[4], "4")
        hand.turn_to(page, "least")
    hand.turn_to(page, "what-if")
    with page.expect_response(re.compile("down=3&turn=-40&pen=2&fit=1&centre=0")) as altered:
        for name, value in (("turn", "-40"), ("pen", "6"), ("down", "3")):
            alteration(page, name).fill(value)
        page.get_by_role("switch", name="centre of mass").click()
    expect_altered(altered.value.json())
    changes = least.value.json()["changes"]
    assert len(changes) > 0
    expect(page.locator("#changes li")).to_have_count(len(changes))
    for number, change in enumerate(changes):
        page.locator("#changes li button").nth(number).click()
        turn = str(round(change["alteration"]["turn"]))
        expect(alteration(page, "turn")).to_have_value(turn)
        expect_altered(change)


MOMENTS = {"replay": 28, "learn": 10}


def slider(page: Page, chapter: str) -> Locator:
    return page.locator(f"#{chapter} input[type=range]")


def test_the_drawing_is_replayed(page: Page, posted: Posted, classifier: Classifier) -> None:
    hand.write(page, DIGITS[6], "6")
    written = len(posted("/predict"))
    hand.turn_to(page, "replay")
    pictures = posted("/predict")[written:]
    assert len(pictures) == MOMENTS["replay"] - 1
    answers = [classifier.predict(picture) for picture in pictures]
    texts = [*(answer.text or "?" for answer in answers), "6"]
    expect(page.locator(".piece")).to_have_text([text for text, _ in itertools.groupby(texts)])
    expect(page.locator("#replay-plot .line-name").filter(has_text="6")).to_have_count(1)
    expect(page.locator("#replay-plot")).to_have_attribute("aria-label", re.compile("6 up to"))

    expect(page.locator("#replay-read")).to_have_text("6")
    slider(page, "replay").press("Home")
    inked = []
    for answer in answers:
        expect(page.locator("#replay-read")).to_have_text(answer.text or "?")
        inked.append(hand.ink(page, "#replay-sheet"))
        page.keyboard.press("ArrowRight")
    assert inked == sorted(inked)
    assert inked[0] < inked[-1] / 4
    expect(slider(page, "replay")).to_have_attribute("aria-valuetext", re.compile("^6, .* sure$"))


def test_the_training_is_replayed(page: Page, posted: Posted, classifier: Classifier) -> None:
    hand.write(page, DIGITS[5], "5")
    hand.turn_to(page, "learn")
    snapshots = classifier.explain(posted("/explain/snapshots")[-1]).snapshots()
    assert len(snapshots) == MOMENTS["learn"]
    marks = page.locator("#learn-plot .snapshot")
    expect(marks).to_have_text([re.compile(f"^{each.digit}") for each in snapshots])
    slider(page, "learn").press("Home")
    filters = set()
    for snapshot in snapshots:
        expect(page.locator("#learn-read")).to_have_text(str(snapshot.digit))
        spoken = re.compile(f"answered {snapshot.digit}, ")
        expect(slider(page, "learn")).to_have_attribute("aria-valuetext", spoken)
        assert snapshot.accuracy is not None
        expect(page.locator("#learn-told")).to_contain_text(f"{100 * snapshot.accuracy:.1f}\u00a0%")
        filters.add(page.evaluate("document.getElementById('filters').toDataURL()"))
        page.keyboard.press("ArrowRight")
    assert len(filters) == len(snapshots)


@pytest.mark.parametrize("chapter", MOMENTS)
def test_the_button_plays_or_steps(page: Page, chapter: str) -> None:
    last = MOMENTS[chapter] - 1
    hand.write(page, hand.SEVEN, "7")
    hand.turn_to(page, chapter)
    button, moment = page.locator(f"#{chapter} .play button"), slider(page, chapter)
    button.click()  # from the start
    expect(button).to_have_text("Pause")
    button.click()
    expect(button).to_have_text("Play")
    expect(moment).not_to_have_value(str(last))
    moment.fill(str(last - 2))
    button.click()
    expect(moment).to_have_value(str(last))
    expect(button).to_have_text("Play")
    page.emulate_media(reduced_motion="reduce")
    expect(button).to_have_text("Step")
    button.click()
    expect(moment).to_have_value("0")
    button.click()
    expect(moment).to_have_value("1")


def test_a_number_is_replayed_once_for_all_its_digits(page: Page, posted: Posted) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    hand.choose_from_gallery(page, "the start of pi")
    hand.expect_answer(page, "31415")
    hand.turn_to(page, "replay")
    read, ribbon = page.locator("#replay-read"), page.locator("#replay-ribbon")
    expect(page.locator("#replay-plot")).to_be_hidden()
    expect(read).to_have_text("31415")
    expect(ribbon).to_have_attribute("aria-label", re.compile("then 31415$"))
    # A cut-off 31415 would read as 314.
    expect(page.locator(".piece.is-cut-off").first).to_have_css("color", "rgba(0, 0, 0, 0)")
    slider(page, "replay").fill("12")
    expect(read).not_to_have_text("31415")
    asked = len(posted("/predict"))
    page.locator('.digit[aria-pressed="false"]').first.click()
    hand.turn_to(page, "replay")
    assert len(posted("/predict")) == asked


def test_only_drawings_are_replayed_and_shown_altered(page: Page) -> None:
    page.route("**/explain/least-changes?*", lambda route: route.fulfill(json={"changes": []}))
    hand.upload(page, as_png(draw(3)))
    hand.expect_answer(page, "3")
    hand.turn_to(page, "least")
    expect(page.locator("#no-changes")).to_be_visible()
    hand.turn_to(page, "replay")
    expect(page.locator("#no-strokes")).to_be_visible()
    expect(slider(page, "replay")).to_be_hidden()
    hand.turn_to(page, "what-if")
    expect(page.locator("#altered-read")).to_have_text("3")
    expect(page.locator("#altered-sheet")).to_be_hidden()
