"""The command line of train.py, as a person meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest

from classifier import Parameters
from train import QUICK

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "train.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_help_names_every_parameter() -> None:
    result = run("--help")
    assert result.returncode == 0
    for field in fields(Parameters):
        assert f"--{field.name.replace('_', '-')}" in result.stdout


def test_an_unknown_option_fails() -> None:
    result = run("--epoch-count", "3")
    assert result.returncode == 2
    assert "--epoch-count" in result.stderr


def test_a_senseless_parameter_is_named_without_a_traceback() -> None:
    result = run("--epochs", "0")
    assert result.returncode == 1
    assert "Expected epochs to be a whole number of at least 1, received 0." in result.stderr
    assert "Traceback" not in result.stderr


def test_without_network_and_dataset_it_says_how_to_get_one(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"  # a proxy that is not there: no request leaves the machine
    result = run(TFDS_DATA_DIR=str(tmp_path), HTTPS_PROXY=nowhere, https_proxy=nowhere, NO_PROXY="")
    assert result.returncode == 1
    assert "train-images-idx3-ubyte.gz" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("output", ["model.keras", "model.tflite", "README.md"])
def test_an_output_that_is_no_folder_is_named_before_training(output: str) -> None:
    result = run("--output", output)
    assert result.returncode == 2
    assert "expected a folder" in result.stderr


def test_unfinished_training_is_not_thrown_away(tmp_path: Path) -> None:
    unfinished = tmp_path / "unfinished-3"
    unfinished.mkdir()
    result = run("--seed", "3", "--output", str(tmp_path))
    assert result.returncode == 1
    assert "Expected no unfinished training" in result.stderr
    assert "--resume" in result.stderr
    assert unfinished.exists()


def test_with_nothing_to_resume_nothing_is_begun(tmp_path: Path) -> None:
    result = run("--resume", "--output", str(tmp_path))
    assert result.returncode == 1
    assert "Expected an unfinished training" in result.stderr


def test_figures_are_only_added_where_they_belong(tmp_path: Path) -> None:
    result = run("--figures-only", "--output", str(tmp_path))
    assert result.returncode == 1
    assert "Expected a report" in result.stderr
    assert "Loading MNIST" not in result.stdout


def test_an_option_cut_short_is_not_guessed() -> None:
    result = run("--qui")
    assert result.returncode == 2
    assert "--qui" in result.stderr


@pytest.mark.real_data
def test_ctrl_c_leaves_the_previous_artifact_and_a_quick_training_goes_on_to_read_99_of_100(
    real_data: Path, tmp_path: Path
) -> None:
    previous = tmp_path / "report.json"
    previous.write_text('{"parameters": null}')
    options = ["--quick", "--output", str(tmp_path)]
    folder = str(real_data / "tensorflow_datasets")
    process = subprocess.Popen(
        [sys.executable, "-u", "train.py", *options],
        cwd=ROOT,
        env={**os.environ, "TFDS_DATA_DIR": folder},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    diary = tmp_path / "unfinished-0" / "diary.json"
    for _ in range(4000):
        if process.poll() is not None:
            break
        if diary.exists() and json.loads(diary.read_text())["history"]:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 130, errors
    assert "--resume" in errors
    assert "Traceback" not in errors
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "unfinished-0"]
    assert previous.read_text() == '{"parameters": null}'
    assert len(json.loads(diary.read_text())["history"]) == 1

    resumed = run(*options, "--resume", TFDS_DATA_DIR=folder)
    assert resumed.returncode == 0, resumed.stderr
    assert f"Epoch 2 of {QUICK['epochs']}" in resumed.stderr
    assert f"Epoch 1 of {QUICK['epochs']}" not in resumed.stderr
    assert "AUROC" in resumed.stdout
    assert not diary.parent.exists()
    report = json.loads(previous.read_text())
    assert len(report["training"]["history"]["loss"]) == QUICK["epochs"]
    assert report["measured"]["test"]["accuracy"] >= 0.99
