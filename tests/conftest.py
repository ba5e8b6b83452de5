"""What the tests share."""

from __future__ import annotations

import os
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs real data where there is none; with REQUIRE_REAL_DATA set, it fails."""
    if REAL_DATA.is_dir() or os.environ.get("REQUIRE_REAL_DATA"):
        return
    wanting = [item for item in items if item.get_closest_marker("real_data")]
    config.hook.pytest_deselected(items=wanting)
    items[:] = [item for item in items if item not in wanting]


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
