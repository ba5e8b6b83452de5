from __future__ import annotations

import re
from pathlib import Path

import pytest
from app import create_app, main
from flask.testing import FlaskClient
from settings import Settings, SettingsError

from classifier import HandwrittenDigitsClassifier, ModelFileError


def test_live_and_ready(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "live"}
    assert client.get("/health/ready").json == {"status": "ready", "model": "mnist-cnn"}


def test_not_ready_when_the_model_does_not_answer() -> None:
    client = create_app(Settings(), HandwrittenDigitsClassifier()).test_client()
    assert client.get("/health/live").status_code == 200
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.mimetype == "application/problem+json"


def test_without_a_model_it_does_not_start_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelFileError, match=r"python train\.py"):
        create_app(Settings(model=tmp_path))

    monkeypatch.setenv("MODEL", str(tmp_path))
    with pytest.raises(SystemExit):
        main()
    assert re.search(r"The app cannot start.*python train\.py", capsys.readouterr().err)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("MAX_BYTES", "5000")
    settings = Settings.from_environment()
    assert (settings.port, settings.max_bytes) == (9000, 5000)
    assert settings.model.name == "models"


def test_a_keras_file_is_no_model_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL", "models/mnist-cnn.keras")
    with pytest.raises(SettingsError, match="would bring TensorFlow into the server"):
        Settings.from_environment()


def test_the_model_must_have_the_sha256_that_is_set(
    monkeypatch: pytest.MonkeyPatch, classifier: HandwrittenDigitsClassifier
) -> None:
    sha256 = classifier.network.sha256
    monkeypatch.setenv("MODEL_SHA256", sha256.upper())
    assert create_app().test_client().get("/health/ready").status_code == 200
    monkeypatch.setenv("MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelFileError, match=f"SHA-256 {'0' * 64}, received {sha256}"):
        create_app()


@pytest.mark.parametrize("value", ["", "none", "0" * 63, "g" * 64])
def test_what_is_no_sha256_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MODEL_SHA256", value)
    with pytest.raises(SettingsError, match=f"MODEL_SHA256 to be 64 .* received '{value}'"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("MAX_BYTES", "-1"), ("PORT", ""), ("PORT", "65536")]
)
def test_a_senseless_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"Expected {name} to be a whole number .*'{value}'"):
        Settings.from_environment()
