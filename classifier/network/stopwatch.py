"""How long each step of an answer takes."""

from __future__ import annotations

import time


class Stopwatch:
    """Adds up the seconds of each step.

    Args:
        seconds: where to add them, by the steps' names; None to measure nothing.
    """

    def __init__(self, seconds: dict[str, float] | None = None) -> None:
        self._seconds = seconds
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Says that what was done since the last lap, or the start, was `step`."""
        if self._seconds is None:
            return
        now = time.perf_counter()
        self._seconds[step] = self._seconds.get(step, 0.0) + now - self._last
        self._last = now
