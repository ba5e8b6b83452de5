"""Installing the library and the pinned packages; what reading imports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import classifier
from tests.handwriting import draw

ROOT = Path(__file__).resolve().parents[1]

# The web application loads the network when it starts.
READING = """
import sys

sys.path.insert(0, "flask")
from webapp import create_app

assert create_app().test_client().get("/health/ready").status_code == 200
assert not {"tensorflow", "keras", "tensorflow_datasets", "streamlit"} & {*sys.modules}
"""


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


def test_installed_library_has_the_snapshots_and_the_metadata(installed: Path) -> None:
    report = json.loads((installed / "classifier" / "models" / "report.json").read_text())
    for snapshot in report["snapshots"]:
        assert (installed / "classifier" / "models" / snapshot["file"]).is_file()
    (folder,) = installed.glob("*.dist-info")
    metadata = Distribution.at(folder).metadata
    assert metadata["Version"] == classifier.__version__
    assert metadata["License-Expression"] == "MIT"


def test_reading_imports_no_tensorflow() -> None:
    subprocess.run([sys.executable, "-c", READING], cwd=ROOT, check=True)


def pins(file: str) -> dict[str, str]:
    """Return the packages in a file of requirements, with their versions."""
    lines = re.findall(r"(?m)^([\w-]+)==([^\s;]+)", (ROOT / file).read_text())
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
