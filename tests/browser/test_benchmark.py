"""The page's budget, and that the benchmark on the page measures."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from benchmarks.page import END_OF_FRAME, measure, script_by_frame
from benchmarks.servers import Server

MOST_BYTES = 60_000  # of all that the page loads, as it is sent


def test_the_page_is_small_and_the_benchmark_measures(browser: Browser, server: Server) -> None:
    measured = measure(browser, server.address, digits=1, seconds=0.5)
    sizes = measured["bytes"]
    assert set(sizes) == {"html", "css", "js", "svg", "all"}
    assert 5_000 < sizes["all"] <= MOST_BYTES, sizes
    assert measured["milliseconds_to_answer"]["worst"] >= 0
    assert measured["frames"] > 5
    assert 0 < measured["milliseconds_of_script_in_a_frame"]["worst"] < 500


def test_script_within_script_counts_once() -> None:
    thread = {"pid": 1, "tid": 2}

    def script(name: str, start: int, duration: int, **other: int) -> dict[str, object]:
        return {"name": name, "ts": start, "dur": duration, **thread, **other}

    ends = [{"name": END_OF_FRAME, "ts": time, **thread} for time in (0, 16_000, 32_000)]
    events = [
        *ends,
        script("EventDispatch", 1_000, 5_000),
        script("FunctionCall", 2_000, 3_000),
        script("Layout", 7_000, 9_000),
        script("TimerFire", 17_000, 2_000),
        script("FunctionCall", 18_500, 1_500),
        script("FunctionCall", 3_000, 9_000, tid=3),
        script("FunctionCall", 40_000, 9_000),
    ]
    assert script_by_frame(events) == pytest.approx([5, 3])
