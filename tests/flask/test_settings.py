from __future__ import annotations

import re

import pytest
from webapp.settings import Settings, SettingsError

INVALID = """
    PORT=http PORT=65536 PORT= MAX_BYTES=-1 WEB_CONCURRENCY=0 GRACE_SECONDS=1.5 PROXIES=11
    LOG_LEVEL=loud MODEL=models/mnist-cnn.keras MODEL=LICENSE MODEL_SHA256=0123 SCRIPT_NAME=digits
    TRUSTED_HOSTS=https://example.org TRUSTED_HOSTS=* CORS_ORIGINS=example.org CORS_ORIGINS=*
    RATE_LIMIT=0/second RATE_LIMIT=10/fortnight
"""
INVALID_SECRETS = """
    METRICS_TOKEN=too-short METRICS_TOKEN=ééééééééééééééééé RATE_LIMIT_STORAGE=memcached://secret
    RATE_LIMIT_STORAGE=redis://:secret@host:port/1 RATE_LIMIT_STORAGE=redis://:secret@host/first
"""


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.__struct_encode_fields__:
        monkeypatch.delenv(name, raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings.from_environment()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment().trusted_hosts == ("localhost",)
    settings = read(
        monkeypatch,
        PORT="9000",
        WEB_CONCURRENCY="3",
        METRICS_TOKEN="",
        TRUSTED_HOSTS="Digits.example.org, .example.com",
        CORS_ORIGINS="https://class.example.org,http://localhost:3000",
        RATE_LIMIT="",
        SCRIPT_NAME="/a/digits",
    )
    assert (settings.port, settings.workers) == (9000, 3)
    assert (settings.metrics_token, settings.rate_limit) == ("", "")
    assert settings.trusted_hosts == ("digits.example.org", ".example.com")
    assert settings.cors_origins == ("https://class.example.org", "http://localhost:3000")
    assert settings.script_name == "/a/digits"


@pytest.mark.parametrize("setting", (INVALID + INVALID_SECRETS).split())
def test_an_invalid_setting_is_named(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    name, _, value = setting.partition("=")
    with pytest.raises(SettingsError) as caught:
        read(monkeypatch, **{name: value})
    message = str(caught.value)
    assert message.startswith(f"Expected {name} to be ")
    assert (value not in message) if setting in INVALID_SECRETS else (value in message)


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = "redis://:secret@127.0.0.1:6379/1"
    settings = read(monkeypatch, METRICS_TOKEN="0123456789abcdef==", RATE_LIMIT_STORAGE=storage)
    assert settings.metrics_token == "0123456789abcdef=="
    assert settings.rate_limit_storage == storage
    assert not re.search("0123456789abcdef|secret", f"{settings} {settings!r}")
