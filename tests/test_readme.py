"""What the README promises."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict

import pytest

from benchmarks.servers import ROOT
from classifier import HandwrittenDigitsClassifier, Parameters
from classifier.network.reading import MIN_CONFIDENCE
from tests.handwriting import draw
from tools.figures import updated

README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_its_figures_are_the_measured_ones() -> None:
    assert updated(README) == README, "Run `make figures`."
    assert "requests/s" in README


def test_the_committed_model_is_the_one_reported_on() -> None:
    report = json.loads((ROOT / "models" / "report.json").read_text())
    assert set(report["files"]) == {"mnist-cnn.keras", "mnist-cnn.tflite"}
    for name, file in report["files"].items():
        assert hashlib.sha256((ROOT / "models" / name).read_bytes()).hexdigest() == file["sha256"]
    for snapshot in report["snapshots"]:
        content = (ROOT / "models" / snapshot["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == snapshot["sha256"]
    assert report["parameters"] == json.loads(json.dumps(asdict(Parameters())))


def test_the_report_holds_up() -> None:
    report = json.loads((ROOT / "models" / "report.json").read_text())
    accuracies = [run["test"]["accuracy"] for run in report["runs"]]
    assert len(accuracies) >= 3
    assert sum(accuracies) / len(accuracies) >= 0.995
    assert report["measured"]["test"]["calibration"]["error"] <= 0.01
    for kind, found in report["others"]["kinds"].items():
        assert found["unsure"] >= (0.8 if kind == "unseen" else 0.9) * found["drawings"]
    assert report["others"]["auroc"] >= 0.99
    assert report["network"]["milliseconds"]["litert"] < 0.3
    for ladder in ("brush", "size", "place"):
        assert report["robustness"][ladder]["same_digit"] >= 0.99
    snapshots = report["snapshots"]
    assert 9 <= len(snapshots) <= 12
    assert sum(each["bytes"] for each in snapshots) < 3_000_000
    assert snapshots[0]["step"] == 0
    assert snapshots[-1]["epoch"] == report["parameters"]["epochs"]


def test_its_threshold_is_the_one_that_decides() -> None:
    assert f"Below {MIN_CONFIDENCE:.0%}".replace("%", " %") in README


def test_its_first_examples_run(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(str(tmp_path))
    draw(7).save("seven.png")
    draw(6).save("six.png")
    exec("".join(EXAMPLES[:3]), {})
    printed = capsys.readouterr().out.splitlines()
    assert re.match(r"7 (0\.9\d+|1\.0)$", printed[0])
    assert printed[3] == "centred by mass 7 "
    assert any(re.match(r"66600 7 0\.", line) for line in printed)
    assert "9" in printed
    assert any(line.startswith("turned left Alteration(") for line in printed)


def test_its_table_of_settings_is_complete() -> None:
    read = re.findall(r'\("([A-Z_0-9]+)"', (ROOT / "flask" / "settings.py").read_text())
    assert len(read) >= 7
    assert sorted(read) == sorted(re.findall(r"^\| `([A-Z_0-9]+)` \|", README, re.MULTILINE))


def test_its_example_of_training_names_methods_and_parameters_that_exist() -> None:
    for method in re.findall(r"classifier\.(\w+)\(", EXAMPLES[3]):
        assert callable(getattr(HandwrittenDigitsClassifier, method))
    (call,) = re.findall(r"HandwrittenDigitsClassifier\((.*)\)", EXAMPLES[3])
    exec(
        f"HandwrittenDigitsClassifier({call})",
        {"HandwrittenDigitsClassifier": HandwrittenDigitsClassifier},
    )


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_its_commands_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r'(?:\]\(|src(?:set)?=")(?!http)([^)"]+)', README))
def test_its_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
