"""The command's arguments -> pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from classifier.errors import PictureError
from classifier.ink.decode import SUFFIXES

STANDARD_INPUT = "-"

Found = tuple[str, str | PictureError]  # a name; and a path, or why there is none


def find(arguments: Iterable[str]) -> Iterator[Found]:
    """Yield the files that `arguments` name, in their order; for a folder, all pictures below it.

    Files are not opened: reading them will show whether they exist and are pictures.
    """
    for argument in arguments:
        if argument != STANDARD_INPUT and _is_folder(argument):
            yield from _below(argument)
        else:
            yield argument, argument


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:  # reading it will say why
        return False


def _below(top: str) -> Iterator[Found]:
    """Yield the pictures of each folder, sorted, and then those of its folders."""
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
