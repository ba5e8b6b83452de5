"""What a browser may do with our answers; all else is denied."""

from __future__ import annotations

import pytest
from app import create_app
from flask.testing import FlaskClient
from settings import Settings
from werkzeug.test import TestResponse

from classifier import HandwrittenDigitsClassifier

OURS = "https://class.example.org"
ALSO_OURS = "http://localhost:3000"


@pytest.fixture
def shared(classifier: HandwrittenDigitsClassifier) -> FlaskClient:
    """The application whose API pages of two other origins may call."""
    settings = Settings(cors_origins=(OURS, ALSO_OURS), rate_limit="2/hour")
    return create_app(settings, classifier).test_client()


def preflight(client: FlaskClient, origin: str, path: str = "/predict") -> TestResponse:
    return client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )


@pytest.mark.parametrize("path", ["/", "/model", "/nowhere", "/health/live", "/explain/weights"])
def test_every_answer_is_kept_to_itself(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]
    assert len(headers.getlist("Content-Security-Policy")) == 1


def test_only_over_tls_browsers_are_told_to_stay_there(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    over_tls = client.get("/", base_url="https://localhost")
    assert over_tls.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/", "/model", "/api", "/nowhere", "/health/live"])
def test_no_cookie_is_set(client: FlaskClient, path: str) -> None:
    assert "Set-Cookie" not in client.get(path, headers={"Cookie": "session=x"}).headers


def test_pages_from_elsewhere_may_not_call_the_api(client: FlaskClient, seven: bytes) -> None:
    asked = preflight(client, OURS)
    answer = client.post(
        "/predict", data=seven, headers={"Origin": OURS, "Content-Type": "image/png"}
    )
    for response in (asked, answer):
        assert not [name for name, _ in response.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("origin", [OURS, ALSO_OURS])
@pytest.mark.parametrize("path", ["/predict", "/explain/heat-map"])
def test_pages_of_the_named_origins_may(shared: FlaskClient, origin: str, path: str) -> None:
    answer = preflight(shared, origin, path)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "DELETE" not in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Max-Age"] == "7200"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_they_can_read_answers_and_refusals(shared: FlaskClient, seven: bytes) -> None:
    asked = {"Origin": OURS, "Content-Type": "image/png"}
    for status in (200, 200, 429):
        answer = shared.post("/predict", data=seven, headers=asked)
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == OURS
        exposed = answer.headers["Access-Control-Expose-Headers"]
        assert set(exposed.split(", ")) == {"X-Request-ID", "Retry-After"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{OURS}.evil.example"])
def test_others_may_not(shared: FlaskClient, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(shared, origin).headers


@pytest.mark.parametrize("origin", [OURS, "https://evil.example", "null", None])
@pytest.mark.parametrize("path", ["/explain/weights", "/explain/nothing", "/predict"])
def test_caches_keep_the_answers_to_different_origins_apart(
    shared: FlaskClient, origin: str | None, path: str
) -> None:
    answer = shared.get(path, headers={"Origin": origin} if origin else {})
    assert answer.headers.getlist("Vary") == ["Origin"]
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if origin == OURS else None)


@pytest.mark.parametrize("path", ["/", "/model", "/health/live", "/predictions"])
def test_nothing_but_the_api_is_shared(shared: FlaskClient, path: str) -> None:
    answer = shared.get(path, headers={"Origin": OURS})
    assert "Access-Control-Allow-Origin" not in answer.headers
