from __future__ import annotations

import re
import time
from pathlib import Path

import operations
import pytest
from app import create_app, main
from flask.testing import FlaskClient
from settings import Settings

from classifier import HandwrittenDigitsClassifier, ModelFileError


def test_live_and_ready(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "live"}
    assert client.get("/health/ready").json == {"status": "ready", "model": "mnist-cnn"}


def test_not_ready_when_the_model_does_not_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(HandwrittenDigitsClassifier, "predict")
    assert client.get("/health/live").status_code == 200
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.mimetype == "application/problem+json"


def test_who_asks_often_does_not_ask_the_model_each_time(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that it no longer answers is known within a second."""
    assert client.get("/health/ready").status_code == 200
    monkeypatch.delattr(HandwrittenDigitsClassifier, "predict")
    now = time.monotonic()
    monkeypatch.setattr(operations.time, "monotonic", lambda: now)
    assert client.get("/health/ready").status_code == 200
    monkeypatch.setattr(operations.time, "monotonic", lambda: now + operations.READY_SECONDS)
    for _ in range(2):
        assert client.get("/health/ready").status_code == 503


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_what_is_told_of_now_is_not_kept(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_a_model_it_does_not_start_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelFileError, match=r"python train\.py"):
        create_app(Settings(model=tmp_path))

    monkeypatch.setenv("MODEL", str(tmp_path))
    with pytest.raises(SystemExit):
        main()
    assert re.search(r"The app cannot start.*python train\.py", capsys.readouterr().err)


def test_the_model_must_have_the_sha256_that_is_set(
    monkeypatch: pytest.MonkeyPatch, classifier: HandwrittenDigitsClassifier
) -> None:
    sha256 = classifier.network.sha256
    monkeypatch.setenv("MODEL_SHA256", sha256.upper())
    assert create_app().test_client().get("/health/ready").status_code == 200
    monkeypatch.setenv("MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelFileError, match=f"SHA-256 {'0' * 64}, received {sha256}"):
        create_app()
