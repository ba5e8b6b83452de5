"""Every request is counted, and logged in one line without what a visitor wrote or drew."""

from __future__ import annotations

import io
import logging

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from webapp.telemetry import network_of

from classifier import HandwrittenDigitsClassifier
from tests.flask.conftest import MakeClient
from tests.handwriting import as_png, draw

TOKEN = "0123456789abcdef"
BLANK = as_png(draw(7).point(lambda _: 255))


def samples(client: FlaskClient) -> dict[str, float]:
    """Return the value of each sample in /metrics, by its name and labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in families
        for sample in family.samples
    }


class Counted:
    """How far samples have risen since this was made."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.before = samples(client)

    def __call__(self, name: str, **labels: str) -> float:
        key = f"{name}{sorted(labels.items())}"
        return samples(self.client).get(key, 0) - self.before.get(key, 0)


@pytest.fixture
def counted(client: FlaskClient) -> Counted:
    return Counted(client)


def as_gif() -> bytes:
    file = io.BytesIO()
    draw(7).save(file, "GIF")
    return file.getvalue()


def test_requests_are_counted(client: FlaskClient, counted: Counted) -> None:
    for _ in range(3):
        client.get("/health/live")
    client.delete("/health/live")
    live = {"endpoint": "health.live", "method": "GET", "status": "200"}
    assert counted("http_requests_total", **live) == 3
    assert counted("http_requests_total", endpoint="none", method="DELETE", status="405") == 1
    assert counted("http_request_seconds_count", endpoint="health.live") == 3
    assert 0 < counted("http_request_seconds_sum", endpoint="health.live") < 1


def test_clients_cannot_invent_labels(client: FlaskClient, counted: Counted) -> None:
    for number in range(5):
        client.open(f"/made-up-{number}", method=f"MADEUP{number}")
    assert counted("http_requests_total", endpoint="none", method="other", status="404") == 5
    assert not any("made-up" in key or "MADEUP" in key for key in samples(client))


def test_answers_are_counted(client: FlaskClient, counted: Counted, seven: bytes) -> None:
    for picture in (seven, seven, BLANK):
        client.post("/predict", data=picture, content_type="image/png")
    client.post("/", data=seven, content_type="image/png")
    assert counted("answers_total", verdict="digit") == 3
    assert counted("answers_total", verdict="blank") == 1
    assert counted("answer_confidence_count") == 3
    assert 0.9 * 3 < counted("answer_confidence_sum") <= 3


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"no picture", "image/png", "PictureError"),
        (as_gif(), "image/png", "PictureFormatError"),
        (b"x", "text/plain", "UnsupportedMediaType"),
        (b"x" * 30_000, "image/png", "RequestEntityTooLarge"),
    ],
)
def test_refused_input_is_counted(
    client: FlaskClient, counted: Counted, body: bytes, kind: str, reason: str
) -> None:
    assert client.post("/predict", data=body, content_type=kind).status_code >= 400
    assert client.get("/nowhere").status_code == 404  # not input
    assert counted("refused_inputs_total", reason=reason) == 1


def test_the_model_is_named(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    network = classifier.network
    found = samples(client)
    assert found[f"model_info{[('name', network.name), ('sha256', network.sha256)]}"] == 1


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.8.8.8", {}, 200),
        ("::1", {}, 200),
        ("", {}, 200),  # a Unix socket
        ("203.0.113.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 403),  # a proxy missing from PROXIES
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 403),
        ("", {"X-Forwarded-For": "203.0.113.7"}, 403),
        ("203.0.113.7", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("203.0.113.7", {"Authorization": f"Bearer {TOKEN}x"}, 403),
        ("203.0.113.7", {"Authorization": TOKEN}, 403),
        ("203.0.113.7", {"Authorization": "Bearer é"}, 403),
    ],
)
def test_metrics_are_for_this_machine_and_for_the_token(
    make_client: MakeClient, address: str, headers: dict[str, str], status: int
) -> None:
    client = make_client(metrics_token=TOKEN)
    response = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("sent", ["Bearer ", "Bearer None", "Bearer"])
def test_without_a_token_none_is_accepted(client: FlaskClient, sent: str) -> None:
    elsewhere = {"REMOTE_ADDR": "203.0.113.7"}
    response = client.get("/metrics", headers={"Authorization": sent}, environ_base=elsewhere)
    assert response.status_code == 403


def logged(client: FlaskClient, caplog: pytest.LogCaptureFixture, path: str, body: bytes) -> object:
    """Return the fields of the log line of a request."""
    caplog.set_level(logging.INFO)
    caplog.clear()
    response = client.post(path, data=body, content_type="image/png")
    (record,) = (each for each in caplog.records if each.getMessage() == "request")
    fields = record.__dict__
    assert fields["request_id"] == response.headers["X-Request-ID"]
    assert fields["bytes"] == len(response.data)
    assert fields["status"] == response.status_code
    assert 0 < fields["milliseconds"] < 60_000
    return {name: fields.get(name) for name in ("method", "path", "client", "verdict", "reason")}


def test_a_request_is_logged(
    client: FlaskClient, seven: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    line = {"method": "POST", "path": "/predict", "client": "127.0.0.0/24"}
    read = logged(client, caplog, "/predict?name=Ada", seven)
    assert read == {**line, "verdict": "digit", "reason": None}
    refused = logged(client, caplog, "/predict", b"no picture")
    assert refused == {**line, "verdict": None, "reason": "PictureError"}
    missing = logged(client, caplog, "/" + "a" * 1000, b"")
    assert missing == {**line, "path": "/" + "a" * 199, "verdict": None, "reason": None}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.77:567", "203.0.113.0/24"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::/48"),
        ("[2001:db8:aaaa:bbbb::1]:567", "2001:db8:aaaa::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", None),
        ("unknown", None),
        ('"\n', None),
    ],
)
def test_only_the_network_of_an_address_is_logged(address: str, network: str | None) -> None:
    assert network_of(address, 24, 48) == network
