"""Installing the library with pip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import classifier
from tests.handwriting import draw

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed library."""
    folder = tmp_path_factory.mktemp("site-packages")
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *offline, "--target", str(folder), str(ROOT)],
        check=True,
    )
    return folder


def test_installed_library_reads_a_picture_in_another_folder(
    installed: Path, tmp_path: Path
) -> None:
    draw(7).save(tmp_path / "seven.png")
    command = subprocess.run(
        [installed / "bin" / "read-digits", "--json", "seven.png"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        check=True,
    )
    assert json.loads(command.stdout)["text"] == "7"


def test_installed_library_has_the_report_and_the_snapshots(installed: Path) -> None:
    report = json.loads((installed / "classifier" / "models" / "report.json").read_text())
    for snapshot in report["snapshots"]:
        assert (installed / "classifier" / "models" / snapshot["file"]).is_file()


def test_metadata_has_the_version_and_the_licence(installed: Path) -> None:
    (folder,) = installed.glob("*.dist-info")
    metadata = Distribution.at(folder).metadata
    assert metadata["Version"] == classifier.__version__
    assert metadata["License-Expression"] == "MIT"


def test_pinned_packages_satisfy_the_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    pins = dict(
        line.split()[0].split("==")
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    )
    for text in (*project["dependencies"], *(each for extra in extras for each in extra)):
        requirement = Requirement(text)
        assert pins[requirement.name.replace("_", "-")] in requirement.specifier
