from __future__ import annotations

import os
import re
import runpy

import pytest
from limits import parse
from redis.connection import parse_url
from webapp.settings import MEMORY, ROOT, Settings, SettingsError

INVALID = """
    PORT=http PORT=٣ PORT=65536 PORT= MAX_BYTES=-1 WEB_CONCURRENCY=0 GRACE_SECONDS=1.5 PROXIES=11
    LOG_LEVEL=loud MODEL=models/mnist-cnn.keras MODEL=models/x.KERAS MODEL=LICENSE
    MODEL_SHA256=0123 SCRIPT_NAME=digits SCRIPT_NAME=/digits/ TRUSTED_HOSTS=https://example.org
    TRUSTED_HOSTS=localhost,example.org:8000 TRUSTED_HOSTS=* CORS_ORIGINS=example.org
    CORS_ORIGINS=https://example.org/ CORS_ORIGINS=* RATE_LIMIT=0/second RATE_LIMIT=10/fortnight
    RATE_LIMIT=10/second;20/minute
"""
INVALID_SECRETS = """
    METRICS_TOKEN=too-short METRICS_TOKEN=ééééééééééééééééé RATE_LIMIT_STORAGE=memcached://secret
    RATE_LIMIT_STORAGE=redis://:secret@ RATE_LIMIT_STORAGE=redis://:secret@host:port/1
    RATE_LIMIT_STORAGE=redis://:secret@host:0 RATE_LIMIT_STORAGE=redis://:secret@host/first
    RATE_LIMIT_STORAGE=redis://:secret@host/1/2 RATE_LIMIT_STORAGE=redis://:secret@host?db=first
    RATE_LIMIT_STORAGE=rediss://:secret@[::1
"""
STORAGES = """
    memory:// redis://localhost redis://:secret@127.0.0.1:6379/1 redis://[::1]:6379
    rediss://user:se%2Fcret@redis.example.org/
"""


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.__struct_encode_fields__:
        monkeypatch.delenv(name, raising=False)


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings.from_environment()


def test_there_are_defaults() -> None:
    settings = Settings.from_environment()
    assert settings.model == ROOT / "models"
    assert settings.workers == os.cpu_count()
    assert settings.trusted_hosts == ("localhost",)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_gunicorn_can_read_them_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "7")
    found = runpy.run_path(str(ROOT / "flask" / "webapp" / "settings.py"))
    assert found["Settings"].from_environment().workers == 7
    monkeypatch.setenv("WEB_CONCURRENCY", "0")
    with pytest.raises(found["SettingsError"], match="WEB_CONCURRENCY"):
        found["Settings"].from_environment()


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
    assert not re.search("0123456789abcdef|secret", f"{settings} {settings!r}")


@pytest.mark.parametrize(
    ("limit", "seconds"), [("5/second", 1), ("5/10 seconds", 10), ("5 per 2 hours", 7200)]
)
def test_limits_can_be_written_in_words(
    monkeypatch: pytest.MonkeyPatch, limit: str, seconds: int
) -> None:
    parsed = parse(read(monkeypatch, RATE_LIMIT=limit).rate_limit)
    assert (parsed.amount, parsed.get_expiry()) == (5, seconds)


@pytest.mark.parametrize("storage", STORAGES.split())
def test_counts_can_be_in_memory_or_in_redis(monkeypatch: pytest.MonkeyPatch, storage: str) -> None:
    assert read(monkeypatch, RATE_LIMIT_STORAGE=storage).rate_limit_storage == storage
    assert storage == MEMORY or parse_url(storage)
