"""What the tests share."""

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

# The real MNIST and real pen strokes lie beside the repository, where there are any.
REAL_DATA = Path(__file__).resolve().parents[2] / "shared"

# The same examples everywhere, so that a test that passes here passes elsewhere; and no deadline,
# which a busy machine would miss.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs what is not there; with REQUIRE_REAL_DATA set, it fails.

    The longest test comes first, lest all others wait for it in the end.
    """
    left_out = [marker for marker, reason in wanting().items() if reason]
    missing = [item for item in items if any(map(item.get_closest_marker, left_out))]
    config.hook.pytest_deselected(items=missing)
    items[:] = [item for item in items if item not in missing]
    items.sort(key=lambda item: item.path.name != "test_train.py")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what was left out, and why."""
    for reason in filter(None, wanting().values()):
        terminalreporter.write_line(f"Left out: tests that need {reason}.", yellow=True)


def wanting() -> dict[str, str]:
    """Why tests with a marker are to be left out; empty where they are not."""
    if os.environ.get("REQUIRE_REAL_DATA"):
        return {}
    real_data = "" if REAL_DATA.is_dir() else "real handwriting (see CONTRIBUTING.md)"
    packages = " ".join(system.missing())
    return {
        "real_data": real_data,
        "system_packages": packages and f"what `apt-get install {packages}` brings",
    }


@pytest.fixture(scope="session", autouse=True)
def surroundings() -> Iterator[None]:
    """What else runs on the machine, and how the tests were started, changes no result."""
    # Started in the background by a shell, they ignore Ctrl-C, and so would all that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.MonkeyPatch.context() as patch:
        for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            patch.setenv(threads, "1")  # there are two processes of tests
        yield


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Starts browsers. A process can have but one."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def classifier() -> HandwrittenDigitsClassifier:
    """The classifier with the model that comes along."""
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    return classifier


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data."""
    assert REAL_DATA.is_dir(), f"Expected real data in {REAL_DATA.name}/ beside the repository."
    return REAL_DATA
