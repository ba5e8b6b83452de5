"""The pinned packages."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = ["requirements-serve", "requirements"]
PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.]+)(?: ; [^\\]+)?"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)"
)


def listed(file: str) -> dict[str, str]:
    """Return the packages of a .in file, with their versions."""
    lines = re.findall(r"(?m)^([\w-]+)==(\S+)", (ROOT / f"{file}.in").read_text())
    return {name.lower().replace("_", "-"): version for name, version in lines}


def pinned(file: str) -> dict[str, str]:
    """Return the packages of a .txt file, with their versions."""
    text = (ROOT / f"{file}.txt").read_text()
    return {pin["name"]: pin["version"] for pin in PIN.finditer(text)}


@pytest.mark.parametrize("file", FILES)
def test_listed_packages_are_pinned(file: str) -> None:
    assert len(listed(file)) > 10
    assert listed(file).items() <= pinned(file).items(), "Run `make requirements`."


@pytest.mark.parametrize("file", FILES)
def test_every_pin_has_a_hash_and_no_index_is_named(file: str) -> None:
    text = (ROOT / f"{file}.txt").read_text()
    assert re.sub(r"(?m)^ *#.*\n", "", PIN.sub("", text)).strip() == ""
    assert "://" not in (text + (ROOT / f"{file}.in").read_text()).replace("redis://", "")


def test_serving_has_the_same_pins_in_both_and_no_tensorflow() -> None:
    assert pinned("requirements-serve").items() <= pinned("requirements").items()
    assert not {"tensorflow", "keras", "streamlit", "pytest"} & set(pinned("requirements-serve"))


def test_installed_versions_are_the_pinned_ones() -> None:
    for name, pin in {**listed("requirements-serve"), **listed("requirements")}.items():
        assert version(name) == pin
