from __future__ import annotations

import io
import re
import time

import pytest
from flask.testing import FlaskClient
from PIL import Image
from webapp.rate_limit import COST, MAX_COUNTS, PIXELS, BoundedStorage

from tests.flask.conftest import MakeClient, refusal
from tests.handwriting import as_png

LIMIT = 60
PNG = {"Content-Type": "image/png"}
HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time stands still, unless a test changes it."""
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


@pytest.fixture
def client(make_client: MakeClient) -> FlaskClient:
    return make_client(rate_limit=f"{LIMIT}/10 seconds")


def allowed(client: FlaskClient, address: str = "192.0.2.1") -> int:
    """Return how many requests a client can make before it is refused."""
    for count in range(10 * LIMIT):
        response = client.get("/explain/weights?x", environ_base={"REMOTE_ADDR": address})
        if response.status_code == 429:
            return count
    raise AssertionError("Expected a refusal.")


def blank(width: int, height: int) -> bytes:
    return as_png(Image.new("1", (width, height), 1))


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("192.0.2.1", "192.0.2.1:567", "192.0.2.2"),
        ("2001:db8::1", "2001:db8:0:0:ffff::2", "2001:db8:0:1::1"),
        ("[2001:db8::1]:567", "2001:db8::2", "[2001:db8:0:1::1]"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("_hidden", "unknown", "::1"),
    ],
)
def test_each_client_has_the_limit(
    client: FlaskClient, address: str, same: str, other: str
) -> None:
    assert allowed(client, address) == LIMIT
    assert allowed(client, same) == 0
    assert allowed(client, other) == LIMIT


def test_a_refusal_says_when_to_come_back(client: FlaskClient, clock: list[float]) -> None:
    clock[0] += 4.5
    allowed(client, HERE)
    response = client.get("/model")
    assert f"at most {LIMIT} " in refusal(response, 429)
    clock[0] += int(response.headers["Retry-After"])
    assert client.get("/model").status_code == 200
    allowed(client, HERE)
    page = client.get("/", headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (429, "text/html")


@pytest.mark.parametrize("endpoint", ["api.predict", *COST])
def test_some_requests_cost_more(client: FlaskClient, seven: bytes, endpoint: str) -> None:
    path = "/predict" if endpoint == "api.predict" else endpoint.replace(".", "/").replace("_", "-")
    cost = COST.get(endpoint, 1)
    assert client.post(path, data=seven, headers=PNG).status_code == 200
    assert client.options(path).status_code == 200  # costs 1
    form = {"image": (io.BytesIO(blank(600, 300)), "a.png")}
    assert client.post("/predict", data=form).status_code == 200
    assert allowed(client, HERE) == LIMIT - cost - 2 - 80_000 // PIXELS


def test_a_large_picture_is_refused_before_it_is_decoded(
    client: FlaskClient, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = blank(2000, 2000)  # costs more than the limit
    assert client.post("/predict", data=picture, headers=PNG).status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr(client.application.extensions["classifier"], "predict", None)
        refusal(client.post("/predict", data=picture, headers=PNG), 429)
    clock[0] += 20
    assert client.post("/predict", data=picture, headers=PNG).status_code == 200


def test_monitoring_and_files_are_exempt(client: FlaskClient) -> None:
    file = re.search(r'"(/static/[^"]*)"', client.get("/").text)
    assert file
    allowed(client, HERE)
    for path in ("/health/live", "/health/ready", "/metrics", file[1]):
        assert client.get(path).status_code == 200


def test_many_clients_take_little_memory() -> None:
    storage = BoundedStorage()
    for number in range(3 * MAX_COUNTS):
        assert storage.acquire_sliding_window_entry(f"{number}", limit=1, expiry=10)
        assert len(storage.storage) <= MAX_COUNTS
        assert len(storage.locks) <= MAX_COUNTS
