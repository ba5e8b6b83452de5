"""The application, called without a server."""

from __future__ import annotations

import pytest
from app import create_app
from flask.testing import FlaskClient
from settings import Settings

from classifier import HandwrittenDigitsClassifier
from tests.handwriting import as_png, draw


@pytest.fixture
def client(classifier: HandwrittenDigitsClassifier) -> FlaskClient:
    return create_app(Settings(max_bytes=20_000), classifier).test_client()


@pytest.fixture
def seven() -> bytes:
    """A 7 as a PNG file."""
    return as_png(draw(7))
