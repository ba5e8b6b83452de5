"""Health checks, access to the metrics, and what happens when the application cannot start."""

from __future__ import annotations

import time

import pytest
from flask.testing import FlaskClient
from webapp import create_app, create_app_or_exit
from webapp.telemetry import network_of

from classifier import HandwrittenDigitsClassifier
from tests.flask.conftest import MakeClient, refusal

TOKEN = "0123456789abcdef"


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
@pytest.mark.parametrize("token", [TOKEN, ""])
def test_metrics_are_for_this_machine_and_for_the_token(
    make_client: MakeClient, address: str, headers: dict[str, str], status: int, token: str
) -> None:
    client = make_client(metrics_token=token)
    if headers.get("Authorization") and not token:
        status = 403
    response = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77:567", "203.0.113.0/24"),
        ("[2001:db8:aaaa:bbbb::1]:567", "2001:db8:aaaa::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ('"\n', None),
    ],
)
def test_only_the_network_of_an_address_is_logged(address: str, network: str | None) -> None:
    assert network_of(address, 24, 48) == network
