"""Under which names the server answers, and when it believes what a proxy says."""

from __future__ import annotations

import re

import pytest
from app import create_app
from flask.testing import FlaskClient
from settings import Settings
from werkzeug.test import EnvironBuilder, run_wsgi_app

from classifier import HandwrittenDigitsClassifier

NAMES = ("digits.example.org", ".example.com")


@pytest.fixture
def client(classifier: HandwrittenDigitsClassifier) -> FlaskClient:
    return create_app(Settings(trusted_hosts=NAMES), classifier).test_client()


def with_proxies(classifier: HandwrittenDigitsClassifier, proxies: int) -> FlaskClient:
    settings = Settings(proxies=proxies, rate_limit="1/hour")
    return create_app(settings, classifier).test_client()


@pytest.mark.parametrize(
    "host",
    [
        "digits.example.org",
        "DIGITS.Example.org:443",
        "example.com",
        "a.b.example.com:8000",
        "127.0.0.1",
        "192.0.2.1:8000",
        "[::1]",
        "[2001:DB8::1]:8000",
    ],
)
def test_its_names_and_all_addresses_are_ours(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost",
        "example.org",
        "sub.digits.example.org",
        "digits.example.org.evil.example",
        "notexample.com",
        "127.0.0.1.evil.example",
        "user@digits.example.org",
        "digits.example.org/x",
        "digits.example.org:99999",
        "digits.example.org:x",
        "[::1",
        "[::1]x",
        "a b",
        "",
    ],
)
def test_others_are_refused_with_a_word_on_the_setting(client: FlaskClient, host: str) -> None:
    refusal = client.get("/", headers={"Host": host})
    assert refusal.status_code == 400
    assert refusal.mimetype == "application/problem+json"
    assert refusal.json is not None
    assert refusal.json["detail"] == (
        "Expected a Host that is named in the setting TRUSTED_HOSTS, or an IP address, "
        f"received {host!r}."
    )
    assert refusal.headers["X-Request-ID"] == refusal.json["request_id"]


def test_a_host_must_be_named(client: FlaskClient) -> None:
    """HTTP/1.0 does not need one, we do."""
    environ = EnvironBuilder("/").get_environ()
    del environ["HTTP_HOST"]
    content, status, _ = run_wsgi_app(client.application, environ)
    assert status == "400 BAD REQUEST"
    assert b"received ''." in b"".join(content)


def test_health_is_told_under_any_name(client: FlaskClient) -> None:
    for path in ("/health/live", "/health/ready"):
        assert client.get(path, headers={"Host": "10-0-0-1.pod.cluster"}).status_code == 200


@pytest.mark.parametrize("path", ["/health//live", "/health///ready", "/health/", "/health/x"])
def test_nobody_is_led_to_another_name(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_by_default_it_is_localhost(classifier: HandwrittenDigitsClassifier) -> None:
    client = create_app(Settings(), classifier).test_client()
    assert client.get("/", headers={"Host": "localhost:8000"}).status_code == 200
    assert client.get("/", headers={"Host": "digits.example.org"}).status_code == 400


def test_without_proxies_nobody_is_believed(classifier: HandwrittenDigitsClassifier) -> None:
    client = with_proxies(classifier, 0)
    statuses = [
        client.get("/model", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(3)
    ]
    assert statuses == [200, 429, 429]
    spoofed = {"X-Forwarded-Proto": "https", "X-Request-ID": "mine"}
    answer = client.get("/health/live", headers=spoofed)
    assert "Strict-Transport-Security" not in answer.headers
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


@pytest.mark.parametrize("proxies", [1, 2])
def test_as_many_proxies_are_believed_as_there_are(
    classifier: HandwrittenDigitsClassifier, proxies: int
) -> None:
    """What the client itself put before their addresses is not."""
    client = with_proxies(classifier, proxies)
    behind = ["198.51.100.9"] * (proxies - 1)

    def status(spoofed: str, real: str) -> int:
        chain = ", ".join([spoofed, real, *behind])
        return client.get("/model", headers={"X-Forwarded-For": chain}).status_code

    assert status("192.0.2.1", "203.0.113.1") == 200
    assert status("192.0.2.2", "203.0.113.1") == 429
    assert status("192.0.2.2", "203.0.113.2") == 200


def test_a_forwarded_host_is_never_believed(classifier: HandwrittenDigitsClassifier) -> None:
    """Proxies hand on the Host itself."""
    client = with_proxies(classifier, 1)
    for host, forwarded, status in (("evil.example", "localhost", 400), ("localhost", "x.y", 200)):
        headers = {"Host": host, "X-Forwarded-Host": forwarded}
        assert client.get("/", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("given", "kept"), [("a-B_0.9", True), ("x" * 64, True), ("x" * 65, False), ("a b", False)]
)
def test_a_proxys_name_of_a_request_is_kept(
    classifier: HandwrittenDigitsClassifier, given: str, kept: bool
) -> None:
    client = with_proxies(classifier, 1)
    answer = client.get("/health/live", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) == kept
