"""The application, called without a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from webapp import create_app
from webapp.settings import Settings
from werkzeug.test import TestResponse

from classifier import HandwrittenDigitsClassifier
from tests.handwriting import as_png, draw

MakeClient = Callable[..., FlaskClient]


@pytest.fixture
def make_client(classifier: HandwrittenDigitsClassifier) -> MakeClient:
    """Return a function that creates the application with some settings."""

    def make(**settings: Any) -> FlaskClient:
        return create_app(Settings(**settings), classifier).test_client()

    return make


@pytest.fixture
def client(make_client: MakeClient) -> FlaskClient:
    return make_client(max_bytes=20_000)


@pytest.fixture
def seven() -> bytes:
    """A 7 as a PNG file."""
    return as_png(draw(7))


def refusal(response: TestResponse, status: int) -> str:
    """Return the detail of an error (RFC 9457)."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    return str(response.json["detail"])
