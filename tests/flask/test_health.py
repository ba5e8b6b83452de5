"""Health checks, and what happens when the application cannot start."""

from __future__ import annotations

import time

import pytest
from flask.testing import FlaskClient
from webapp import create_app, create_app_or_exit

from classifier import HandwrittenDigitsClassifier
from tests.flask.conftest import refusal


def test_live_and_ready(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "live"}
    response = client.get("/health/ready")
    assert response.json == {"status": "ready", "model": "mnist-cnn"}
    assert response.headers["Cache-Control"] == "no-store"


def test_a_model_that_fails_is_not_ready(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked at most once a second: health checks have no rate limit."""
    assert client.get("/health/ready").status_code == 200
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.delattr(HandwrittenDigitsClassifier, "predict")
    assert client.get("/health/ready").status_code == 200
    monkeypatch.setattr(time, "monotonic", lambda: now + 1)
    for _ in range(2):
        response = client.get("/health/ready")
        refusal(response, 503)
        assert response.headers["Retry-After"] == "1"
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("MODEL", "/nowhere", "train.py"), ("MODEL_SHA256", "0" * 64, "0" * 64)],
)
def test_without_the_model_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    expected: str,
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        create_app_or_exit()
    assert caught.value.code == 4
    message = capsys.readouterr().err
    assert message.startswith("The app cannot start. ")
    assert expected in message


def test_the_sha256_of_the_model_can_be_required(
    monkeypatch: pytest.MonkeyPatch, classifier: HandwrittenDigitsClassifier
) -> None:
    monkeypatch.setenv("MODEL_SHA256", classifier.network.sha256.upper())
    assert create_app().test_client().get("/health/ready").status_code == 200
