"""Measure how fast the page is in a real Chromium, and how many bytes it loads.

    python -m benchmarks.page

It measures the time from lifting the pointer to the answer, the time that scripts take in each
frame while a mouse draws, and the bytes of all files that the page loads. The digits are
synthesised. Server and browser share the machine.
"""

from __future__ import annotations

import collections
import json
import math
import os
import statistics
import time
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import results
from benchmarks.browser import Stroke, canvas_box, chromium, draw_with_mouse
from benchmarks.servers import running
from classifier.learning.handwriting import fit, random_writer, write_digit

DIGITS = 30
SECONDS = 5.0  # of one stroke
EVENTS_PER_SECOND = 60  # of the mouse
FRAME = 16.0  # milliseconds
PATIENCE = 10_000  # milliseconds for one answer
QUIET = 250  # milliseconds without a change, after which an answer is final
TURNS = 4  # of the spiral that is drawn in one stroke

# Chromium's names for work that runs scripts.
SCRIPT = {
    "EventDispatch",
    "EvaluateScript",
    "FireAnimationFrame",
    "FunctionCall",
    "RunMicrotasks",
    "TimerFire",
    "v8.callFunction",
}
END_OF_FRAME = "BeginCommitCompositorFrame"
TRACED = ["devtools.timeline", "disabled-by-default-devtools.timeline"]


def main() -> None:
    """Measure, print and write benchmarks/results/page.json."""
    with running() as server, sync_playwright() as playwright, chromium(playwright) as browser:
        measured = measure(browser, server.address)
    results.write("page", measured)
    print(json.dumps(measured, indent=2))


def measure(browser: Browser, address: str) -> dict[str, Any]:
    """Return the measurements of the page at `address`."""
    page = browser.new_page()
    page.goto(address)
    sizes = own_bytes(page)
    watch(page)
    answered = [milliseconds_to_answer(page, number) for number in range(DIGITS)]
    trace = traced_stroke(page)
    frames = script_by_frame(trace)
    page.close()
    return {
        "chromium": browser.version,
        "cores": len(os.sched_getaffinity(0)),  # for server and browser together
        "digits": DIGITS,
        "milliseconds_to_answer": {
            "median": statistics.median(answered),
            "worst": max(answered),
        },
        "events_per_second": EVENTS_PER_SECOND,
        "frames": len(frames),
        "milliseconds_of_script_in_a_frame": {
            "p99": float(np.percentile(frames, 99)),
            "worst": max(frames),
            "worst_on_processor": max(script_by_frame(on_processor(trace))),
        },
        "milliseconds_of_a_frame": FRAME,
        "frames_lost_to_script": sum(each > FRAME for each in frames),
        "bytes": {**sizes, "all": sum(sizes.values())},
    }


def own_bytes(page: Page) -> dict[str, int]:
    """Return the bytes that a freshly opened page has loaded, compressed, by kind of file.

    They include the icon, which a headless Chromium does not load.
    """
    loaded: list[tuple[str, int]] = page.evaluate(
        """async () => {
            await (await fetch(document.querySelector("link[rel=icon]").href)).blob();
            return ["navigation", "resource"]
                .flatMap((kind) => performance.getEntriesByType(kind))
                .filter((each) => each.name.startsWith(location.origin))
                .map((each) => [new URL(each.name).pathname, each.encodedBodySize]);
        }"""
    )
    sizes: collections.Counter[str] = collections.Counter()
    for path, size in loaded:
        _, dot, suffix = path.rpartition(".")
        sizes[suffix if dot else "html"] += size
    return dict(sizes)


def watch(page: Page) -> None:
    """Make the page record when the pointer is lifted and when the answer changes."""
    page.evaluate(
        """() => {
            window.lifted = window.changed = 0;
            addEventListener("pointerup", (event) => { lifted = event.timeStamp; }, true);
            new MutationObserver(() => { changed = performance.now(); })
                .observe(document.getElementById("answer"), {
                    attributes: true, characterData: true, childList: true, subtree: true,
                });
        }"""
    )


def milliseconds_to_answer(page: Page, number: int) -> float:
    """Draw a digit on a watched page and clear it again.

    Returns:
        The time from lifting the pointer to the last change of the answer. It is 0 if the answer
        was there before.
    """
    draw_with_mouse(page, strokes_of(number))
    milliseconds: float = page.evaluate(
        """async ([quiet, patience]) => {
            const { dataset } = document.getElementById("answer");
            const rests = () => performance.now() - Math.max(lifted, changed) > quiet;
            while (!rests() || ["waiting", "trouble"].includes(dataset.state)) {
                if (performance.now() - lifted > patience) throw new Error("There is no answer.");
                await new Promise((resolve) => setTimeout(resolve, 10));
            }
            return Math.max(changed - lifted, 0);
        }""",
        [QUIET, PATIENCE],
    )
    page.click("#clear")
    return milliseconds


def strokes_of(number: int) -> list[Stroke]:
    """Return the last digit of `number`, by a different hand for each number."""
    random = np.random.default_rng(number)
    strokes = fit(write_digit(number % 10, random_writer(random), random), 70, 15)
    return [[(float(x), float(y)) for x, y in stroke[::6]] for stroke in strokes]


def traced_stroke(page: Page) -> list[dict[str, Any]]:
    """Draw one long stroke, and return the events in Chromium's Trace Event Format."""
    browser = page.context.browser
    assert browser is not None  # noqa: S101  # for the type checker
    browser.start_tracing(page=page, categories=TRACED)
    draw_spiral(page)
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    return events


def draw_spiral(page: Page) -> None:
    """Draw one stroke from the middle of the sheet outwards, at an even pace."""
    left, top, width, height = canvas_box(page)
    middle = (left + width / 2, top + height / 2)
    reach = 0.45 * min(width, height)
    count = round(SECONDS * EVENTS_PER_SECOND)
    page.mouse.move(*middle)
    page.mouse.down()
    start = time.perf_counter()
    for event in range(count):
        share = event / count
        angle = 2 * math.pi * TURNS * share
        page.mouse.move(
            middle[0] + reach * share * math.cos(angle), middle[1] + reach * share * math.sin(angle)
        )
        time.sleep(max(0, start + event / EVENTS_PER_SECOND - time.perf_counter()))
    page.mouse.up()


def script_by_frame(events: list[dict[str, Any]]) -> list[float]:
    """Return the milliseconds of scripts in each frame of a trace.

    They are wall-clock time, so they include whatever else the machine did meanwhile.
    """
    ends = [each for each in events if each["name"] == END_OF_FRAME]
    ((thread, _),) = collections.Counter((each["pid"], each["tid"]) for each in ends).items()
    ours = [each for each in events if (each["pid"], each["tid"]) == thread]
    frames = sorted(each["ts"] for each in ends)
    script = sorted(
        (each["ts"], each["ts"] + each["dur"])
        for each in ours
        if each["name"] in SCRIPT and "dur" in each
    )
    taken = [0.0] * (len(frames) - 1)
    covered = 0.0  # microseconds; scripts are nested
    for start, end in script:
        frame = int(np.searchsorted(frames, start, side="right")) - 1
        if 0 <= frame < len(taken):
            taken[frame] += max(0, end - max(start, covered)) / 1000
        covered = max(covered, end)
    return taken


def on_processor(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the trace with processor time in place of wall-clock time."""
    return [{**each, "dur": each["tdur"]} if "tdur" in each else each for each in events]


if __name__ == "__main__":
    main()
