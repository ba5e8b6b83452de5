"""Test-time augmentation, compared with the same computed view by view."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier
from classifier.learning.answering import CONFIDENT, VIEWS
from classifier.learning.evaluation import held_out_digits
from tests.handwriting import draw


@pytest.mark.parametrize("rejects", [True, False])
def test_an_unsure_answer_is_the_mean_over_the_views(
    small: HandwrittenDigitsClassifier, tmp_path: Path, rejects: bool
) -> None:
    model, rejection = small.trainer.trained.model, small.trainer.trained.rejection
    classifier = small
    if not rejects:
        model.save(tmp_path / "other.keras")
        classifier = HandwrittenDigitsClassifier()
        classifier.load_model(tmp_path / "other.keras")
    flat = next(layer for layer in model.layers if isinstance(layer, keras.layers.Flatten))
    features = keras.Model(model.inputs, flat.output)
    images = held_out_digits().images[:40]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    answers = []
    for down, right in VIEWS:
        view = padded[:, 1 - down : 29 - down, 1 - right : 29 - right]
        is_digit = rejection.predict(features.predict(view, verbose=0), verbose=0) if rejects else 1
        answers.append(is_digit * model.predict(view, verbose=0) + (1 - is_digit) / 10)
    is_confident = answers[0].max(axis=1, keepdims=True) >= CONFIDENT
    assert 0 < is_confident.sum() < len(images)
    expected = np.where(is_confident, answers[0], np.mean(answers, axis=0))
    np.testing.assert_allclose(classifier.network.probabilities(images), expected, atol=1e-5)
    assert (classifier.explain(draw(4)).layers().is_digit is not None) is rejects
