"""The application, called without a server."""

from __future__ import annotations

import io

import pytest
from app import create_app
from flask.testing import FlaskClient
from settings import Settings

from classifier import HandwrittenDigitsClassifier
from tests.handwriting import draw


@pytest.fixture
def client(classifier: HandwrittenDigitsClassifier) -> FlaskClient:
    return create_app(Settings(max_bytes=20_000), classifier).test_client()


@pytest.fixture
def seven() -> bytes:
    """A 7 as a PNG file."""
    file = io.BytesIO()
    draw(7).save(file, "PNG")
    return file.getvalue()
