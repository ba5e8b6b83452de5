"""From a few images to an artifact that answers."""

from __future__ import annotations

import functools
import hashlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from classifier import (
    HandwrittenDigitsClassifier,
    ModelFileError,
    OrderError,
    ParameterError,
    Parameters,
)
from classifier.learning import (
    answering,
    diary,
    evaluation,
    export,
    plots,
    rejection,
    report,
    training,
)
from classifier.learning.measures import auroc
from tests.arithmetic import assert_activations_follow_from_the_weights
from tests.handwriting import draw

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("small_mnist")


@pytest.fixture(autouse=True)
def few_held_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Evaluating on thousands of drawings is for the real thing."""
    monkeypatch.setattr(evaluation, "HELD_OUT_DIGITS", 60)
    monkeypatch.setattr(evaluation, "HELD_OUT_OTHERS", 20)
    evaluation.held_out_digits.cache_clear()
    evaluation.held_out_others.cache_clear()
    evaluation.calibration_others.cache_clear()
    # Both take seconds each time: to time Keras, and to draw plots, which one test looks at.
    monkeypatch.setitem(report.TIMED, "keras", 1)
    monkeypatch.setattr(export, "plot", lambda report, data, folder: folder.mkdir())
    yield
    evaluation.held_out_digits.cache_clear()
    evaluation.held_out_others.cache_clear()
    evaluation.calibration_others.cache_clear()


def trained(folder: Path | None = None, **parameters: object) -> HandwrittenDigitsClassifier:
    defaults = {
        "epochs": 1,
        "batch_size": 32,
        "learning_rate": 3e-3,
        "synthetic_digits": 40,
        "synthetic_others": 0,  # seconds, to teach what is no digit
    }
    classifier = HandwrittenDigitsClassifier(**{**defaults, **parameters})
    classifier.load_data()
    classifier.model_outlining()
    classifier.train_model(progress_bar=False, checkpoint=folder)
    return classifier


@functools.cache
def trained_once() -> HandwrittenDigitsClassifier:
    """For tests that leave it as it is."""
    return trained()


def test_the_outline_is_the_one_asked_for() -> None:
    model = HandwrittenDigitsClassifier().model_outlining()
    shapes = [tuple(layer.output.shape[1:]) for layer in model.layers]
    assert shapes == [
        (26, 26, 32),
        (13, 13, 32),
        (11, 11, 32),
        (5, 5, 32),
        (800,),
        (128,),
        (10,),
    ]
    assert model.count_params() == 113_386
    assert type(model.optimizer).__name__ == "Adam"
    assert model.loss == "sparse_categorical_crossentropy"


def test_the_outline_follows_the_parameters() -> None:
    classifier = HandwrittenDigitsClassifier(filters=(4, 8), kernel_size=5, dense_units=16)
    shapes = [layer.output.shape[-1] for layer in classifier.model_outlining().layers]
    assert shapes == [4, 4, 8, 8, 4 * 4 * 8, 16, 10]


@pytest.mark.parametrize("others", [0, 20])
def test_a_network_of_other_parameters_explains_itself(others: int) -> None:
    """Without and with the second network that tells what is no digit."""
    classifier = trained(
        filters=(8, 16), kernel_size=5, dense_units=24, epochs=4, synthetic_others=others
    )
    assert_activations_follow_from_the_weights(classifier, draw(4))
    shapes = [layer.activations.shape for layer in classifier.feature_maps(draw(4)).layers]
    assert shapes == [(24, 24, 8), (12, 12, 8), (8, 8, 16), (4, 4, 16), (24,), (10,)]
    assert (classifier.feature_maps(draw(4)).is_digit is None) == (others == 0)
    with pytest.raises(ModelFileError, match="with snapshots of its training"):
        classifier.snapshots(draw(4))


def test_it_learns_digits_and_that_others_are_none() -> None:
    classifier = trained(epochs=16, synthetic_digits=600, synthetic_others=600)
    found = classifier.evaluate_model()
    assert (found.validation.images, found.test.images) == (50, 100)
    assert found.test.accuracy > 0.85
    digits = classifier.network.probabilities(evaluation.held_out_digits().images).max(axis=1)
    others = classifier.network.probabilities(evaluation.held_out_others("scribbles")).max(axis=1)
    assert auroc(digits, others) > 0.85


def test_the_same_seed_gives_the_same_network_and_another_another() -> None:
    def answer(seed: int) -> tuple[float, ...]:
        return trained(seed=seed, synthetic_others=20).predict(draw(5)).digits[0].probabilities

    assert answer(1) == pytest.approx(answer(1), abs=1e-4)
    assert answer(1) != pytest.approx(answer(2), abs=1e-4)


def test_interrupted_training_goes_on_to_the_same_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as it can be the same: several threads add in any order."""
    uninterrupted = trained(epochs=4, synthetic_others=20)

    def interrupt(method: str, step: int) -> None:
        original = getattr(diary.Diary, method)

        def interrupted(self: diary.Diary, number: int, logs: object = None) -> None:
            if self._step >= step:
                raise KeyboardInterrupt
            original(self, number, logs)

        with monkeypatch.context() as patch:
            patch.setattr(diary.Diary, method, interrupted)
            with pytest.raises(KeyboardInterrupt):
                trained(tmp_path, epochs=4, synthetic_others=20)

    def epochs() -> int:
        return len(json.loads((tmp_path / "diary.json").read_text())["history"])

    interrupt("on_train_batch_end", 30)  # in the midst of an epoch
    assert epochs() == 1
    interrupt("on_epoch_begin", 38)  # between two
    assert epochs() == 2

    resumed = trained(tmp_path, epochs=4, synthetic_others=20)
    expected = uninterrupted.predict(draw(5)).digits[0].probabilities
    assert resumed.predict(draw(5)).digits[0].probabilities == pytest.approx(expected, abs=1e-3)
    for name, figures in resumed.trainer.training.history.items():
        if name != "seconds":
            assert figures == pytest.approx(uninterrupted.trainer.training.history[name], abs=1e-3)
    steps = [snapshot.step for snapshot in resumed.trainer.training.snapshots]
    assert steps == [snapshot.step for snapshot in uninterrupted.trainer.training.snapshots]

    # Nothing is left to do but to take it up.
    finished = trained(tmp_path, epochs=4, synthetic_others=20)
    assert finished.predict(draw(5)) == resumed.predict(draw(5))


