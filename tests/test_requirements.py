"""The pins are those that the sources name, and pip checks the hash of each."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest

from benchmarks.servers import ROOT

FILES = ["requirements-serve", "requirements"]
ENTRY = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.]+)(?: ; [^\\]+)?"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)"
)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(source: str) -> dict[str, str]:
    """The packages that a source names, with their versions."""
    text = re.sub(r"(?m)\s*#.*$|^-[rc] .*$", "", (ROOT / f"{source}.in").read_text())
    pairs = [line.split("==") for line in text.split()]
    return {canonical(name.partition("[")[0]): version for name, version in pairs}


def pinned(compiled: str) -> dict[str, str]:
    """The packages that a compiled file pins, with their versions."""
    text = (ROOT / f"{compiled}.txt").read_text()
    return {entry["name"]: entry["version"] for entry in ENTRY.finditer(text)}


@pytest.mark.parametrize("file", FILES)
def test_what_a_source_names_is_pinned_so(file: str) -> None:
    assert len(named(file)) > 10
    assert named(file).items() <= pinned(file).items(), "Run `make requirements`."


@pytest.mark.parametrize("file", FILES)
def test_every_pin_has_a_hash_and_no_index_an_address(file: str) -> None:
    """One without, and pip would refuse all; `make requirements` writes nothing else."""
    rest = re.sub(r"(?m)^ *#.*\n", "", ENTRY.sub("", (ROOT / f"{file}.txt").read_text()))
    assert rest.strip() == ""
    for text in ((ROOT / f"{file}.txt").read_text(), (ROOT / f"{file}.in").read_text()):
        assert "://" not in text.replace("redis://", "")


def test_serving_is_pinned_alike_in_both() -> None:
    assert pinned("requirements-serve").items() <= pinned("requirements").items()
    assert not {"tensorflow", "keras", "streamlit", "pytest"} & set(pinned("requirements-serve"))


def test_what_is_tested_is_what_is_pinned() -> None:
    for name, pin in {**named("requirements-serve"), **named("requirements")}.items():
        assert version(name) == pin
