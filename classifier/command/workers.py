"""Many pictures -> their answers, in order, read on all cores."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import cast

from classifier.classifier import HandwrittenDigitsClassifier
from classifier.command.answer import Answer, Task, answer
from classifier.command.quiet import quiet
from classifier.errors import ClassifierError

ALONE = 0.2  # seconds: about what a worker takes to start, and so not worth starting one for
BATCH = 16  # pictures: long enough to make the way to a worker and back cost nothing beside it
# Batches for each worker that may lie finished behind a slow one, so that none has to wait.
AHEAD = 4


def read_all(
    classifier: HandwrittenDigitsClassifier, tasks: Iterator[Task], as_json: bool
) -> Iterator[list[Answer]]:
    """Yields the answers to `tasks` in order, some at a time.

    This process answers by itself until that has taken as long as starting others takes; only then
    do they take over. `tasks` is drawn upon as they go, so that it may be endless.
    """
    until = time.monotonic() + ALONE
    for task in tasks:
        yield [answer(classifier, task, as_json)]
        if cores() > 1 and time.monotonic() > until:
            break
    batches = iter(lambda: list(itertools.islice(tasks, BATCH)), [])
    yield from share_out(classifier, batches, as_json, cores())


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_out(
    classifier: HandwrittenDigitsClassifier,
    batches: Iterator[list[Task]],
    as_json: bool,
    workers: int,
) -> Iterator[list[Answer]]:
    """Yields the answers to each batch, in order, from up to `workers` processes.

    Raises:
        ClassifierError: a worker died.
    """
    idle: list[Connection] = []
    busy: dict[Connection, int] = {}  # the number of the batch that each is at
    done: dict[int, list[Answer]] = {}
    given = told = 0
    with contextlib.ExitStack() as stack:
        while True:
            while len(busy) < workers and given - told < workers * AHEAD:
                batch = next(batches, None)
                if batch is None:
                    break
                worker = idle.pop() if idle else stack.enter_context(_worker(classifier, as_json))
                with _death_explained():
                    worker.send(batch)
                busy[worker] = given
                given += 1
            if not busy:
                return
            for worker in cast(list[Connection], wait(list(busy))):
                with _death_explained():
                    done[busy.pop(worker)] = worker.recv()
                idle.append(worker)
            while told in done:
                yield done.pop(told)
                told += 1


@contextlib.contextmanager
def _worker(classifier: HandwrittenDigitsClassifier, as_json: bool) -> Iterator[Connection]:
    """Starts a process that answers batches, and ends it on leaving.

    It is spawned: a fork would take along the locks of LiteRT's threads, held or not.
    """
    # With a process for each core, threads within one would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, as_json), daemon=True)
    with _interrupts_held_back():
        process.start()
    theirs.close()  # else nobody would notice that the worker died
    try:
        with _death_explained():
            ours.send(classifier)
        yield ours
    finally:
        process.terminate()
        process.join()


def _serve(asker: Connection, as_json: bool) -> None:
    """What a worker does until nobody asks any more."""
    with contextlib.suppress(EOFError, OSError):  # the asker has ended
        with quiet():
            classifier = asker.recv()
        while True:
            asker.send([answer(classifier, task, as_json) for task in asker.recv()])


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Has processes that are started here never hear of Ctrl-C: this one ends them."""
    resource_tracker.ensure_running()  # started together with the first worker, it would undo this
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _death_explained() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError) as error:
        raise ClassifierError(
            "Expected answers from a worker process, received none: something ended it, perhaps "
            "for want of memory."
        ) from error
