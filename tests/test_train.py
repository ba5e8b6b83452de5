from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.raw_http import wait_until
from train import INTERRUPTED, QUICK, ROOT, main


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--qui"], "--qui"),  # would be --quick without its defaults
        (["--output", "model.keras"], "expected a folder"),
        (["--output", str(ROOT / "README.md")], "expected a folder"),
    ],
)
def test_a_wrong_command_line_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "Expected epochs to be a whole number of at least 1, received 0."),
        (["--seed", "3"], "Expected no unfinished training"),
        (["--resume"], "Expected an unfinished training"),
        (["--figures-only"], "Expected a report"),
    ],
)
def test_training_does_not_start_without_what_it_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    unfinished = tmp_path / "unfinished-3"
    unfinished.mkdir()
    assert main([*arguments, "--output", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Loading MNIST" not in printed.out
    assert unfinished.exists()


@pytest.mark.long
@pytest.mark.real_data
def test_a_quick_training_is_interrupted_and_resumed_and_reads_99_percent(
    real_data: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    report.write_text('{"parameters": null}')  # of an earlier training
    command = [sys.executable, "-u", "train.py", "--quick", "--output", str(tmp_path)]
    environment = {**os.environ, "TFDS_DATA_DIR": str(real_data / "tensorflow_datasets")}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    checkpoint = tmp_path / "unfinished-0"
    history = checkpoint / "history.csv"

    def has_finished_an_epoch() -> bool:
        return history.exists() and b"\n0," in history.read_bytes()

    wait_until(lambda: process.poll() is not None or has_finished_an_epoch(), 300)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED, errors
    assert b"--resume" in errors
    assert b"Traceback" not in errors
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", checkpoint.name}
    assert report.read_text() == '{"parameters": null}'

    resumed = subprocess.run(
        [*command, "--resume"], cwd=ROOT, env=environment, capture_output=True, timeout=900
    )
    assert resumed.returncode == 0, resumed.stderr
    assert b"AUROC" in resumed.stdout
    assert not checkpoint.exists()
    written = json.loads(report.read_text())
    assert len(written["training"]["history"]["loss"]) == QUICK["epochs"]
    assert written["measured"]["test"]["accuracy"] >= 0.99
