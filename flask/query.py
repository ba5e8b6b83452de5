"""The parameters of an address: each declared once, to be read from a request and described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from flask import request
from msgspec import Meta
from werkzeug.exceptions import BadRequest


@dataclass(frozen=True)
class Parameter:
    """What may stand behind the question mark of an address."""

    name: str
    kind: Any  # its type and range: msgspec reads a text as such, and describes it
    expected: str  # the same in words
    description: str
    default: Any = None
    example: Any = None
    has_parts: bool = False  # separated by commas

    def read(self, text: str) -> Any:
        """Returns what `text` says; raises a BadRequest where it says nothing of this kind."""
        try:
            given = text.split(",") if self.has_parts else text
            return msgspec.convert(given, self.kind, strict=False)
        except msgspec.ValidationError as error:
            raise BadRequest(
                f"Expected {self.name} to be {self.expected}, received {text!r}."
            ) from error


def number(name: str, least: float, most: float, default: float, **more: Any) -> Parameter:
    """A parameter that is a number, as JSON writes them."""
    kind = Annotated[float, Meta(ge=least, le=most)]
    expected = f"a number from {least} to {most}"
    return Parameter(name, kind, expected, default=default, **more)


def whole(name: str, least: int, most: int, default: int, **more: Any) -> Parameter:
    """A parameter that is a whole number."""
    kind = Annotated[int, Meta(ge=least, le=most)]
    expected = f"a whole number from {least} to {most}"
    return Parameter(name, kind, expected, default=default, **more)


def switch(name: str, default: bool, **more: Any) -> Parameter:
    """A parameter that is true or false, 1 or 0."""
    return Parameter(name, bool, "true or false", default=default, **more)


def read(parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """Returns the value of each of these in the current request, by its name.

    What is not known is refused rather than passed over: a misspelt parameter would be answered as
    if it had not been there.
    """
    names = [parameter.name for parameter in parameters]
    for name, texts in request.args.lists():
        if name not in names:
            raise BadRequest(f"Expected no parameters but {', '.join(names)}, received {name!r}.")
        if len(texts) > 1:
            raise BadRequest(f"Expected {name} once, received it {len(texts)} times.")
    return {
        each.name: each.read(request.args[each.name]) if each.name in request.args else each.default
        for each in parameters
    }