def test_another_trainings_diary_is_refused(tmp_path: Path) -> None:
    trained(tmp_path)
    with pytest.raises(ParameterError, match=r"with, \{'seed': 0\}, received \{'seed': 1\}"):
        trained(tmp_path, seed=1)
    (tmp_path / "diary.json").write_text('{"parameters"')
    with pytest.raises(ModelFileError, match=r"received a diary\.json that cannot be read"):
        trained(tmp_path)


def test_training_interrupted_in_its_first_epoch_begins_again_from_the_first_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: diary.Diary, number: int, logs: object = None) -> None:
        if number == 5:
            raise KeyboardInterrupt

    classifier = HandwrittenDigitsClassifier(
        epochs=1, batch_size=32, synthetic_digits=40, synthetic_others=0
    )
    classifier.load_data()
    classifier.model_outlining()
    with monkeypatch.context() as patch:
        patch.setattr(diary.Diary, "on_train_batch_end", interrupt)
        with pytest.raises(KeyboardInterrupt):
            classifier.train_model(progress_bar=False, checkpoint=tmp_path)
    classifier.train_model(progress_bar=False, checkpoint=tmp_path)
    expected = trained(learning_rate=2e-3).predict(draw(5)).digits[0].probabilities
    assert classifier.predict(draw(5)).digits[0].probabilities == pytest.approx(expected, abs=1e-4)


def test_interrupted_exporting_leaves_the_network_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = trained_once()
    before = classifier.trainer.model.get_weights()
    original = export.to_litert

    def interrupt(model: object, half: bool = False) -> bytes:
        if half:
            raise KeyboardInterrupt
        return original(model)

    monkeypatch.setattr(export, "to_litert", interrupt)
    with pytest.raises(KeyboardInterrupt):
        classifier.save_model(tmp_path)
    for weights, expected in zip(classifier.trainer.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weights, expected)


