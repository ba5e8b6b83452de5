"""What the arguments of the command name -> pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from classifier.errors import PictureError
from classifier.ink.decode import SUFFIXES

STANDARD_INPUT = "-"

Found = tuple[str, str | PictureError]  # a name, and the file to read or why there is none


def find(arguments: Iterable[str]) -> Iterator[Found]:
    """Yields what `arguments` name, in their order; for a folder, every picture below it, sorted.

    Nothing is opened but folders: whether a file is there and whole shows when it is read.
    """
    for argument in arguments:
        if argument != STANDARD_INPUT and _is_folder(argument):
            yield from _below(argument)
        else:
            yield argument, argument


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:  # it cannot be told: reading it will say why
        return False


def _below(top: str) -> Iterator[Found]:
    is_empty = True
    waiting = [(top, True)]  # paths, the next one last, and whether each is a folder
    while waiting:
        path, is_folder = waiting.pop()
        if not is_folder:
            is_empty = False
            yield path, path
            continue
        try:
            waiting += sorted(_inside(path), reverse=True)
        except OSError as error:
            is_empty = False
            yield path, PictureError(f"Expected a folder to open, received: {error.strerror}.")
    if is_empty:
        expected = f"Expected a folder with pictures in it ({', '.join(SUFFIXES)})"
        yield top, PictureError(f"{expected}, received one with none.")


def _inside(folder: str) -> Iterator[tuple[str, bool]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            # A link to a folder may lead back up, and on for ever.
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder or entry.name.lower().endswith(SUFFIXES):
                yield entry.path, is_folder
