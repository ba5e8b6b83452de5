from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from collections.abc import Iterator

import pytest

from classifier import ClassifierError, HandwrittenDigitsClassifier
from classifier.command import workers
from classifier.command.answer import Task
from classifier.command.workers import AHEAD, answer_all, answer_in_workers

SEVEN: Task = ("7.png", "7.png")
pytestmark = pytest.mark.usefixtures("folder")


def test_few_pictures_start_no_workers(
    classifier: HandwrittenDigitsClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "ProcessPoolExecutor", None)
    answers = list(answer_all(classifier, iter([SEVEN] * 5), as_json=False))
    assert [[answer.line for answer in some] for some in answers] == [[b"7.png\t7\n"]] * 5


def test_tasks_are_taken_only_as_they_are_needed(classifier: HandwrittenDigitsClassifier) -> None:
    """So that memory does not grow with their number."""
    taken = 0

    def endless() -> Iterator[list[Task]]:
        nonlocal taken
        for taken in itertools.count(1):
            yield [(str(taken), "7.png")]

    answers = answer_in_workers(classifier, endless(), False, workers=2)
    for number in range(1, 31):
        assert next(answers)[0].line == f"{number}\t7\n".encode()
        assert taken <= number + 2 * AHEAD
    answers.close()
    assert multiprocessing.active_children() == []


def test_a_worker_that_dies_is_reported(classifier: HandwrittenDigitsClassifier) -> None:
    answers = answer_in_workers(classifier, itertools.repeat([SEVEN]), False, workers=1)
    next(answers)
    (process,) = multiprocessing.active_children()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(ClassifierError, match=r"Expected answers .* received none"):
        list(answers)
    assert multiprocessing.active_children() == []
