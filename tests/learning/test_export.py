from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier, ModelFileError, OrderError, Parameters
from classifier.learning import evaluation, export, plots, training
from classifier.learning.data import Mnist
from classifier.learning.runs import add_run, check_run, plain
from tests.handwriting import draw
from tests.learning.conftest import PARAMETERS, STEPS, interrupt

ROOT = Path(__file__).resolve().parents[2]


def test_a_folder_holds_the_models_and_a_report_on_them(
    small: HandwrittenDigitsClassifier, folder: Path, mnist: Mnist
) -> None:
    names = ["mnist-cnn.keras", "mnist-cnn.tflite", "plots", "report.json", "snapshots"]
    assert sorted(path.name for path in folder.iterdir()) == names
    loaded = HandwrittenDigitsClassifier()
    loaded.load_model(folder)
    loaded.trainer.data = mnist
    with pytest.raises(OrderError, match=r"ends in \.keras"):
        loaded.train_model()  # a LiteRT file only predicts
    assert loaded.predict(draw(3)) == small.predict(draw(3))

    report = loaded.report
    assert report == json.loads((folder / "report.json").read_text())
    parts = {"train": 550, "validation": 50, "test": 100, "synthetic": 100}
    assert report["data"] == {"dataset": "mnist:3.0.1", **parts}
    total = small.trainer.trained.model.count_params()
    assert sum(layer["parameters"] for layer in report["network"]["layers"]) == total
    test = report["measured"]["test"]
    confusion = np.array(test["confusion"])
    assert (confusion.sum(), confusion.trace()) == (100, test["right"])
    assert test["right"] == small.evaluate_model().test.right
    assert [each["drawings"] for each in report["others"]["kinds"].values()] == [20] * 4
    assert report["hardest"][0]["answer"] != report["hardest"][0]["label"]
    assert report["litert_and_keras_agree"]["test"]["accuracy"] == 1
    assert set(report["training"]["history"]) >= {"loss", "val_loss", "accuracy", "seconds"}


def test_plots_look_like_the_pages_and_keep_to_their_policy(folder: Path) -> None:
    assert len(list((folder / "plots").glob("*-light.svg"))) == 7
    for path in (folder / "plots").iterdir():
        assert "style" not in path.read_text(), "the app's policy forbids inline styles"
    light, dark = (ROOT / "static/css/base.css").read_text().split("prefers-color-scheme: dark", 1)
    for theme, style in zip(plots.THEMES, (light, dark), strict=True):
        for name in ("paper", "text", "muted", "ink", "red"):
            assert f"--{name}: {getattr(theme, name)};" in style


def test_snapshots_show_the_network_learning(
    small: HandwrittenDigitsClassifier, folder: Path
) -> None:
    snapshots = json.loads((folder / "report.json").read_text())["snapshots"]
    assert [each["step"] for each in snapshots] == [epoch * STEPS for epoch in (0, 1, 2, 3)]
    right = [each["validation"]["right"] for each in snapshots]
    assert right[0] < 20 < right[-1]
    last = export.load_network(folder / snapshots[-1]["file"])
    images = evaluation.held_out_digits().images[:20]
    expected = small.trainer.trained.model.predict(images, verbose=0)
    np.testing.assert_allclose(last.probabilities(images), expected, atol=2e-3)


def test_a_keras_file_can_be_saved_again_and_trained_further(
    small: HandwrittenDigitsClassifier,
    folder: Path,
    mnist: Mnist,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "plot", lambda report, data, folder: folder.mkdir())
    loaded = HandwrittenDigitsClassifier(epochs=1, synthetic_digits=0, synthetic_others=0)
    loaded.load_model(folder / "mnist-cnn.keras")
    loaded.trainer.data = mnist
    images = evaluation.held_out_digits().images[:20]
    before = small.network.probabilities(images)
    np.testing.assert_allclose(loaded.network.probabilities(images), before, atol=1e-6)
    report = loaded.save_model(tmp_path)
    assert report["parameters"] is None
    assert report["training"]["history"] == {}
    assert report["snapshots"] == report["runs"] == []

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(training, "synthesise_digits", interrupt)
        loaded.train_model(progress_bar=False)
    with pytest.raises(OrderError):  # nothing half-trained answers
        loaded.predict(draw(3))
    assert "val_accuracy" in loaded.train_model(progress_bar=False)
    assert not np.allclose(loaded.network.probabilities(images), before, atol=1e-3)


def test_runs_with_other_seeds_are_added_to_the_report(folder: Path, tmp_path: Path) -> None:
    models = shutil.copytree(folder, tmp_path / "models")
    before = json.loads((models / "report.json").read_text())
    parameters = Parameters(**PARAMETERS)
    for refused in (parameters, replace(parameters, epochs=2, seed=1)):
        with pytest.raises(ModelFileError, match="on the same parameters with another seed"):
            check_run(models, refused)
    for seed in (2, 1, 2):
        other = replace(parameters, seed=seed)
        check_run(models, other)
        add_run(models, {**before, "parameters": plain(other)})
    report = json.loads((models / "report.json").read_text())
    assert [run["seed"] for run in report["runs"]] == [0, 1, 2]
    assert {**report, "runs": []} == {**before, "runs": []}


def test_an_interruption_leaves_the_previous_folder(
    small: HandwrittenDigitsClassifier,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = shutil.copytree(folder, tmp_path / "models")
    monkeypatch.setattr(export, "describe", interrupt)
    with pytest.raises(KeyboardInterrupt):
        small.save_model(models)
    before, after = (
        {path.relative_to(each): path.read_bytes() for path in each.rglob("*") if path.is_file()}
        for each in (folder, models)
    )
    assert before == after


def test_a_folder_that_cannot_be_written_is_reported(
    small: HandwrittenDigitsClassifier, tmp_path: Path
) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelFileError, match=r"Expected to write into .*models, received"):
        small.save_model(tmp_path / "models")
