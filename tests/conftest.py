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

# The real MNIST and real pen drawings, which are not part of the repository.
REAL_DATA = Path(__file__).resolve().parents[2] / "shared"

# The same examples on every machine, and no deadline, which a busy one would miss.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that need something which is not there."""
    markers = [marker for marker, need in missing().items() if need]
    deselected = [item for item in items if any(map(item.get_closest_marker, markers))]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in deselected]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell which tests were deselected, and why."""
    for need in filter(None, missing().values()):
        terminalreporter.write_line(f"Skipped: tests that need {need}.", yellow=True)


def missing() -> dict[str, str]:
    """Return what is missing for the tests with each marker; nothing with REQUIRE_REAL_DATA."""
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
    # Shells start background processes with Ctrl-C ignored, and these pass that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.MonkeyPatch.context() as patch:
        for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            patch.setenv(threads, "1")  # two processes of tests share two cores
        yield


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, which a process can start only once."""
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
