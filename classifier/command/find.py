"""Find the pictures that the command's arguments name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from classifier.errors import PictureError
from classifier.ink.decode import SUFFIXES

STANDARD_INPUT = "-"

Found = tuple[str, str | PictureError]  # a name; and a path, or why there is none


def find(arguments: Iterable[str]) -> Iterator[Found]:
    """Yield the files that `arguments` name, in their order; for a folder, all pictures below it.

    Files are not opened: reading them will show whether they exist and are pictures.
    """
    for argument in arguments:
        # Unlike Path.is_dir(), this accepts a name that is too long; reading it will say so.
        if argument != STANDARD_INPUT and os.path.isdir(argument):  # noqa: PTH112
            yield from _below(argument)
        else:
            yield argument, argument


def _below(top: str) -> Iterator[Found]:
    """Yield the pictures of each folder, sorted, and then those of its subfolders."""
    found = False
    errors: list[OSError] = []
    for folder, folders, files in os.walk(top, onerror=errors.append):
        folders.sort()
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES):
                found = True
                path = os.path.join(folder, name)  # noqa: PTH118 - pathlib would drop "./"
                yield path, path
    for error in errors:
        problem = f"Expected a folder to open, received: {error.strerror}."
        yield str(error.filename), PictureError(problem)
    if not found and not errors:
        expected = f"Expected a folder with pictures in it ({', '.join(SUFFIXES)})"
        yield top, PictureError(f"{expected}, received one with none.")
