"""The progress bars of a training."""

from __future__ import annotations

import sys

from tqdm.keras import TqdmCallback


def progress(description: str, shown: bool) -> list[TqdmCallback]:
    """Return the callbacks that show a bar of epochs and, on a terminal, one of steps."""
    if not shown:
        return []
    return [TqdmCallback(desc=description, verbose=int(sys.stderr.isatty()))]
