"""The installed library, and the pinned packages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import classifier
from tests.handwriting import draw

ROOT = Path(__file__).resolve().parents[1]


def test_the_installed_library_reads_a_picture_in_another_folder(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *offline, "--target", str(folder), str(ROOT)],
        check=True,
    )
    draw(7).save(tmp_path / "seven.png")
    command = subprocess.run(
        [folder / "bin" / "read-digits", "--json", "seven.png"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        check=True,
    )
    assert json.loads(command.stdout)["text"] == "7"

    models = folder / "classifier" / "models"
    report = json.loads((models / "report.json").read_text())
    assert all((models / snapshot["file"]).is_file() for snapshot in report["snapshots"])
    (information,) = folder.glob("*.dist-info")
    metadata = Distribution.at(information).metadata
    assert metadata["Version"] == classifier.__version__
    assert metadata["License-Expression"] == "MIT"


def pins(file: str) -> dict[str, str]:
    """Return the packages in a file of requirements, with their versions."""
    content = (ROOT / file).read_text()
    assert "://" not in content.replace("redis://", "")  # pip is told elsewhere which index to use
    lines = re.findall(r"(?m)^([\w-]+)==([^\s;]+)", content)
    return {canonicalize_name(name): version for name, version in lines}


def test_pinned_packages_are_the_listed_ones_and_satisfy_the_dependencies() -> None:
    serving, everything = pins("requirements-serve.txt"), pins("requirements.txt")
    assert pins("requirements-serve.in").items() <= serving.items() <= everything.items()
    assert pins("requirements.in").items() <= everything.items()
    assert not {"tensorflow", "keras", "streamlit", "pytest"} & set(serving)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    for text in (*project["dependencies"], *(each for extra in extras for each in extra)):
        requirement = Requirement(text)
        assert everything[canonicalize_name(requirement.name)] in requirement.specifier
