"""Every request is counted, and logged in one line without what a visitor wrote or drew."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from webapp.telemetry import network_of

from classifier import HandwrittenDigitsClassifier
from tests.flask.conftest import MakeClient
from tests.handwriting import as_png, draw

TOKEN = "0123456789abcdef"
BLANK = as_png(draw(7).point(lambda _: 255))


class Counted:
    """How far the samples in /metrics have risen since this was made."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.before = self.samples()

    def samples(self) -> dict[str, float]:
        families = text_string_to_metric_families(self.client.get("/metrics").text)
        samples = [sample for family in families for sample in family.samples]
        return {f"{each.name}{sorted(each.labels.items())}": each.value for each in samples}

    def __call__(self, name: str, **labels: str) -> float:
        key = f"{name}{sorted(labels.items())}"
        return self.samples().get(key, 0) - self.before.get(key, 0)


def test_requests_are_counted(client: FlaskClient) -> None:
    counted = Counted(client)
    for _ in range(3):
        client.get("/health/live")
    client.delete("/health/live")
    live = {"endpoint": "health.live", "method": "GET", "status": "200"}
    assert counted("http_requests_total", **live) == 3
    assert counted("http_requests_total", endpoint="none", method="DELETE", status="405") == 1
    assert counted("http_request_seconds_count", endpoint="health.live") == 3
    for number in range(5):  # clients cannot invent labels
        client.open(f"/made-up-{number}", method=f"MADEUP{number}")
    assert counted("http_requests_total", endpoint="none", method="other", status="404") == 5


def test_answers_and_refusals_are_counted(
    client: FlaskClient, classifier: HandwrittenDigitsClassifier, seven: bytes
) -> None:
    counted = Counted(client)
    for path, picture in (("/predict", seven), ("/predict", BLANK), ("/", seven)):
        client.post(path, data=picture, content_type="image/png")
    assert counted("answers_total", verdict="digit") == 2
    assert counted("answers_total", verdict="blank") == 1
    assert counted("answer_confidence_count") == 2
    assert 0.9 * 2 < counted("answer_confidence_sum") <= 2
    for body, reason in ((b"x", "PictureError"), (b"x" * 30_000, "RequestEntityTooLarge")):
        assert client.post("/predict", data=body, content_type="image/png").status_code >= 400
        assert counted("refused_inputs_total", reason=reason) == 1
    network = classifier.network
    assert f"model_info{[('name', network.name), ('sha256', network.sha256)]}" in counted.before


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
        ("", None),
        ('"\n', None),
    ],
)
def test_only_the_network_of_an_address_is_logged(address: str, network: str | None) -> None:
    assert network_of(address, 24, 48) == network
