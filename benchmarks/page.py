"""How fast the page is in a real Chromium, and how much of it there is to load.

    python -m benchmarks.page

On a gunicorn of this machine, as gunicorn.conf.py describes it: how long after the pointer is
lifted the answer to the drawing stands on the page; how long the page's script keeps a frame while
a mouse draws; and how many bytes of its own the page loads. The digits are written by the
project's own synthesised hands, with the browser's own mouse input.
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
from benchmarks.browser import Stroke, chromium, draw_with_mouse
from benchmarks.servers import running
from classifier.learning.handwriting import fit, random_writer, write_digit

DIGITS = 30
SECONDS = 5.0  # of one stroke
EVENTS_PER_SECOND = 60  # of the mouse, which waits for the page to have seen each of them
FRAME = 16.0  # milliseconds that a frame has
PATIENCE = 10_000  # milliseconds for one answer
QUIET = 250  # milliseconds without a change on the page, after which its answer is the last one
TURNS = 4  # of the spiral that is one long stroke

# What Chromium calls the pieces of work that run a page's script.
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
    """Measures, prints, and writes what it found to benchmarks/results/page.json."""
    with running() as server, sync_playwright() as playwright, chromium(playwright) as browser:
        measured = measure(browser, server.address, DIGITS, SECONDS)
    results.write("page", measured)
    print(json.dumps(measured, indent=2))


def measure(browser: Browser, address: str, digits: int, seconds: float) -> dict[str, Any]:
    """Returns all three measurements of the page at `address`."""
    page = browser.new_page()
    page.goto(address)
    busy = os.getloadavg()[0]
    sizes = own_bytes(page)
    watch(page)
    answered = [milliseconds_to_answer(page, number) for number in range(digits)]
    trace = traced_stroke(page, seconds)
    frames = script_by_frame(trace)
    page.close()
    return {
        "chromium": browser.version,
        "cores": len(os.sched_getaffinity(0)),  # for server and browser together
        "load_average_before": busy,
        "digits": digits,
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
    """Returns how many bytes of each kind a freshly opened page has loaded, as they were sent.

    All that it loads by itself: the page, styles, modules and its icon, which Chromium without a
    window leaves out. Answers about a drawing are none of it.
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
    """Has the page note when the pointer is lifted and when its answer changes."""
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
    """Draws a digit, the same one for the same number, on the empty sheet of a watched page.

    Returns the time from lifting the pointer for the last time to the last change of the answer:
    none, where that stood there before.
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
    """Returns a digit by a hand of its own, on a sheet of 100 x 100, in half a second or so."""
    random = np.random.default_rng(number)
    strokes = fit(write_digit(number % 10, random_writer(random), random), 70, 15)
    return [[(float(x), float(y)) for x, y in stroke[::6]] for stroke in strokes]


def traced_stroke(page: Page, seconds: float) -> list[dict[str, Any]]:
    """Draws one long stroke; returns what Chromium noted of it (its Trace Event Format)."""
    browser = page.context.browser
    if browser is None:
        raise RuntimeError("Expected a page of a browser that can be traced, received another.")
    browser.start_tracing(page=page, categories=TRACED)
    draw_spiral(page, seconds)
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    return events


def draw_spiral(page: Page, seconds: float) -> None:
    """Draws one stroke from the middle of the sheet outwards, as evenly as a hand does."""
    box = page.locator("#drawing").bounding_box()
    if box is None:
        raise RuntimeError("Expected a canvas to draw on, found none that is visible.")
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reach = 0.45 * min(box["width"], box["height"])
    count = round(seconds * EVENTS_PER_SECOND)
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
    """Returns the milliseconds of script between each two frames in a trace of a page.

    They are those of a clock on the wall: whatever else the machine does in them counts too.
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
    covered = 0.0  # microseconds: pieces of script lie within each other
    for start, end in script:
        frame = int(np.searchsorted(frames, start, side="right")) - 1
        if 0 <= frame < len(taken):
            taken[frame] += max(0, end - max(start, covered)) / 1000
        covered = max(covered, end)
    return taken


def on_processor(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the trace with the time that each piece of work had the processor as its length."""
    return [{**each, "dur": each["tdur"]} if "tdur" in each else each for each in events]


if __name__ == "__main__":
    main()
