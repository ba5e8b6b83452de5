"""How the benchmark on the steps of an answer counts."""

from __future__ import annotations

import pytest

from benchmarks.steps import REST, WHOLE, as_png, times
from classifier import HandwrittenDigitsClassifier


def test_the_steps_add_up_to_the_whole(classifier: HandwrittenDigitsClassifier) -> None:
    assert classifier.predict(as_png(7)).text == "7"
    taken = times(classifier, as_png(7))
    whole = taken.pop(WHOLE)
    assert sum(taken.values()) == pytest.approx(whole)
    assert min(each for step, each in taken.items() if step != REST) > 0
