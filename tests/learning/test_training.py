from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier, OrderError, Parameters
from classifier.learning import evaluation, training
from classifier.learning.checkpoint import Checkpoint
from classifier.learning.data import Mnist
from classifier.learning.measures import auroc
from classifier.learning.training import learning_rate
from tests.arithmetic import assert_activations_follow_from_the_weights
from tests.handwriting import draw
from tests.learning.conftest import PARAMETERS, STEPS, Train


def test_the_outline_is_the_documented_one() -> None:
    model = HandwrittenDigitsClassifier().model_outlining()
    shapes = [tuple(layer.output.shape[1:]) for layer in model.layers]
    maps = [(26, 26, 32), (13, 13, 32), (11, 11, 32), (5, 5, 32)]
    assert shapes == [*maps, (800,), (128,), (10,)]
    assert model.count_params() == 113_386
    assert type(model.optimizer).__name__ == "Adam"
    assert model.loss == "sparse_categorical_crossentropy"


def test_another_seed_gives_other_weights() -> None:
    first, again, other = (
        HandwrittenDigitsClassifier(seed=seed).model_outlining().get_weights()[0]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_learning_rate_rises_quickly_and_falls_along_a_cosine() -> None:
    rate = learning_rate(Parameters(learning_rate=0.002), 1000)
    rates = [float(rate(step)) for step in (0, 10, 20, 265, 510, 755, 1000)]
    expected = [0.0001, 0.00105, 0.002, 0.001707, 0.001, 0.000293, 0]
    assert rates == pytest.approx(expected, abs=1e-6)


def test_it_learns_to_read_digits_and_to_doubt_non_digits(
    small: HandwrittenDigitsClassifier,
) -> None:
    found = small.evaluate_model()
    assert (found.validation.images, found.test.images) == (50, 100)
    assert found.test.accuracy > 0.7
    digits = small.network.probabilities(evaluation.held_out_digits().images).max(axis=1)
    scribbles = evaluation.held_out_non_digits("scribbles")
    assert auroc(digits, small.network.probabilities(scribbles).max(axis=1)) > 0.8


def test_evaluation_reads_the_images_unchanged(
    small: HandwrittenDigitsClassifier, mnist: Mnist
) -> None:
    answers = small.network.probabilities(mnist.test.images).argmax(axis=1)
    assert small.evaluate_model().test.right == int((answers == mnist.test.labels).sum())


def test_calibration_divides_the_last_layer_and_nothing_else_changes_the_network(
    small: HandwrittenDigitsClassifier,
) -> None:
    trained = small.trainer.trained
    *expected, kernel, bias = trained.snapshots[-1].weights
    expected += [each / trained.temperature for each in (kernel, bias)]
    for weights, each in zip(trained.model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(weights, each, rtol=1e-6)
    assert trained.model.trainable


def test_a_network_of_other_parameters_explains_itself(small: HandwrittenDigitsClassifier) -> None:
    assert_activations_follow_from_the_weights(small, draw(4))
    layers = small.explain(draw(4)).layers()
    shapes = [layer.activations.shape for layer in layers.layers]
    assert shapes == [(24, 24, 4), (12, 12, 4), (8, 8, 6), (4, 4, 6), (16,), (10,)]
    assert layers.is_digit is not None


def test_interrupted_training_ends_with_the_same_weights(
    train: Train,
    small: HandwrittenDigitsClassifier,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(target: object, name: str, step: int) -> None:
        original = getattr(target, name)

        def interrupted(*arguments: Any, **options: Any) -> None:
            model = getattr(arguments[0], "model", None)
            if model is None or model.optimizer.iterations >= step:
                raise KeyboardInterrupt
            original(*arguments, **options)

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(target, name, interrupted)
            train(tmp_path)

    interrupt(Checkpoint, "on_train_batch_end", round(2.5 * STEPS))
    interrupt(Checkpoint, "_save_weights", 5 * STEPS)  # after this epoch's row of the history
    interrupt(training, "train_rejection", 0)
    both = train(tmp_path).trainer.trained, small.trainer.trained
    for models in ([each.model for each in both], [each.rejection for each in both]):
        for received, expected in zip(*(model.get_weights() for model in models), strict=True):
            np.testing.assert_array_equal(received, expected)
    histories = [{**each.history, "seconds": []} for each in both]
    assert histories[0] == histories[1]
    for received, expected in zip(*(each.snapshots for each in both), strict=True):
        assert (received.step, received.epoch) == (expected.step, expected.epoch)
        np.testing.assert_array_equal(received.weights[0], expected.weights[0])


def test_an_interruption_leaves_no_half_trained_network(
    folder: Path, mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = HandwrittenDigitsClassifier(**PARAMETERS)
    classifier.load_model(folder / "mnist-cnn.keras")
    classifier.trainer.data = mnist

    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(classifier.trainer.trained.model, "fit", interrupt)
    with pytest.raises(KeyboardInterrupt):
        classifier.train_model(progress_bar=False)
    for call in (
        lambda: classifier.predict(draw(3)),
        lambda: classifier.save_model(tmp_path / "x.keras"),
    ):
        with pytest.raises(OrderError):
            call()
