from __future__ import annotations

import os
import re
import runpy

import pytest
from limits import parse
from redis.connection import parse_url
from webapp.settings import MEMORY, ROOT, Settings, SettingsError


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
        LOG_LEVEL="error",
        METRICS_TOKEN="",
        TRUSTED_HOSTS="Digits.example.org, .example.com",
        CORS_ORIGINS="https://class.example.org,http://localhost:3000",
        RATE_LIMIT="",
        SCRIPT_NAME="/a/digits",
    )
    assert (settings.port, settings.workers, settings.log_level) == (9000, 3, "error")
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "٣"),
        ("PORT", "9" * 5000),
        ("PORT", ""),
        ("PORT", "65536"),
        ("MAX_BYTES", "-1"),
        ("WEB_CONCURRENCY", "0"),
        ("GRACE_SECONDS", "1.5"),
        ("PROXIES", "11"),
        ("LOG_LEVEL", "loud"),
        ("MODEL", "models/mnist-cnn.keras"),
        ("MODEL", "models/x.KERAS"),
        ("MODEL", "LICENSE"),
        ("MODEL_SHA256", "0" * 63),
        ("MODEL_SHA256", "g" * 64),
        ("SCRIPT_NAME", "digits"),
        ("SCRIPT_NAME", "/digits/"),
        ("TRUSTED_HOSTS", "https://example.org"),
        ("TRUSTED_HOSTS", "localhost,example.org:8000"),
        ("TRUSTED_HOSTS", "*"),
        ("CORS_ORIGINS", "example.org"),
        ("CORS_ORIGINS", "https://example.org/"),
        ("CORS_ORIGINS", "*"),
        ("RATE_LIMIT", "0/second"),
        ("RATE_LIMIT", "10/0 seconds"),
        ("RATE_LIMIT", "10/fortnight"),
        ("RATE_LIMIT", "10/second;20/minute"),
        ("RATE_LIMIT", "9" * 5000 + "/second"),
    ],
)
def test_an_invalid_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(monkeypatch, **{name: value})
    assert str(caught.value).startswith(f"Expected {name} to be ")
    assert value in str(caught.value)


@pytest.mark.parametrize(
    "token", ["too short", "0123456789abcdef\n", "0123456789 abcdef", "é" * 16]
)
def test_an_invalid_token_is_not_repeated(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    with pytest.raises(SettingsError, match="Expected METRICS_TOKEN to be") as caught:
        read(monkeypatch, METRICS_TOKEN=token)
    assert token not in str(caught.value)


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = "redis://:secret@127.0.0.1:6379/1"
    settings = read(monkeypatch, METRICS_TOKEN="0123456789abcdef==", RATE_LIMIT_STORAGE=storage)
    assert settings.metrics_token == "0123456789abcdef=="
    assert not re.search("0123456789abcdef|secret", f"{settings} {settings!r}")


@pytest.mark.parametrize(
    ("limit", "amount", "seconds"),
    [
        ("1/second", 1, 1),
        ("3000/10 seconds", 3000, 10),
        ("5 per minute", 5, 60),
        ("9 per 2 hours", 9, 7200),
    ],
)
def test_limits_can_be_written_in_words(
    monkeypatch: pytest.MonkeyPatch, limit: str, amount: int, seconds: int
) -> None:
    parsed = parse(read(monkeypatch, RATE_LIMIT=limit).rate_limit)
    assert (parsed.amount, parsed.get_expiry()) == (amount, seconds)


@pytest.mark.parametrize(
    "storage",
    [
        MEMORY,
        "redis://localhost",
        "redis://:secret@127.0.0.1:6379/1",
        "rediss://user:se%2Fcret@redis.example.org/",
        "redis://[::1]:6379",
    ],
)
def test_counts_can_be_in_memory_or_in_redis(monkeypatch: pytest.MonkeyPatch, storage: str) -> None:
    assert read(monkeypatch, RATE_LIMIT_STORAGE=storage).rate_limit_storage == storage
    assert storage == MEMORY or parse_url(storage)


@pytest.mark.parametrize(
    "storage",
    [
        "",
        "memory",
        "memcached://secret",
        "redis://",
        "redis://:secret@",
        "redis://:secret@host:port/1",
        "redis://:secret@host:0",
        "redis://:secret@host/first",
        "redis://:secret@host/1/2",
        "redis://:secret@host?db=first",
        "redis://:secret@host 2",
        "redis://:secret@host\n",
        "rediss://:secret@[::1",
    ],
)
def test_an_invalid_storage_is_not_repeated(monkeypatch: pytest.MonkeyPatch, storage: str) -> None:
    with pytest.raises(SettingsError, match="Expected RATE_LIMIT_STORAGE to be ") as caught:
        read(monkeypatch, RATE_LIMIT_STORAGE=storage)
    assert "secret" not in str(caught.value)
