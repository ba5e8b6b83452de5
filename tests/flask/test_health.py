"""Settings, the start of the application, health checks and access to the metrics."""

from __future__ import annotations

import re
import time

import pytest
from flask.testing import FlaskClient
from webapp.settings import Settings, SettingsError

from classifier import HandwrittenDigitsClassifier
from tests.flask.conftest import MakeClient, refusal

TOKEN = "0123456789abcdef"


def test_a_failing_model_is_not_ready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked at most once a second: health checks have no rate limit."""
    assert client.get("/health/live").json == {"status": "live"}
    response = client.get("/health/ready")
    assert response.json == {"status": "ready", "model": "mnist-cnn"}
    assert response.headers["Cache-Control"] == "no-store"
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
    ("address", "headers", "status"),
    [
        ("127.8.8.8", {}, 200),
        ("::1", {}, 200),
        ("", {}, 200),  # a Unix socket
        ("203.0.113.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 403),  # a proxy missing from PROXIES
        ("", {"Forwarded": "for=203.0.113.7"}, 403),
        ("203.0.113.7", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("203.0.113.7", {"Authorization": f"Bearer {TOKEN}x"}, 403),
        ("203.0.113.7", {"Authorization": "Bearer é"}, 403),
        ("203.0.113.7", {"Authorization": "Bearer "}, 403),
    ],
)
def test_metrics_are_for_this_machine_and_for_the_token(
    make_client: MakeClient, address: str, headers: dict[str, str], status: int
) -> None:
    asked = {"headers": headers, "environ_base": {"REMOTE_ADDR": address}}
    response = make_client(metrics_token=TOKEN).get("/metrics", **asked)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    status = 403 if "Authorization" in headers else status
    assert make_client(metrics_token="").get("/metrics", **asked).status_code == status


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
    hosts = "Digits.example.org, .example.com"
    settings = read(monkeypatch, PORT="9000", WEB_CONCURRENCY="3", TRUSTED_HOSTS=hosts)
    assert (settings.port, settings.workers) == (9000, 3)
    assert settings.trusted_hosts == ("digits.example.org", ".example.com")
    settings = read(monkeypatch, METRICS_TOKEN="", RATE_LIMIT="", SCRIPT_NAME="/a/digits")
    assert (settings.metrics_token, settings.rate_limit) == ("", "")
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