def test_a_keras_file_holds_the_network_asked_for_and_the_one_that_knows_what_is_no_digit(
    tmp_path: Path,
) -> None:
    import keras

    path = tmp_path / "digits.keras"
    first = trained(synthetic_others=20)
    first.save_model(path)
    assert keras.saving.load_model(path).count_params() == 113_386

    second = HandwrittenDigitsClassifier()
    second.load_model(path)
    images = evaluation.held_out_digits().images[:20]
    answers = second.network.probabilities(images)
    np.testing.assert_allclose(first.network.probabilities(images), answers, atol=1e-6)
    network = second.trainer.model
    features = keras.Model(network.inputs, network.get_layer("flatten").output)

    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))

    def look(down: int, right: int) -> np.ndarray:
        moved = padded[:, 1 - down : 29 - down, 1 - right : 29 - right]
        is_digit = second.trainer.rejection.predict(features.predict(moved, verbose=0), verbose=0)
        return is_digit * network.predict(moved, verbose=0) + (1 - is_digit) / 10

    looks = [look(*shift) for shift in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0))]
    is_sure = looks[0].max(axis=1, keepdims=True) >= answering.SURE
    np.testing.assert_allclose(
        answers, np.where(is_sure, looks[0], np.mean(looks, axis=0)), atol=1e-5
    )


def test_learning_what_is_no_digit_leaves_the_network_as_it_is() -> None:
    network = trained_once().trainer.model
    before = network.get_weights()
    digits = np.zeros((30, 28, 28, 1), np.uint8)
    parameters = Parameters(batch_size=32, synthetic_others=20)
    rejection.train_rejection(network, digits, digits, parameters, progress_bar=False)
    for weights, expected in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weights, expected)
    assert network.trainable


def test_the_learning_rate_rises_quickly_and_falls_along_a_cosine() -> None:
    rate = training.learning_rate(Parameters(learning_rate=0.002), 1000)
    rates = [float(rate(step)) for step in (0, 10, 20, 265, 510, 755, 1000)]
    expected = [0.0001, 0.00105, 0.002, 0.001707, 0.001, 0.000293, 0]
    assert rates == pytest.approx(expected, abs=1e-6)


def test_interrupted_training_leaves_nothing_half_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = trained()

    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(classifier.trainer.model, "fit", interrupt)
    with pytest.raises(KeyboardInterrupt):
        classifier.train_model(progress_bar=False)
    for call in (lambda: classifier.predict(draw(3)), lambda: classifier.save_model("x.keras")):
        with pytest.raises(OrderError):
            call()


def test_a_report_tells_only_what_is_known_of_a_loaded_model(tmp_path: Path) -> None:
    small = trained(filters=(4, 4), dense_units=8)
    small.save_model(tmp_path / "small.keras")
    other = trained()
    other.load_model(tmp_path / "small.keras")
    report = other.save_model(tmp_path / "models")
    assert report["network"]["parameters"] < 2000
    assert report["parameters"] is None
    assert report["training"]["history"] == {}
    assert report["snapshots"] == report["runs"] == []
    with pytest.raises(OrderError, match="that was loaded"):
        other.trainer.add_run(tmp_path / "models")


def test_runs_with_other_seeds_add_to_the_report_and_leave_the_model(tmp_path: Path) -> None:
    first, second = trained_once(), trained(seed=2)
    first.save_model(tmp_path)
    model = (tmp_path / "mnist-cnn.tflite").read_bytes()
    for other in (second, trained(seed=1), second):
        other.trainer.add_run(tmp_path)
    with pytest.raises(ModelFileError, match="with another seed than 0"):
        first.trainer.check_run(tmp_path)

    report = json.loads((tmp_path / "report.json").read_text())
    assert [run["seed"] for run in report["runs"]] == [0, 1, 2]
    assert report["parameters"]["seed"] == 0
    assert (tmp_path / "mnist-cnn.tflite").read_bytes() == model
    assert report["runs"][0]["test"]["right"] == report["measured"]["test"]["right"]

    again = first.save_model(tmp_path)
    assert [run["seed"] for run in again["runs"]] == [0, 1, 2]
    another = trained(epochs=2)
    with pytest.raises(ModelFileError, match="on the same parameters with another seed"):
        another.trainer.add_run(tmp_path)
    assert [run["seed"] for run in another.save_model(tmp_path)["runs"]] == [0]


