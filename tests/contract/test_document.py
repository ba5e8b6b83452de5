"""What is really answered has the shape that the document gives it."""

from __future__ import annotations

import io
from typing import Any

import jsonschema
import pytest
from app import create_app
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from PIL import Image, ImageDraw
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from settings import ROOT, Settings

from classifier import HandwrittenDigitsClassifier
from classifier.ink.decode import MAX_PIXELS, MAX_SIDE
from classifier.network.alteration import LARGEST_SHEET, RANGES, Alteration
from classifier.network.reading import MAX_DIGITS
from tests.handwriting import as_png, draw, draw_number

PNG = {"Content-Type": "image/png"}
SEVEN = (ROOT / "static" / "seven.png").read_bytes()
EXPLANATIONS = ["layers", "heat-map", "snapshots", "what-if", "least-changes"]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    return create_app(Settings(max_bytes=20_000), classifier).test_client()


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    content: dict[str, Any] = client.get("/openapi.json").json
    return content


def check(response: Any, document: dict[str, Any]) -> None:
    """Raises an error unless the document says that this may be answered to what was asked."""
    asked = response.request
    operation = document["paths"][asked.path][asked.method.lower()]
    promised = operation["responses"][str(response.status_code)]
    if "$ref" in promised:
        promised = document["components"]["responses"][promised["$ref"].rpartition("/")[2]]
    assert set(promised["headers"]) <= set(response.headers.keys())
    if response.status_code == 304:
        assert "content" not in promised
        return
    whole = Resource(contents=document, specification=DRAFT202012)
    schema = {
        "$ref": "document:#/components/schemas/"
        + promised["content"][response.mimetype]["schema"]["$ref"].rpartition("/")[2]
    }
    registry: Registry[Any] = Registry().with_resource("document:", whole)
    jsonschema.Draft202012Validator(schema, registry=registry).validate(response.json)


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_address_for_programs_is_in_it(client: FlaskClient, document: dict[str, Any]) -> None:
    pages = {"/", "/model", "/api"}
    files = {"/static/<version>/<path:filename>", "/model/plots/<version>/<path:filename>"}
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    assert set(document["paths"]) == rules - pages - files


def test_it_is_fetched_once(client: FlaskClient) -> None:
    response = client.get("/openapi.json")
    assert response.mimetype == "application/json"
    assert response.cache_control.no_cache
    kept = {"If-None-Match": response.headers["ETag"]}
    assert client.get("/openapi.json", headers=kept).status_code == 304


def test_its_limits_are_the_real_ones(document: dict[str, Any]) -> None:
    parameters = document["components"]["parameters"]
    neutral = Alteration()
    for name, (least, most) in RANGES.items():
        schema = parameters[name]["schema"]
        assert (schema["minimum"], schema["maximum"]) == (least, most)
        assert schema["default"] == getattr(neutral, name)
    for name in ("fit", "centre"):
        assert parameters[name]["schema"]["default"] is getattr(neutral, name)
    assert parameters["digit"]["schema"]["maximum"] == MAX_DIGITS - 1
    edge, _, width, _ = parameters["sheet"]["schema"]["prefixItems"]
    assert (edge["minimum"], edge["maximum"]) == (-LARGEST_SHEET, LARGEST_SHEET)
    assert (width["minimum"], width["maximum"]) == (1, LARGEST_SHEET)
    refusals = document["components"]["responses"]
    assert "20,000 bytes" in refusals["413"]["description"]
    assert f"{MAX_PIXELS:,} pixels" in refusals["413"]["description"]
    assert f"{MAX_SIDE:,} pixels" in refusals["400"]["description"]
    assert f"{MAX_PIXELS:,} pixels and {MAX_DIGITS} digits" in document["info"]["description"]


def test_its_example_is_what_is_answered(client: FlaskClient, document: dict[str, Any]) -> None:
    promised = document["paths"]["/predict"]["post"]["responses"]["200"]
    example = promised["content"]["application/json"]["example"]
    answer = client.post("/predict", data=SEVEN, headers=PNG).json
    assert {**answer, "elapsed_ms": 0} == {**example, "elapsed_ms": 0}
    assert example["text"] == "7"


