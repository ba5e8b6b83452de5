"""Read one picture and format the answer for printing."""

from __future__ import annotations

import json
import os
import time
import warnings
from dataclasses import dataclass

from classifier.classifier import HandwrittenDigitsClassifier
from classifier.errors import PictureError

Task = tuple[str, str | bytes | PictureError]  # a name; and a path, a picture or a problem

# Tabs and line breaks separate the fields printed, and terminals obey other control characters. In
# names and readings they are escaped as in Python and JSON.
ESCAPES = {code: ascii(chr(code))[1:-1] for code in (*range(0x20), *range(0x7F, 0xA0))}


@dataclass(frozen=True)
class Answer:
    """The output for one picture."""

    line: bytes  # for standard output, with its line break; may be empty
    problem: str | None = None  # for standard error: why the picture could not be read


def answer(classifier: HandwrittenDigitsClassifier, task: Task, as_json: bool) -> Answer:
    """Return what to print about the picture that `task` names."""
    name, picture = task
    start = time.perf_counter()
    try:
        if isinstance(picture, PictureError):
            raise picture
        # Pillow's warnings repeat what the answer or the error says.
        with warnings.catch_warnings(action="ignore"):
            prediction = classifier.predict(picture)
    except PictureError as error:
        line = _json({"file": name, "error": str(error)}) if as_json else b""
        return Answer(line, f"{name.translate(ESCAPES)}: {str(error).translate(ESCAPES)}")
    if as_json:
        network, seconds = classifier.network, time.perf_counter() - start
        model = {"name": network.name, "sha256": network.sha256}
        elapsed = {"elapsed_ms": round(1000 * seconds, 3)}
        return Answer(_json({"file": name, **prediction.as_dict(), "model": model, **elapsed}))
    columns = [prediction.text or prediction.verdict]
    if prediction.reason is not None:
        columns.append(prediction.reason)
    rest = "".join("\t" + column.translate(ESCAPES) for column in columns)
    # The name is printed byte for byte as the system has it, so that other commands find the file.
    return Answer(os.fsencode(name.translate(ESCAPES)) + rest.encode() + b"\n")


def _json(answer: dict[str, object]) -> bytes:
    # ASCII: a file name that is not valid Unicode can be escaped, but not encoded as UTF-8.
    return json.dumps(answer).encode("ascii") + b"\n"
