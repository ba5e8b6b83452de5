"""Long computations beside short ones: an explanation keeps no answer waiting."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def run(call: Callable[[], T]) -> T:
    """Returns what `call` does, and lets other requests be answered meanwhile.

    The development server has a thread for each request, and nothing more is needed. A gevent
    worker has one for all: there, the call is made in a second one.
    """
    gevent = sys.modules.get("gevent.monkey")
    if gevent is None or not gevent.is_module_patched("threading"):
        return call()
    result: T = _second_thread().apply(call)
    return result


@functools.cache
def _second_thread() -> Any:
    """One for all explanations, that they take turns: two would want twice the memory."""
    from gevent.threadpool import ThreadPool

    return ThreadPool(1)
