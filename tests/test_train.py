"""The command line of train.py, as a person meets it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from classifier import Parameters

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "train.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
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


@pytest.mark.real_data
def test_ctrl_c_leaves_the_previous_artifact(real_data: Path, tmp_path: Path) -> None:
    previous = tmp_path / "report.json"
    previous.write_text("the previous one")
    process = subprocess.Popen(
        [sys.executable, "-u", "train.py", "--epochs", "50", "--output", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "TFDS_DATA_DIR": str(real_data / "tensorflow_datasets")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Epoch 1/" in line:
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "is as it was" in errors
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert previous.read_text() == "the previous one"
