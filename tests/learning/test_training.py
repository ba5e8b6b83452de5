"""From a few images to an artifact that answers."""

from __future__ import annotations

import hashlib
import json
import signal
from pathlib import Path

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier, ModelFileError, OrderError
from classifier.learning import export, training
from tests.handwriting import draw

pytestmark = pytest.mark.usefixtures("small_mnist")


def trained(**parameters: object) -> HandwrittenDigitsClassifier:
    defaults = {"epochs": 1, "batch_size": 32, "learning_rate": 3e-3}
    classifier = HandwrittenDigitsClassifier(**{**defaults, **parameters})
    classifier.load_data()
    classifier.model_outlining()
    classifier.train_model(progress_bar=False)
    return classifier


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


def test_one_epoch_learns_and_the_answer_comes_from_it() -> None:
    classifier = trained(epochs=3)
    evaluation = classifier.evaluate_model()
    assert (evaluation.validation.images, evaluation.test.images) == (50, 100)
    assert evaluation.test.accuracy > 0.8
    assert classifier.predict(draw(0, side=28, pen=2)).digits[0].digit == 0


def test_the_same_seed_gives_the_same_network_and_another_another() -> None:
    def answer(seed: int) -> tuple[float, ...]:
        return trained(seed=seed).predict(draw(5)).digits[0].probabilities

    assert answer(1) == pytest.approx(answer(1), abs=1e-4)
    assert answer(1) != pytest.approx(answer(2), abs=1e-4)


def test_the_weights_kept_are_those_of_the_best_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The last epoch goes far too fast, and spoils what was learned.
    monkeypatch.setattr(training, "cosine", lambda start, progress: 3e-3 if progress < 0.6 else 0.5)
    classifier = HandwrittenDigitsClassifier(epochs=3, batch_size=32)
    data = classifier.load_data()
    model = classifier.model_outlining()
    history = classifier.train_model(progress_bar=False)

    assert history["val_loss"][-1] > min(history["val_loss"])
    assert classifier.save_model(tmp_path)["training"]["chosen_epoch"] < 3
    loss, _ = model.evaluate(data.validation.images, data.validation.labels, verbose=0)
    assert loss == pytest.approx(min(history["val_loss"]), rel=1e-3)


def test_the_learning_rate_falls_along_a_cosine() -> None:
    rates = [training.cosine(0.002, progress) for progress in (0, 0.25, 0.5, 0.75)]
    assert rates == pytest.approx([0.002, 0.001707, 0.001, 0.000293], abs=1e-6)


def test_interrupted_training_leaves_nothing_half_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = trained()

    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(classifier._keras_model("this test"), "fit", interrupt)
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
    assert report["training"] == {"chosen_epoch": None, "history": {}}


def test_ctrl_c_waits_for_the_moves_and_is_heard_afterwards() -> None:
    moved = False
    with pytest.raises(KeyboardInterrupt), export._uninterrupted():
        signal.raise_signal(signal.SIGINT)
        moved = True
    assert moved
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_training_goes_on_from_a_saved_model(tmp_path: Path) -> None:
    path = tmp_path / "digits.keras"
    first = trained()
    first.save_model(path)

    second = HandwrittenDigitsClassifier(epochs=1, batch_size=32)
    second.load_model(path)
    before = first.predict(draw(3)).digits[0].probabilities
    assert second.predict(draw(3)).digits[0].probabilities == pytest.approx(before, abs=1e-6)
    second.load_data()
    second.train_model(progress_bar=False)
    assert second.predict(draw(3)).digits[0].probabilities != pytest.approx(before, abs=1e-6)


def test_a_folder_gets_both_models_and_a_report_on_them(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "models"
    classifier = trained()
    report = classifier.save_model(folder)

    assert sorted(path.name for path in folder.iterdir()) == [
        "mnist-cnn.keras",
        "mnist-cnn.tflite",
        "report.json",
    ]
    assert json.loads((folder / "report.json").read_text()) == json.loads(json.dumps(report))
    for name, file in report["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == file["sha256"]
    assert report["data"] == {
        "dataset": "mnist:3.0.1",
        "train": 550,
        "validation": 50,
        "test": 100,
    }
    assert report["network"] == {"parameters": 113_386}
    assert report["parameters"]["epochs"] == 1
    assert report["accuracy"]["test"]["right"] == classifier.evaluate_model().test.right
    assert report["litert_and_keras_agree"]["test"]["accuracy"] == 1
    assert set(report["versions"]) >= {"python", "tensorflow", "keras", "numpy"}

    loaded = HandwrittenDigitsClassifier()
    loaded.load_model(path=folder)
    assert loaded.network.sha256 == report["files"]["mnist-cnn.tflite"]["sha256"]


def test_a_litert_file_answers_alike(tmp_path: Path) -> None:
    path = tmp_path / "digits.tflite"
    classifier = trained()
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


@pytest.mark.parametrize("moment", ["_report", "to_litert"])
def test_interrupted_it_leaves_the_previous_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    classifier = trained()
    classifier.save_model(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(export, moment, interrupt)
    with pytest.raises(KeyboardInterrupt):
        classifier.save_model(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelFileError, match=r"Expected to write into .*models, received"):
        trained().save_model(tmp_path / "models")


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
    with pytest.raises(ModelFileError, match=r"Expected a network from \(1, 28, 28, 1\)"):
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
    classifier = HandwrittenDigitsClassifier(epochs=1)
    classifier.load_model(path)
    classifier.load_data()
    assert "val_accuracy" in classifier.train_model(progress_bar=False)


def test_evaluation_sees_the_images_as_they_are() -> None:
    classifier = trained()
    test = classifier.load_data().test
    answers = classifier.network.probabilities(test.images).argmax(axis=1)
    assert classifier.evaluate_model().test.right == int(np.sum(answers == test.labels))
