"""Read many pictures on all cores, and answer in order."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from classifier.classifier import HandwrittenDigitsClassifier
from classifier.command.answer import Answer, Task, answer
from classifier.command.quiet import quiet
from classifier.errors import ClassifierError

ALONE = 0.2  # seconds: about the time that a worker takes to start
BATCH = 16  # pictures: enough to make the cost of sending them negligible
AHEAD = 4  # batches for each worker, so that none waits for a slow one

_classifier: HandwrittenDigitsClassifier  # of a worker


def answer_all(
    classifier: HandwrittenDigitsClassifier, tasks: Iterator[Task], as_json: bool
) -> Iterator[list[Answer]]:
    """Yield the answers to `tasks` in order, some at a time.

    This process answers alone for a moment; workers start only if tasks remain after that. They
    take tasks as they go, so `tasks` may be endless.
    """
    until = time.monotonic() + ALONE
    for task in tasks:
        yield [answer(classifier, task, as_json)]
        if cores() > 1 and time.monotonic() > until:
            break
    else:
        return
    batches = iter(lambda: list(itertools.islice(tasks, BATCH)), [])
    yield from answer_in_workers(classifier, batches, as_json, cores())


def cores() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def answer_in_workers(
    classifier: HandwrittenDigitsClassifier,
    batches: Iterator[list[Task]],
    as_json: bool,
    workers: int,
) -> Iterator[list[Answer]]:
    """Yield the answers to each batch, in order, from up to `workers` processes.

    Raises:
        ClassifierError: a worker died.
    """
    # With one process for each core, threads within one would only compete.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    spawn = multiprocessing.get_context("spawn")  # a fork would copy the locks of LiteRT's threads
    executor = ProcessPoolExecutor(workers, spawn, initializer=_start, initargs=(classifier,))
    futures: deque[Future[list[Answer]]] = deque()
    try:
        for batch in batches:
            # Workers inherit a silent standard error. They would print LiteRT's announcement there
            # and, at Ctrl-C, tracebacks.
            with quiet():
                futures.append(executor.submit(_answer_batch, batch, as_json))
            if len(futures) == workers * AHEAD:
                yield futures.popleft().result()
        while futures:
            yield futures.popleft().result()
    except BrokenProcessPool as error:
        raise ClassifierError(
            "Expected answers from a worker process, received none: something ended it, perhaps "
            "because memory ran out."
        ) from error
    finally:
        for process in multiprocessing.active_children():
            process.terminate()  # an interrupted command does not wait for unfinished batches
        executor.shutdown()


def _start(classifier: HandwrittenDigitsClassifier) -> None:
    """Prepare a worker to answer, and to end if the command is killed."""
    global _classifier
    _classifier = classifier
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer_batch(batch: list[Task], as_json: bool) -> list[Answer]:
    return [answer(_classifier, task, as_json) for task in batch]
