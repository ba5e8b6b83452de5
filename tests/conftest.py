"""What the tests share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from classifier import HandwrittenDigitsClassifier

# The real MNIST and real pen strokes lie beside the repository, where there are any.
REAL_DATA = Path(__file__).resolve().parents[2] / "shared"

# The same examples everywhere, so that a test that passes here passes elsewhere; and no deadline,
# which a busy machine would miss.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


# Commands of system packages that tests run, for which their marker names them.
COMMANDS = ("nginx", "openssl", "redis-server", "systemd-analyze")


def pytest_report_header() -> str:
    """Says which commands are not here, since what runs them is left out."""
    missing = [command for command in COMMANDS if shutil.which(command) is None]
    return f"left out unless REQUIRE_REAL_DATA is set: what runs {', '.join(missing) or 'nothing'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs what is not here; with REQUIRE_REAL_DATA set, it fails instead."""
    if os.environ.get("REQUIRE_REAL_DATA"):
        return
    wanting = [item for item in items if _wants(item)]
    config.hook.pytest_deselected(items=wanting)
    items[:] = [item for item in items if item not in wanting]


def _wants(item: pytest.Item) -> bool:
    """Whether a test needs real data or a system's package, and it is not here."""
    if item.get_closest_marker("real_data") and not REAL_DATA.is_dir():
        return True
    commands = item.get_closest_marker("system_packages")
    return commands is not None and not all(map(shutil.which, commands.args))


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
