from __future__ import annotations

import pytest
from settings import Settings, SettingsError


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("MAX_BYTES", "5000")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    monkeypatch.setenv("LOG_LEVEL", "error")
    monkeypatch.setenv("METRICS_TOKEN", "")
    settings = Settings.from_environment()
    assert (settings.workers, settings.log_level, settings.metrics_token) == (3, "error", None)
    assert (settings.port, settings.max_bytes) == (9000, 5000)
    assert settings.model.name == "models"


def test_a_keras_file_is_no_model_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL", "models/mnist-cnn.keras")
    with pytest.raises(SettingsError, match="would bring TensorFlow into the server"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("MAX_BYTES", "-1"),
        ("PORT", ""),
        ("PORT", "65536"),
        ("WEB_CONCURRENCY", "0"),
        ("BODY_SECONDS", "0"),
        ("GRACE_SECONDS", "1.5"),
    ],
)
def test_a_senseless_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"Expected {name} to be a whole number .*'{value}'"):
        Settings.from_environment()


@pytest.mark.parametrize("text", ["0", "nan", "-1", "61", "1e1", "half", ""])
def test_a_wait_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MAX_WAIT", text)
    expected = f"Expected MAX_WAIT to be seconds from 0.01 to 60, received '{text}'"
    with pytest.raises(SettingsError, match=expected):
        Settings.from_environment()


def test_a_wait_may_be_a_part_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_WAIT", "0.25")
    assert Settings.from_environment().max_wait == 0.25


def test_a_choice_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    expected = "Expected LOG_LEVEL to be one of debug, info, warning, error, received 'loud'"
    with pytest.raises(SettingsError, match=expected):
        Settings.from_environment()


@pytest.mark.parametrize(
    "token", ["too short", "0123456789abcdef\n", "0123456789 abcdef", "é" * 16]
)
def test_a_token_that_cannot_be_sent_is_refused_and_not_told(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("METRICS_TOKEN", token)
    with pytest.raises(SettingsError, match="Expected METRICS_TOKEN to be at least 16") as refused:
        Settings.from_environment()
    assert token not in str(refused.value)


def test_a_token_is_kept_out_of_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "0123456789abcdef==")
    settings = Settings.from_environment()
    assert settings.metrics_token == "0123456789abcdef=="
    assert "0123456789abcdef" not in repr(settings)
