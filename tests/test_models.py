"""The committed network, and the report on it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from classifier import Parameters

MODELS = Path(__file__).resolve().parents[1] / "models"
REPORT = json.loads((MODELS / "report.json").read_text())


def test_files_are_the_reported_ones() -> None:
    assert set(REPORT["files"]) == {"mnist-cnn.keras", "mnist-cnn.tflite"}
    reported = {name: file["sha256"] for name, file in REPORT["files"].items()}
    reported |= {snapshot["file"]: snapshot["sha256"] for snapshot in REPORT["snapshots"]}
    for name, sha256 in reported.items():
        assert hashlib.sha256((MODELS / name).read_bytes()).hexdigest() == sha256
    assert sum(snapshot["bytes"] for snapshot in REPORT["snapshots"]) < 3_000_000
    assert REPORT["parameters"] == json.loads(json.dumps(asdict(Parameters())))


def test_results_are_good_enough() -> None:
    assert all(run["test"]["accuracy"] >= 0.995 for run in REPORT["runs"])
    assert REPORT["measured"]["test"]["calibration"]["error"] <= 0.01
    assert REPORT["others"]["auroc"] >= 0.99
    for kind, found in REPORT["others"]["kinds"].items():
        assert found["unsure"] >= (0.8 if kind == "unseen" else 0.9) * found["drawings"]
    for ladder in ("brush", "size", "place"):
        assert REPORT["robustness"][ladder]["same_digit"] >= 0.99
