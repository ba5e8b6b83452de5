"""How much one client may take: exactly the limit, and nobody else's."""

from __future__ import annotations

import io
import random
import re

import pytest
import rate_limit
from app import create_app
from flask.testing import FlaskClient
from PIL import Image
from settings import Settings

from benchmarks.servers import free_port
from classifier import HandwrittenDigitsClassifier
from tests.handwriting import as_png

LIMIT = 60  # of the tests' limit, in 10 seconds
CHEAP = "/nowhere"  # counted like any answer
PNG = {"Content-Type": "image/png"}


class Clock:
    """The seconds that rate_limit.py reads."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rate_limit, "time", clock)
    return clock


@pytest.fixture
def client(classifier: HandwrittenDigitsClassifier, clock: Clock) -> FlaskClient:
    return create_app(Settings(rate_limit=f"{LIMIT}/10 seconds"), classifier).test_client()


def taken(client: FlaskClient, address: str = "192.0.2.1") -> int:
    """How often a client gets an answer, until it is refused."""
    for count in range(10 * LIMIT):
        if client.get(CHEAP, environ_base={"REMOTE_ADDR": address}).status_code == 429:
            return count
    raise AssertionError("Expected to be refused.")


def test_a_client_gets_exactly_the_limit_and_so_does_the_next(client: FlaskClient) -> None:
    assert taken(client) == LIMIT
    assert taken(client) == 0
    assert taken(client, address="192.0.2.2") == LIMIT


def test_a_refusal_says_what_was_expected_and_when_to_come_back(
    client: FlaskClient, clock: Clock
) -> None:
    clock.now += 4.5
    taken(client)
    refusal = client.get("/model")
    assert refusal.status_code == 200, "another address"
    refusal = client.get("/model", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert refusal.status_code == 429
    assert refusal.mimetype == "application/problem+json"
    assert refusal.headers["Cache-Control"] == "no-store"
    assert refusal.headers["Retry-After"] == "6"
    assert refusal.json is not None
    assert refusal.json["request_id"] == refusal.headers["X-Request-ID"]
    assert refusal.json["detail"] == (
        f"Expected at most {LIMIT} answers in 10 seconds from one address, received more requests, "
        "of which this takes as much as 1. Expected the next in 6 seconds."
    )


def test_a_person_is_refused_with_a_page(client: FlaskClient) -> None:
    taken(client)
    refusal = client.get(
        "/", headers={"Accept": "text/html"}, environ_base={"REMOTE_ADDR": "192.0.2.1"}
    )
    assert refusal.status_code == 429
    assert refusal.mimetype == "text/html"
    assert "That is too often" in refusal.text


def test_whoever_comes_back_when_told_is_answered(client: FlaskClient, clock: Clock) -> None:
    """And a second earlier is not, at any time within the window and after any pause."""
    chance = random.Random(1)
    from_here = {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}
    for _ in range(30):
        clock.now += chance.uniform(0, 15)
        for _ in range(2 * LIMIT):
            refusal = client.get(CHEAP, **from_here)
            clock.now += chance.uniform(0, 0.1)
            if refusal.status_code == 429:
                break
        else:
            continue
        refusal = client.get(CHEAP, **from_here)
        if refusal.status_code != 429:  # the window had just ended
            continue
        seconds = int(refusal.headers["Retry-After"])
        assert 1 <= seconds <= 20
        if seconds > 1:
            clock.now += seconds - 1.01
            assert client.get(CHEAP, **from_here).status_code == 429
            clock.now += 1.01
        else:
            clock.now += 1
        assert client.get(CHEAP, **from_here).status_code == 404


def test_in_any_ten_seconds_nobody_gets_much_more_than_the_limit(
    client: FlaskClient, clock: Clock
) -> None:
    """The window slides: two full windows cannot follow each other at once."""
    clock.now = 1009.5
    assert taken(client) == LIMIT
    clock.now = 1010.5
    assert taken(client) <= LIMIT / 10


@pytest.mark.parametrize("question", ["heat-map", "what-if", "least-changes", "layers"])
def test_an_explanation_takes_as_much_as_it_costs(
    client: FlaskClient, seven: bytes, question: str
) -> None:
    cost = rate_limit.COST[f"explain.{question.replace('-', '_')}"]
    answer = client.post(f"/explain/{question}", data=seven, headers=PNG)
    assert answer.status_code == 200
    assert taken(client, address="127.0.0.1") == LIMIT - cost


def test_what_is_refused_takes_nothing(client: FlaskClient, seven: bytes) -> None:
    dearest = "/explain/least-changes"
    assert client.post(dearest, data=seven, headers=PNG).status_code == 200
    assert client.post(dearest, data=seven, headers=PNG).status_code == 429
    assert taken(client, address="127.0.0.1") == LIMIT - rate_limit.COST["explain.least_changes"]


def blank(width: int, height: int) -> bytes:
    return as_png(Image.new("1", (width, height), 1))


@pytest.mark.parametrize("as_a_form", [False, True])
@pytest.mark.parametrize(
    ("path", "cost"), [("/predict", 1), ("/explain/layers", 2), ("/explain/heat-map", 10)]
)
def test_a_large_picture_takes_more(
    client: FlaskClient, path: str, cost: int, as_a_form: bool
) -> None:
    picture = blank(1000, 300)
    if as_a_form:
        client.post(path, data={"image": (io.BytesIO(picture), "a.png")})
    else:
        client.post(path, data=picture, headers=PNG)
    assert taken(client, address="127.0.0.1") == LIMIT - cost - 200_000 // rate_limit.PIXELS


def test_a_large_picture_is_refused_before_it_is_unpacked(
    client: FlaskClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = blank(1000, 900)
    assert client.post("/predict", data=picture, headers=PNG).status_code == 200
    monkeypatch.setattr(HandwrittenDigitsClassifier, "answer", None)
    refusal = client.post("/predict", data=picture, headers=PNG)
    assert refusal.status_code == 429
    assert refusal.json is not None
    assert "this takes as much as 41." in refusal.json["detail"]
    monkeypatch.undo()
    monkeypatch.setattr(rate_limit, "time", clock)
    clock.now += int(refusal.headers["Retry-After"])
    assert client.post("/predict", data=picture, headers=PNG).status_code == 200


def test_the_largest_picture_can_be_had_under_the_lowest_limit(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    for limit in ("1/hour", "7/hour"):
        client = create_app(Settings(rate_limit=limit), classifier).test_client()
        picture = blank(2000, 1000)
        assert client.post("/predict", data=picture, headers=PNG).status_code == 200
        assert client.get("/").status_code == 429


def test_photographs_can_be_had_under_the_default_limit(
    classifier: HandwrittenDigitsClassifier, clock: Clock
) -> None:
    client = create_app(Settings(), classifier).test_client()
    photograph = blank(4000, 3000)
    for status in (200, 200, 200, 200, 200, 429):
        assert client.post("/predict", data=photograph, headers=PNG).status_code == status


def test_what_is_too_large_to_be_unpacked_takes_no_more(client: FlaskClient) -> None:
    assert client.post("/predict", data=blank(5000, 4001), headers=PNG).status_code == 413
    assert taken(client, address="127.0.0.1") == LIMIT - 1


def test_the_dearest_answer_can_be_had_under_the_lowest_limit(
    classifier: HandwrittenDigitsClassifier, seven: bytes
) -> None:
    client = create_app(Settings(rate_limit="1/hour"), classifier).test_client()
    assert client.post("/explain/least-changes", data=seven, headers=PNG).status_code == 200
    assert client.get("/").status_code == 429


def test_every_explanation_has_its_cost(client: FlaskClient) -> None:
    asked = {
        rule.endpoint
        for rule in client.application.url_map.iter_rules()
        if rule.endpoint.startswith("explain.") and "POST" in (rule.methods or ())
    }
    assert asked == set(rate_limit.COST)


def test_health_and_files_are_not_counted(client: FlaskClient) -> None:
    page = client.get("/", environ_base={"REMOTE_ADDR": "192.0.2.1"}).text
    taken(client)
    file = re.search(r'"(/static/[^"]*)"', page)
    assert file
    for path in ("/health/live", "/health/ready", file[1]):
        answer = client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.1"})
        assert answer.status_code == 200


def test_without_a_limit_nothing_is_counted(classifier: HandwrittenDigitsClassifier) -> None:
    client = create_app(Settings(rate_limit=""), classifier).test_client()
    assert {client.get("/health/live").status_code for _ in range(100)} == {200}
    assert "rate_limit" not in client.application.extensions


def test_without_redis_it_is_counted_in_memory_and_said_once_in_a_while(
    classifier: HandwrittenDigitsClassifier, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(
        rate_limit=f"{LIMIT}/hour", rate_limit_storage=f"redis://127.0.0.1:{free_port()}"
    )
    client = create_app(settings, classifier).test_client()
    assert taken(client) == LIMIT
    assert len(caplog.messages) == 1
    assert "counted in memory for 5 s, Redis failed: Error" in caplog.text
    clock.now += rate_limit.RETRY_SECONDS
    assert taken(client) == 0
    assert len(caplog.messages) == 2


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("2001:db8::1", "2001:db8:0:0:ffff::2", "2001:db8:0:1::1"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("fe80::1%eth0", "fe80::2", "fe81::1"),
        ("192.0.2.1:567", "192.0.2.1", "192.0.2.2:567"),
        ("[2001:db8::1]:567", "2001:db8::2", "[2001:db8:0:1::1]"),
        ("unknown", "192.0.2.1:x", "192.0.2.1"),
        ("_hidden", "", "::1"),
    ],
)
def test_an_address_stands_for_its_subscriber(address: str, same: str, other: str) -> None:
    assert rate_limit.client(address) == rate_limit.client(same) != rate_limit.client(other)


def test_many_addresses_take_little_memory_and_no_time_of_others(clock: Clock) -> None:
    memory = rate_limit.Memory()
    for number in range(5 * rate_limit.MOST_CLIENTS):
        assert memory.acquire_sliding_window_entry(f"{number}", limit=1, expiry=10)
        assert len(memory._before) + len(memory._now) <= 2 * rate_limit.MOST_CLIENTS
    clock.now += 10
    memory.get_sliding_window("1", 10)
    clock.now += 10
    memory.get_sliding_window("1", 10)
    assert not memory._before
    assert not memory._now
