"""Count right and wrong answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from classifier import Prediction
from classifier.learning.measures import Score, wilson_interval


def most_likely(prediction: Prediction) -> str:
    """Return the most likely digits, even where the prediction is unsure of them."""
    return "".join(str(reading.digit) for reading in prediction.digits)


def share(right: int, count: int, rounds: int = 1) -> dict[str, Any]:
    """Return an accuracy with its 95 % confidence interval.

    Pictures of the same drawing are not independent: with several of each, the interval is that of
    the number of drawings.
    """
    interval = wilson_interval(right / rounds, count / rounds)
    return {**Score(count, right).as_dict(), "interval": interval}


def outcome(labels: Iterable[str], answers: Sequence[Prediction]) -> dict[str, Any]:
    """Count right, withheld and wrong answers. Line breaks in mistakes are written as `/`."""
    pairs = list(zip(labels, answers, strict=True))
    mistakes = Counter(
        f"{label} as {answer.text}".replace("\n", "/")
        for label, answer in pairs
        if answer.text not in (None, label)
    )
    unsure = sum(answer.text is None for answer in answers)
    guesses = sum(most_likely(answer) == label.replace("\n", "") for label, answer in pairs)
    return {
        "right": share(len(pairs) - unsure - mistakes.total(), len(pairs)),
        "unsure": share(unsure, len(pairs)),
        "wrong": share(mistakes.total(), len(pairs)),
        "top_1": share(guesses, len(pairs)),
        "mistaken": dict(mistakes.most_common()),
    }


def score(
    predictions: Sequence[Prediction], labels: Sequence[str], rounds: int = 1
) -> dict[str, Any]:
    """Compare predictions with the digits that were drawn.

    `top_1` counts the most likely digit even where the prediction is unsure; `answered` counts only
    definite answers. A number is a wrong answer to a digit.
    """
    guesses = [most_likely(prediction) for prediction in predictions]
    pairs = list(zip(guesses, labels, strict=True))
    mistakes = Counter(
        f"{label} read as {guess or None}" for guess, label in pairs if guess != label
    )
    answers = [
        prediction.text == label
        for prediction, label in zip(predictions, labels, strict=True)
        if prediction.text is not None
    ]
    verdicts = Counter(prediction.verdict for prediction in predictions)
    return {
        "top_1": share(len(labels) - mistakes.total(), len(labels), rounds),
        "answered": share(sum(answers), len(answers), rounds),
        "unsure": verdicts["unsure"],
        "blank": verdicts["blank"],
        "numbers": verdicts["number"],
        "mistaken": dict(mistakes.most_common()),
    }
