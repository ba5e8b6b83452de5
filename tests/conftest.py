"""Fixtures and settings for all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Playwright, sync_playwright

from classifier import HandwrittenDigitsClassifier
from tests.server import system

# MNIST and real pen drawings, which are not part of the repository.
REAL_DATA = Path(__file__).resolve().parents[2] / "shared"

# The same examples on every machine, without a deadline that a busy machine would miss.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests that need something which is not there."""
    for marker, need in missing().items():
        for item in items:
            if need and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"needs {need}"))


def missing() -> dict[str, str]:
    """Return what the tests with each marker lack; with REQUIRE_REAL_DATA they run and fail."""
    if os.environ.get("REQUIRE_REAL_DATA"):
        return {}
    packages = " ".join(system.missing())
    return {
        "real_data": "" if REAL_DATA.is_dir() else "real handwriting (see CONTRIBUTING.md)",
        "system_packages": packages and f"what `apt-get install {packages}` installs",
    }


@pytest.fixture(scope="session", autouse=True)
def environment() -> Iterator[None]:
    """Make results independent of how the tests were started."""
    # A shell starts background processes with SIGINT ignored, and their children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.MonkeyPatch.context() as patch:
        for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            patch.setenv(threads, "1")  # two test processes share two cores
        yield


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one Playwright that a process can start."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def classifier() -> HandwrittenDigitsClassifier:
    """A classifier with the committed network."""
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    return classifier


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data."""
    assert REAL_DATA.is_dir(), f"Expected real data in {REAL_DATA.name}/ beside the repository."
    return REAL_DATA
