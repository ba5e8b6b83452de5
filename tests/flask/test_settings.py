from __future__ import annotations

import re

import pytest
from limits import parse
from redis.connection import parse_url
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


@pytest.mark.parametrize("name", ["mnist-cnn.keras", "mnist-cnn.keras/", "x.KERAS", "x.keras/."])
def test_a_keras_file_is_no_model_for_the_server(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("MODEL", f"models/{name}")
    with pytest.raises(SettingsError, match="would bring TensorFlow into the server"):
        Settings.from_environment()


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "models/report.json"])
def test_another_file_is_no_model_either(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("MODEL", name)
    expected = f"Expected MODEL to be a .tflite file or a folder, received '{name}'.$"
    with pytest.raises(SettingsError, match=expected):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "٣"),
        ("PORT", "8000\n"),
        ("PORT", "9" * 5000),
        ("MAX_BYTES", "0" * 5000),
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
    expected = f"Expected {name} to be a whole number .* received {re.escape(repr(value))}"
    with pytest.raises(SettingsError, match=expected):
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
        ("RATE_LIMIT", "9" * 5000 + "/second"),
        ("RATE_LIMIT", "1/" + "9" * 5000 + " seconds"),
        ("HOST", ""),
        ("HOST", "http://127.0.0.1"),
        ("HOST", "unix:///tmp/socket"),
        ("HOST", "a name"),
    ],
)
def test_what_a_setting_cannot_mean_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"Expected {name} to be "):
        Settings.from_environment()


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "::", "fe80::1", "my-host.example.org"])
def test_a_host_may_be_a_name_or_an_address(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("HOST", host)
    assert Settings.from_environment().host == host


@pytest.mark.parametrize(
    "storage",
    [
        "memory://",
        "redis://localhost",
        "redis://:secret@127.0.0.1:6379/1",
        "rediss://user:se%2Fcret@redis.example.org/",
        "redis://[::1]:6379",
    ],
)
def test_limits_may_be_counted_in_memory_or_in_redis(
    monkeypatch: pytest.MonkeyPatch, storage: str
) -> None:
    monkeypatch.setenv("RATE_LIMIT_STORAGE", storage)
    assert Settings.from_environment().rate_limit_storage == storage
    if storage != "memory://":
        assert parse_url(storage)  # it means something to the Redis client, too


@pytest.mark.parametrize(
    "storage",
    [
        "",
        "memory",
        "memcached://secret",
        "redis://",
        "redis://:secret@",
        "redis://:secret@host:port/1",
        "redis://:secret@host:65536",
        "redis://:secret@host:0",
        "redis://:secret@host/first",
        "redis://:secret@host/1/2",
        "redis://:secret@host/" + "9" * 5000,
        "redis://:secret@host?db=first",
        "redis://:secret@host 2",
        "redis://:secret@host\n",
        "rediss://:secret@[::1",
    ],
)
def test_an_address_that_is_none_of_a_redis_is_refused_and_not_told(
    monkeypatch: pytest.MonkeyPatch, storage: str
) -> None:
    monkeypatch.setenv("RATE_LIMIT_STORAGE", storage)
    expected = "Expected RATE_LIMIT_STORAGE to be memory:// or redis://HOST:PORT, received some"
    with pytest.raises(SettingsError, match=expected) as refused:
        Settings.from_environment()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("value", ["", "none", "0" * 63, "g" * 64])
def test_what_is_no_sha256_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MODEL_SHA256", value)
    with pytest.raises(SettingsError, match=f"MODEL_SHA256 to be 64 .* received '{value}'"):
        Settings.from_environment()
