from __future__ import annotations

import io
import re

import metrics
import pytest
from app import create_app
from flask.testing import FlaskClient
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families
from settings import Settings

from benchmarks.servers import ROOT
from classifier import HandwrittenDigitsClassifier
from tests.handwriting import as_png, draw

TOKEN = "0123456789abcdef"


def samples(client: FlaskClient) -> dict[str, float]:
    """Every sample that /metrics tells, by its name and labels."""
    text = client.get("/metrics").text
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def as_gif() -> bytes:
    file = io.BytesIO()
    draw(7).save(file, "GIF")
    return file.getvalue()


class Counting:
    """How far each sample has risen."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.before = samples(client)

    def __call__(self, name: str, **labels: str) -> float:
        key = f"{name}{sorted(labels.items())}"
        return samples(self.client)[key] - self.before.get(key, 0)


@pytest.fixture
def counted(client: FlaskClient) -> Counting:
    return Counting(client)


def test_requests_are_counted_by_endpoint_method_and_status(
    client: FlaskClient, counted: Counting
) -> None:
    for _ in range(3):
        client.get("/health/live")
    client.delete("/health/live")
    assert counted("http_requests_total", endpoint="live", method="GET", status="200") == 3
    assert counted("http_requests_total", endpoint="none", method="DELETE", status="405") == 1
    assert counted("http_request_seconds_count", endpoint="live") == 3
    assert 0 < counted("http_request_seconds_sum", endpoint="live") < 1


def test_what_a_client_makes_up_is_no_label(client: FlaskClient, counted: Counting) -> None:
    for number in range(5):
        client.open(f"/made-up-{number}", method=f"MADEUP{number}")
    assert counted("http_requests_total", endpoint="none", method="other", status="404") == 5
    assert not any("made-up" in key or "MADEUP" in key for key in samples(client))


def test_answers_are_counted_by_verdict(
    client: FlaskClient, counted: Counting, seven: bytes
) -> None:
    blank = as_png(draw(7).point(lambda _: 255))
    for picture in (seven, seven, blank):
        client.post("/predict", data=picture, content_type="image/png")
    client.post("/", data=seven, content_type="image/png")
    assert counted("answers_total", verdict="digit") == 3
    assert counted("answers_total", verdict="blank") == 1
    assert counted("answer_confidence_count") == 3
    assert 0.9 * 3 < counted("answer_confidence_sum") <= 3


def test_the_steps_of_some_answers_are_timed(
    client: FlaskClient, counted: Counting, seven: bytes
) -> None:
    for _ in range(2 * metrics.ANSWERS_PER_TIMED):
        client.post("/predict", data=seven, content_type="image/png")
    for step in ("unpack_the_png", "prepare_it", "ask_the_network", "write_the_answer"):
        assert counted("answer_step_seconds_count", step=step) == 2
        assert 0 < counted("answer_step_seconds_sum", step=step) < 1


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"no picture", "image/png", "PictureError"),
        (as_png(draw(7))[:-40], "image/png", "PictureError"),
        (as_gif(), "image/png", "PictureFormatError"),
        (b"x", "text/plain", "UnsupportedMediaType"),
        (b"x" * 30_000, "image/png", "RequestEntityTooLarge"),
    ],
)
def test_what_is_refused_is_counted_by_reason(
    client: FlaskClient, counted: Counting, body: bytes, kind: str, reason: str
) -> None:
    assert client.post("/predict", data=body, content_type=kind).status_code >= 400
    assert counted("refused_inputs_total", reason=reason) == 1


def test_an_address_that_does_not_exist_is_no_refused_input(client: FlaskClient) -> None:
    before = samples(client)
    assert client.get("/nowhere").status_code == 404
    assert client.get("/predict").status_code == 405
    after = samples(client)
    assert {key: after[key] for key in after if "refused" in key and "total" in key} == {
        key: before[key] for key in before if "refused" in key and "total" in key
    }


def test_the_readme_names_every_metric() -> None:
    named = set(re.findall(r"`([a-z_]+)`", (ROOT / "README.md").read_text()))
    own = {
        f"{metric._name}_total" if isinstance(metric, Counter) else metric._name
        for metric in vars(metrics).values()
        if isinstance(metric, Counter | Gauge | Histogram)
    }
    assert len(own) > 8
    assert own <= named


def test_others_count_what_they_refuse(counted: Counting) -> None:
    metrics.shed()
    metrics.rate_limited()
    metrics.rate_limited()
    assert counted("requests_shed_total") == 1
    assert counted("requests_rate_limited_total") == 2


def test_the_model_is_named(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    network = classifier.network
    told = samples(client)
    assert told[f"model_info{[('name', network.name), ('sha256', network.sha256)]}"] == 1


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.8.8.8", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.7", {}, 403),
        ("", {}, 403),  # over a Unix socket: whoever is behind it
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 403),  # a proxy that nobody told of
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 403),
        ("203.0.113.7", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("203.0.113.7", {"Authorization": f"Bearer {TOKEN}x"}, 403),
        ("203.0.113.7", {"Authorization": TOKEN}, 403),
        ("203.0.113.7", {"Authorization": "Bearer é"}, 403),
    ],
)
def test_it_tells_this_machine_and_whoever_has_the_token(
    classifier: HandwrittenDigitsClassifier, address: str, headers: dict[str, str], status: int
) -> None:
    client = create_app(Settings(metrics_token=TOKEN), classifier).test_client()
    response = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert response.status_code == status


def test_without_a_token_set_none_is_right(classifier: HandwrittenDigitsClassifier) -> None:
    client = create_app(Settings(), classifier).test_client()
    for sent in ("Bearer ", "Bearer None", "Bearer"):
        headers = {"Authorization": sent}
        response = client.get(
            "/metrics", headers=headers, environ_base={"REMOTE_ADDR": "203.0.113.7"}
        )
        assert response.status_code == 403
