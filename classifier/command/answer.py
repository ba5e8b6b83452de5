"""A picture -> what the command prints of it."""

from __future__ import annotations

import json
import os
import time
import warnings
from dataclasses import dataclass

from classifier.classifier import HandwrittenDigitsClassifier
from classifier.errors import PictureError

Task = tuple[str, str | bytes | PictureError]  # a name, and the path, the picture or its problem

# Tabs and line breaks part what is printed, and a terminal obeys the other control characters: in
# a name or a reading they are written as Python and JSON write them.
ESCAPES = {code: ascii(chr(code))[1:-1] for code in (*range(0x20), *range(0x7F, 0xA0))}


@dataclass(frozen=True)
class Answer:
    """What is printed of one picture."""

    line: bytes  # for standard output, with its line break; empty where there is nothing to say
    problem: str | None = None  # for standard error: why the picture could not be read


def answer(classifier: HandwrittenDigitsClassifier, task: Task, as_json: bool) -> Answer:
    """Returns what to print of the picture that `task` names."""
    name, picture = task
    try:
        if isinstance(picture, PictureError):
            raise picture
        # Pillow's warnings tell nothing that the answer or the error does not.
        with warnings.catch_warnings(action="ignore"):
            start = time.perf_counter()
            prediction = classifier.predict(picture)
            seconds = time.perf_counter() - start
    except PictureError as error:
        line = _json({"file": name, "error": str(error)}) if as_json else b""
        return Answer(line, f"{name.translate(ESCAPES)}: {str(error).translate(ESCAPES)}")
    if as_json:
        network = classifier.network
        model = {"name": network.name, "sha256": network.sha256}
        rest = {**prediction.as_dict(), "model": model, "elapsed_ms": round(seconds * 1000, 3)}
        return Answer(_json({"file": name, **rest}))
    columns = [prediction.text or prediction.verdict]
    if prediction.reason is not None:
        columns.append(prediction.reason)
    return Answer(_row(name, columns))


def _json(answer: dict[str, object]) -> bytes:
    # In ASCII: a file name that is no Unicode has an escape, but no UTF-8.
    return json.dumps(answer).encode("ascii") + b"\n"


def _row(name: str, columns: list[str]) -> bytes:
    """The file's name comes byte for byte as the system has it, for other commands to find it."""
    rest = "".join("\t" + column.translate(ESCAPES) for column in columns)
    return os.fsencode(name.translate(ESCAPES)) + rest.encode() + b"\n"
