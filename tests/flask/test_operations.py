from __future__ import annotations

import re
from pathlib import Path

import pytest
from app import create_app, main
from flask.testing import FlaskClient
from limits import parse
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


def test_lists_and_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_HOSTS", "Digits.example.org, .example.com")
    monkeypatch.setenv("CORS_ORIGINS", "https://class.example.org,http://localhost:3000")
    monkeypatch.setenv("PROXIES", "1")
    monkeypatch.setenv("RATE_LIMIT", "")
    monkeypatch.setenv("RATE_LIMIT_STORAGE", "redis://:secret@127.0.0.1:6379/1")
    settings = Settings.from_environment()
    assert settings.trusted_hosts == ("digits.example.org", ".example.com")
    assert settings.cors_origins == ("https://class.example.org", "http://localhost:3000")
    assert (settings.proxies, settings.rate_limit) == (1, "")
    assert settings.rate_limit_storage.endswith("/1")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("limit", "amount", "seconds"),
    [
        ("1/second", 1, 1),
        ("3000/10 seconds", 3000, 10),
        ("5 per minute", 5, 60),
        ("9 per 2 hours", 9, 7200),
    ],
)
def test_a_limit_is_understood_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, limit: str, amount: int, seconds: int
) -> None:
    monkeypatch.setenv("RATE_LIMIT", limit)
    parsed = parse(Settings.from_environment().rate_limit)
    assert (parsed.amount, parsed.get_expiry()) == (amount, seconds)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_HOSTS", "https://example.org"),
        ("TRUSTED_HOSTS", "example.org:8000"),
        ("TRUSTED_HOSTS", "*"),
        ("CORS_ORIGINS", "example.org"),
        ("CORS_ORIGINS", "https://example.org/"),
        ("CORS_ORIGINS", "*"),
        ("PROXIES", "11"),
        ("RATE_LIMIT", "0/second"),
        ("RATE_LIMIT", "10/0 seconds"),
        ("RATE_LIMIT", "10/fortnight"),
        ("RATE_LIMIT", "10/second;20/minute"),
        ("RATE_LIMIT_STORAGE", "memcached://localhost"),
        ("RATE_LIMIT_STORAGE", "redis://"),
    ],
)
def test_what_a_setting_cannot_mean_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"Expected {name} to be "):
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