def test_ctrl_c_waits_for_the_moves_and_is_heard_afterwards() -> None:
    moved = False
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), export._uninterrupted():
        signal.raise_signal(signal.SIGINT)
        moved = True
    assert moved
    assert signal.getsignal(signal.SIGINT) is before


def test_training_goes_on_from_a_saved_model(tmp_path: Path) -> None:
    path = tmp_path / "digits.keras"
    first = trained(synthetic_others=20)
    first.save_model(path)

    second = HandwrittenDigitsClassifier(epochs=1, synthetic_digits=0, synthetic_others=0)
    second.load_model(path)
    before = first.predict(draw(3)).digits[0].probabilities
    assert second.predict(draw(3)).digits[0].probabilities == pytest.approx(before, abs=1e-6)
    second.load_data()
    second.train_model(progress_bar=False)
    assert second.predict(draw(3)).digits[0].probabilities != pytest.approx(before, abs=1e-6)


def test_a_folder_gets_the_models_snapshots_plots_and_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "plot", plots.plot)
    folder = tmp_path / "new" / "models"
    classifier = trained(epochs=3, synthetic_others=20)
    report = classifier.save_model(folder)

    assert sorted(path.name for path in folder.iterdir()) == [
        "mnist-cnn.keras",
        "mnist-cnn.tflite",
        "plots",
        "report.json",
        "snapshots",
    ]
    assert json.loads((folder / "report.json").read_text()) == json.loads(json.dumps(report))
    for name, file in report["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == file["sha256"]
    assert report["data"] == {
        "dataset": "mnist:3.0.1",
        "train": 550,
        "validation": 50,
        "test": 100,
        "synthetic": 60,
    }
    assert report["network"]["parameters"] == 113_386
    assert report["network"]["rejection_parameters"] == 800 * 128 + 128 + 128 + 1
    assert sum(layer["parameters"] for layer in report["network"]["layers"]) == 113_386
    assert report["parameters"]["epochs"] == 3
    assert report["measured"]["test"]["right"] == classifier.evaluate_model().test.right
    confusion = np.array(report["measured"]["test"]["confusion"])
    assert confusion.sum() == 100
    assert confusion.trace() == report["measured"]["test"]["right"]
    assert [each["drawings"] for each in report["others"]["kinds"].values()] == [20] * 4
    assert report["hardest"][0]["answer"] != report["hardest"][0]["label"]
    assert report["litert_and_keras_agree"]["test"]["accuracy"] == 1
    assert set(report["versions"]) >= {"python", "tensorflow", "keras", "numpy"}
    assert set(report["training"]["history"]) >= {"loss", "val_loss", "accuracy", "seconds"}

    drawn = {path.name for path in (folder / "plots").iterdir()}
    assert len(drawn) == 14
    assert {"confusion-light.svg", "learning-dark.svg"} <= drawn
    for name in drawn:
        svg = (folder / "plots" / name).read_text()
        assert "style" not in svg, "pages forbid styles inside of what they show"
        assert 'stroke-linejoin="round"' in svg

    loaded = HandwrittenDigitsClassifier()
    loaded.load_model(path=folder)
    assert loaded.network.sha256 == report["files"]["mnist-cnn.tflite"]["sha256"]
    assert loaded.report == json.loads((folder / "report.json").read_text())


def test_the_plots_have_the_colours_of_the_pages() -> None:
    style = (ROOT / "static" / "css" / "base.css").read_text()
    light, dark = style.split("prefers-color-scheme: dark", 1)
    for theme, part in zip(plots.THEMES, (light, dark), strict=True):
        for name in ("paper", "text", "muted", "ink", "red"):
            assert f"--{name}: {getattr(theme, name)};" in part


def test_the_snapshots_show_the_network_learning(tmp_path: Path) -> None:
    classifier = trained(epochs=6, synthetic_digits=600)
    report = classifier.save_model(tmp_path)
    snapshots = report["snapshots"]
    assert [(each["epoch"], each["step"]) for each in snapshots] == [
        (epoch, epoch * 36) for epoch in (0, 1, 2, 3, 5, 6)
    ]
    right = [each["validation"]["right"] for each in snapshots]
    assert right[0] < 20 < right[-1]
    assert all(each["bytes"] < 250_000 for each in snapshots)

    last = HandwrittenDigitsClassifier()
    last.load_model(tmp_path / snapshots[-1]["file"])
    expected = classifier.predict(draw(3)).digits[0].probabilities
    assert last.predict(draw(3)).digits[0].probabilities == pytest.approx(expected, abs=2e-3)


def test_a_litert_file_answers_alike(tmp_path: Path) -> None:
    path = tmp_path / "digits.tflite"
    classifier = trained_once()
    report = classifier.save_model(path)
    assert report["files"]["digits.tflite"]["sha256"] == classifier.network.sha256

    loaded = HandwrittenDigitsClassifier()
    loaded.load_model(path=path)
    assert loaded.network.name == "digits"
    expected = classifier.predict(draw(3)).digits[0].probabilities
    assert loaded.predict(draw(3)).digits[0].probabilities == expected
    loaded.load_data()
    with pytest.raises(OrderError, match=r"ends in \.keras"):
        loaded.train_model()


def test_interrupted_it_leaves_the_previous_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = trained_once()
    classifier.save_model(tmp_path)

    def content() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    before = content()
    for moment in ("plot", "describe", "to_litert"):
        monkeypatch.setattr(export, moment, interrupt)
        with pytest.raises(KeyboardInterrupt):
            classifier.save_model(tmp_path)
        assert content() == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelFileError, match=r"Expected to write into .*models, received"):
        trained_once().save_model(tmp_path / "models")


