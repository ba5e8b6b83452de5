"""What a view promises, said beside it: `openapi.py` makes a document of all of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import query
from query import Parameter

View = Callable[[], Any]


@dataclass(frozen=True)
class Operation:
    """What is to be known of a view beside its address, its methods and its docstring.

    Args:
        answer: the type of what it answers with.
        parameters: those of the address; the view gets their values by their names.
        takes_picture: as the body or a field of it.
        refusals: the statuses that it may answer with and others do not.
        can_be_kept: it answers 304 to whoever has it already.
        links: what may be asked next with what it answered: OpenAPI's link objects, by the names of
            the operations.
        example: returns an answer.
        mimetype: of the answer.
    """

    answer: Any
    parameters: tuple[Parameter, ...] = ()
    takes_picture: bool = False
    refusals: tuple[int, ...] = ()
    can_be_kept: bool = False
    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    example: Callable[[], Any] | None = None
    mimetype: str = "application/json"


OPERATIONS: dict[View, Operation] = {}  # by their views


def promises(operation: Operation) -> Callable[[Callable[..., Any]], View]:
    """Has a view described, and called with the parameters it declares."""

    def decorate(view: Callable[..., Any]) -> View:
        @functools.wraps(view)
        def called() -> Any:
            return view(**query.read(operation.parameters))

        promising = called if operation.parameters else view
        OPERATIONS[promising] = operation
        return promising

    return decorate
