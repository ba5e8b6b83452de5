from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier, ModelFileError
from classifier.network.runtime import Network
from tests.handwriting import DIGITS, draw


def test_many_threads_get_the_answers_of_one(classifier: HandwrittenDigitsClassifier) -> None:
    pictures = [draw(digit, side=60, pen=5) for digit in DIGITS] * 40
    expected = [classifier.predict(picture).digits[0].probabilities for picture in pictures]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(classifier.predict, pictures))

    assert [answer.digits[0].probabilities for answer in answers] == expected


def test_probabilities_add_up_to_one(classifier: HandwrittenDigitsClassifier) -> None:
    images = np.random.default_rng(0).random((5, 28, 28), np.float32)
    probabilities = classifier.network.probabilities(images)
    assert probabilities.shape == (5, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\3\4" + b"\0" * 100])
def test_a_foreign_file_is_named(content: bytes) -> None:
    with pytest.raises(ModelFileError, match=r"Expected a LiteRT file .* received odd"):
        Network(content, "odd")


@pytest.mark.parametrize("length", [8, 100, 5_000, 200_000])
def test_half_a_file_is_named(classifier: HandwrittenDigitsClassifier, length: int) -> None:
    with pytest.raises(ModelFileError, match="received half, which is broken"):
        Network(classifier.network.content[:length], "half")


def test_a_file_with_holes_is_named_also_where_only_the_first_answer_shows_it(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    """Where it was last written: the tables of what belongs to which layer come first."""
    content = classifier.network.content
    told = []
    for start in range(100, 1_100, 20):
        try:
            Network(content[:start] + bytes(20) + content[start + 20 :], "holed")
        except ModelFileError as error:
            told.append(str(error))
    assert any("received holed, which is broken: Input tensor" in each for each in told)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"train\.py"):
        HandwrittenDigitsClassifier().load_model(tmp_path / "nothing.tflite")
