"""Progress bars."""

from __future__ import annotations

import sys

from tqdm import tqdm
from tqdm.keras import TqdmCallback


def progress(description: str, shown: bool) -> list[TqdmCallback]:
    """Return the callbacks that show a bar of epochs and, on a terminal, one of steps."""
    if not shown:
        return []
    return [TqdmCallback(desc=description, verbose=int(sys.stderr.isatty()))]


def counter(count: int, description: str, unit: str, shown: bool) -> tqdm:
    """Return a bar that counts to `count`; it is a context manager."""
    hidden = not shown or count == 0
    return tqdm(total=count, desc=description, unit=f" {unit}", disable=hidden)
