from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier import ClassifierError, HandwrittenDigitsClassifier
from classifier.command import workers
from classifier.command.answer import Task
from classifier.command.workers import AHEAD, read_all, share_out


def test_few_pictures_are_worth_no_other_process(
    classifier: HandwrittenDigitsClassifier, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_worker", None)
    path = str(folder / "7.png")
    answers = list(read_all(classifier, iter([(path, path)] * 5), as_json=False))
    assert [[answer.line for answer in some] for some in answers] == [[f"{path}\t7\n".encode()]] * 5


def test_the_tasks_are_drawn_upon_no_further_than_needed(
    classifier: HandwrittenDigitsClassifier, folder: Path
) -> None:
    """So that memory does not grow with them."""
    drawn = 0

    def endless() -> Iterator[list[Task]]:
        nonlocal drawn
        for drawn in itertools.count(1):
            yield [(str(drawn), str(folder / "7.png"))]

    answers = share_out(classifier, endless(), False, workers=2)
    for number in range(1, 31):
        assert next(answers)[0].line == f"{number}\t7\n".encode()
        assert drawn <= number + 2 * AHEAD
    answers.close()


def test_a_worker_that_dies_is_named(
    classifier: HandwrittenDigitsClassifier, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(folder / "7.png")
    endless = itertools.repeat([(path, path)])
    answers = share_out(classifier, endless, False, workers=1)
    next(answers)
    (process,) = workers.multiprocessing.active_children()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(ClassifierError, match=r"Expected answers .* received none"):
        list(answers)
    assert workers.multiprocessing.active_children() == []