@pytest.mark.parametrize("content", [b"not a model", b"PK\3\4" + b"\0" * 100])
def test_a_foreign_keras_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.keras"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"Expected a Keras model at .*foreign\.keras"):
        HandwrittenDigitsClassifier().load_model(path)


def test_a_model_of_other_shapes_is_named(tmp_path: Path) -> None:
    import keras

    path = tmp_path / "other.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(path)
    with pytest.raises(
        ModelFileError, match=r"Expected a network from \(n, 28, 28, 1\) .* \(None, 4\)"
    ):
        HandwrittenDigitsClassifier().load_model(path)


def test_a_model_without_probabilities_is_named(tmp_path: Path) -> None:
    import keras

    path = tmp_path / "logits.keras"
    layers = [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    model = keras.Sequential(layers)
    model.layers[-1].set_weights([np.zeros((784, 10)), np.full(10, 7.0)])
    model.save(path)
    with pytest.raises(ModelFileError, match=r"answers with probabilities.*add up to 70"):
        HandwrittenDigitsClassifier().load_model(path)


def test_a_model_saved_without_its_optimizer_can_be_trained_on(tmp_path: Path) -> None:
    import keras

    path = tmp_path / "bare.keras"
    layers = [
        keras.Input((28, 28, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ]
    keras.Sequential(layers).save(path)
    classifier = HandwrittenDigitsClassifier(epochs=1, synthetic_digits=0, synthetic_others=0)
    classifier.load_model(path)
    classifier.load_data()
    assert "val_accuracy" in classifier.train_model(progress_bar=False)


def test_evaluation_sees_the_images_as_they_are() -> None:
    classifier = trained_once()
    test = classifier.load_data().test
    answers = classifier.network.probabilities(test.images).argmax(axis=1)
    assert classifier.evaluate_model().test.right == int(np.sum(answers == test.labels))
