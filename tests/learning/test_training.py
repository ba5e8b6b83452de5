from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier, ModelFileError, ParameterError
from classifier.learning import evaluation, training
from classifier.learning.checkpoint import Checkpoint
from classifier.learning.data import Mnist
from classifier.learning.measures import auroc
from tests.arithmetic import assert_activations_follow_from_the_weights
from tests.handwriting import draw
from tests.learning.conftest import STEPS, Train, interrupt


def test_it_learns_to_read_digits_and_to_doubt_non_digits(
    small: HandwrittenDigitsClassifier, mnist: Mnist
) -> None:
    found = small.evaluate_model()
    assert (found.validation.images, found.test.images) == (50, 100)
    answers = small.network.probabilities(mnist.test.images).argmax(axis=1)
    assert found.test.right == int((answers == mnist.test.labels).sum()) > 70
    digits = small.network.probabilities(evaluation.held_out_digits().images).max(axis=1)
    scribbles = evaluation.held_out_non_digits("scribbles")
    assert auroc(digits, small.network.probabilities(scribbles).max(axis=1)) > 0.8


def test_a_network_of_other_parameters_explains_itself(small: HandwrittenDigitsClassifier) -> None:
    assert_activations_follow_from_the_weights(small, draw(4))
    shapes = [layer.activations.shape for layer in small.explain(draw(4)).layers().layers]
    assert shapes == [(24, 24, 4), (12, 12, 4), (8, 8, 6), (4, 4, 6), (16,), (10,)]


def test_interrupted_training_ends_with_the_same_weights(
    train: Train,
    small: HandwrittenDigitsClassifier,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def train_until(target: object, name: str, step: int) -> None:
        original = getattr(target, name)

        def interrupted(first: Any, *arguments: Any, **options: Any) -> None:
            if getattr(first, "model", first).optimizer.iterations >= step:
                interrupt()
            original(first, *arguments, **options)

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(target, name, interrupted)
            train(tmp_path)

    train_until(Checkpoint, "on_train_batch_end", STEPS // 2)  # in the first epoch
    train_until(keras.Model, "save_weights", 2 * STEPS)  # after this epoch's row of the history
    with pytest.raises(ParameterError, match=r"Expected seed 0, .* received 1"):
        train(tmp_path, seed=1)
    train_until(training, "train_rejection", 0)
    received, expected = train(tmp_path).trainer.trained, small.trainer.trained
    for name in ("model", "rejection"):
        weights, as_expected = (getattr(each, name).get_weights() for each in (received, expected))
        for one, other in zip(weights, as_expected, strict=True):
            np.testing.assert_array_equal(one, other)
    assert {**received.history, "seconds": []} == {**expected.history, "seconds": []}
    for one, other in zip(received.snapshots, expected.snapshots, strict=True):
        assert one.step == other.step
        np.testing.assert_array_equal(one.weights[0], other.weights[0])

    for path in (tmp_path / "latest.weights.h5", tmp_path / "parameters.json"):
        path.write_text('{"seed"')
        with pytest.raises(ModelFileError, match="Expected a training checkpoint in"):
            train(tmp_path)