def cross() -> Image.Image:
    picture = Image.new("L", (280, 280), 255)
    for ends in ((60, 60, 220, 220), (60, 220, 220, 60)):
        ImageDraw.Draw(picture).line(ends, 0, 20)
    return picture


@pytest.mark.parametrize(
    ("picture", "verdict"),
    [
        (draw(7), "digit"),
        (draw_number("41", "7"), "number"),
        (Image.new("L", (280, 280), 255), "blank"),
        (draw_number("1234567", "1234567", "1234567"), "unsure"),
        (cross(), "unsure"),
    ],
    ids=["digit", "number", "blank", "too many", "cross"],
)
def test_answers(
    client: FlaskClient, document: dict[str, Any], picture: Image.Image, verdict: str
) -> None:
    response = client.post("/predict", data=as_png(picture), headers=PNG)
    assert response.json["verdict"] == verdict
    check(response, document)
    form = client.post("/predict", data={"image": (io.BytesIO(as_png(picture)), "x.png")})
    check(form, document)


@pytest.mark.parametrize("question", EXPLANATIONS)
@pytest.mark.parametrize("query", ["", "?digit=1"])
def test_explanations(
    client: FlaskClient, document: dict[str, Any], question: str, query: str
) -> None:
    number = as_png(draw_number("41"))
    response = client.post(f"/explain/{question}{query}", data=number, headers=PNG)
    assert response.status_code == 200
    check(response, document)


@pytest.mark.parametrize("path", ["/explain/weights", "/health/live", "/health/ready"])
def test_what_takes_no_picture(client: FlaskClient, document: dict[str, Any], path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    check(response, document)


def test_the_weights_are_not_sent_again(client: FlaskClient, document: dict[str, Any]) -> None:
    kept = {"If-None-Match": client.get("/explain/weights").headers["ETag"]}
    response = client.get("/explain/weights", headers=kept)
    assert response.status_code == 304
    check(response, document)


@pytest.mark.parametrize("path", ["/predict", *(f"/explain/{name}" for name in EXPLANATIONS)])
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "image/png", 400),
        (SEVEN[:200], "image/png", 400),
        (b"x", "multipart/form-data", 400),
        (b"x" * 30_000, "image/png", 413),
        (as_png(Image.new("1", (5000, 5000))), "image/png", 413),
        (SEVEN, "text/plain", 415),
        (b"GIF89a", "image/png", 415),
    ],
)
def test_refusals(
    client: FlaskClient, document: dict[str, Any], path: str, body: bytes, kind: str, status: int
) -> None:
    length = {"CONTENT_LENGTH": str(len(body))}
    response = client.post(path, data=body, content_type=kind, environ_overrides=length)
    assert response.status_code == status
    check(response, document)


@pytest.mark.parametrize("question", EXPLANATIONS)
def test_refusals_to_explain(client: FlaskClient, document: dict[str, Any], question: str) -> None:
    for query, status in (("digit=1", 422), ("digit=x", 400), ("unknown=1", 400)):
        response = client.post(f"/explain/{question}?{query}", data=SEVEN, headers=PNG)
        assert response.status_code == status
        check(response, document)


def test_a_model_without_snapshots(document: dict[str, Any]) -> None:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(ROOT / "models" / "mnist-cnn.tflite")
    client = create_app(Settings(), classifier).test_client()
    response = client.post("/explain/snapshots", data=SEVEN, headers=PNG)
    assert response.status_code == 404
    check(response, document)


@pytest.mark.parametrize("path", ["/predict", "/health/ready"])
def test_mistakes_of_ours(
    client: FlaskClient,
    document: dict[str, Any],
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    classifier = client.application.extensions["classifier"]
    method = "answer" if path == "/predict" else "predict"
    monkeypatch.setattr(classifier, method, lambda *_, **__: 1 / 0)
    # Or a test shortly before this one has it ready still.
    monkeypatch.delitem(client.application.extensions, "ready_until", raising=False)
    response = client.open(
        path, method="POST" if path == "/predict" else "GET", data=SEVEN, headers=PNG
    )
    assert response.status_code == (500 if path == "/predict" else 503)
    check(response, document)
