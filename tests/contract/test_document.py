"""Responses have the shape that the OpenAPI document gives them."""

from __future__ import annotations

import io
import json
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from PIL import Image
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from webapp import create_app
from webapp.settings import ROOT, Settings

from classifier import MAX_PIXELS, Alteration, HandwrittenDigitsClassifier
from classifier.ink.decode import MAX_SIDE
from classifier.network.alteration import LARGEST_SHEET, RANGES
from classifier.network.reading import MAX_DIGITS
from tests.handwriting import as_png, draw, draw_number

PNG = {"Content-Type": "image/png"}
SEVEN = (ROOT / "static" / "seven.png").read_bytes()


@pytest.fixture(scope="module")
def client(classifier: HandwrittenDigitsClassifier) -> FlaskClient:
    return create_app(Settings(max_bytes=20_000), classifier).test_client()


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    content: dict[str, Any] = client.get("/openapi.json").json
    return content


def check(response: Any, document: dict[str, Any]) -> None:
    """Raise an error unless the document allows this response."""
    request = response.request
    operation = document["paths"][request.path][request.method.lower()]
    promised = operation["responses"][str(response.status_code)]
    if "$ref" in promised:
        promised = document["components"]["responses"][promised["$ref"].rpartition("/")[2]]
    assert "X-Request-ID" in response.headers
    name = promised["content"][response.mimetype]["schema"]["$ref"].rpartition("/")[2]
    resource = Resource(contents=document, specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("document:", resource)
    schema = {"$ref": f"document:#/components/schemas/{name}"}
    jsonschema.Draft202012Validator(schema, registry=registry).validate(response.json)


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_view_for_programs_is_in_it(client: FlaskClient, document: dict[str, Any]) -> None:
    pages = {"/", "/model", "/api"}
    files = {"/static/<version>/<path:filename>", "/model/plots/<version>/<path:filename>"}
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    assert set(document["paths"]) == rules - pages - files


def test_its_limits_are_those_of_the_library(document: dict[str, Any]) -> None:
    what_if = document["paths"]["/explain/what-if"]["post"]["parameters"]
    schemas = {parameter["name"]: parameter["schema"] for parameter in what_if}
    for name, (least, most) in RANGES.items():
        assert (schemas[name]["minimum"], schemas[name]["maximum"]) == (least, most)
    for name in [*RANGES, "fit", "centre"]:
        assert schemas[name]["default"] == getattr(Alteration(), name)
    assert schemas["digit"]["maximum"] == MAX_DIGITS - 1
    edge, _, width, _ = schemas["sheet"]["prefixItems"]
    assert (edge["minimum"], edge["maximum"]) == (-LARGEST_SHEET, LARGEST_SHEET)
    assert (width["minimum"], width["maximum"]) == (1, LARGEST_SHEET)
    text = json.dumps(document)
    for limit in ("20,000 bytes", f"{MAX_PIXELS:,} pixels", f"{MAX_SIDE:,} pixels"):
        assert limit in text


def test_its_example_is_a_real_answer(client: FlaskClient, document: dict[str, Any]) -> None:
    promised = document["paths"]["/predict"]["post"]["responses"]["200"]
    example = promised["content"]["application/json"]["example"]
    answer = client.post("/predict", data=SEVEN, headers=PNG).json
    assert {**answer, "elapsed_ms": 0} == {**example, "elapsed_ms": 0}
    assert example["text"] == "7"


@pytest.mark.parametrize(
    ("picture", "verdict"),
    [
        (draw(7), "digit"),
        (draw_number("41", "7"), "number"),
        (Image.new("L", (280, 280), 255), "blank"),
        (Image.new("RGBA", (50, 50)), "blank"),
        (Image.new("1", (1, 1)), "blank"),
        (draw_number("1234567", "1234567", "1234567"), "unsure"),
    ],
)
def test_answers(
    client: FlaskClient, document: dict[str, Any], picture: Image.Image, verdict: str
) -> None:
    response = client.post("/predict", data=as_png(picture), headers=PNG)
    assert response.json["verdict"] == verdict
    check(response, document)
    check(client.post("/predict", data={"image": (io.BytesIO(SEVEN), "x.png")}), document)


@pytest.mark.parametrize("path", ["/predict", "/explain/layers", "/explain/what-if"])
def test_refusals(client: FlaskClient, document: dict[str, Any], path: str) -> None:
    large = as_png(Image.new("1", (5000, 5000)))
    for body, status in ((b"x", 400), (b"x" * 30_000, 413), (large, 413), (b"GIF89a", 415)):
        response = client.post(path, data=body, headers=PNG)
        assert response.status_code == status
        check(response, document)
