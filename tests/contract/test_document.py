"""The application complies with its OpenAPI document, whatever it is sent."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from PIL import Image
from schemathesis.specs.openapi.checks import response_schema_conformance
from webapp import create_app
from webapp.settings import ROOT, Settings

from tests.handwriting import as_png, draw, draw_number

MODES = ["L", "RGB", "RGBA", "1", "P", "LA"]
PICTURES = [
    *(draw(7, side=40, pen=4).convert(mode) for mode in MODES),
    *(draw(digit, side=60, pen=6, ink=digit * 20) for digit in range(10)),
    draw_number("41", height=40, gap=10, pen=4),
    Image.new("L", (30, 30)),
]

schemathesis.openapi.media_type("image/png", st.sampled_from([as_png(each) for each in PICTURES]))
config = schemathesis.Config.from_dict(
    {
        "checks": {
            # No schema can say which pictures have a second digit, or which texts are a PNG.
            "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "422"]},
            "negative_data_rejection": {"expected-statuses": ["400", "405", "411", "415", "422"]},
        }
    }
)
app = create_app(Settings(rate_limit="", max_bytes=20_000))
schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
document = app.test_client().get("/openapi.json").json


@schema.parametrize()
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_any_request_is_answered_as_documented(case: schemathesis.Case) -> None:
    case.call_and_validate()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (as_png(draw(7)), "digit"),
        (as_png(draw_number("41", "7")), "number"),
        (as_png(Image.new("1", (1, 1))), "blank"),
        (as_png(draw_number("1234567", "1234567", "1234567")), "unsure"),
        (b"x", 400),
        (b"x" * 30_000, 413),
        (as_png(Image.new("1", (5000, 5000))), 413),
        (b"GIF89a", 415),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)
@pytest.mark.parametrize("path", ["/predict", "/explain/layers", "/explain/what-if"])
def test_every_answer_is_as_documented(path: str, body: bytes, expected: str | int) -> None:
    case = schema[path]["POST"].Case(body=body, media_type="image/png")
    response = case.call()
    if path == "/predict" or isinstance(expected, int):
        assert expected in (response.status_code, response.json().get("verdict"))
    assert "x-request-id" in response.headers
    case.validate_response(response, checks=[response_schema_conformance])


def test_the_document_is_valid_and_has_every_view_for_programs() -> None:
    OpenAPIV31SpecValidator(document).validate()
    pages = {"/", "/model", "/api"}
    files = {"/static/<version>/<path:filename>", "/model/plots/<version>/<path:filename>"}
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert set(document["paths"]) == rules - pages - files


def test_its_example_is_a_real_answer() -> None:
    promised = document["paths"]["/predict"]["post"]["responses"]["200"]
    example = promised["content"]["application/json"]["example"]
    seven = (ROOT / "static" / "seven.png").read_bytes()
    answer = app.test_client().post("/predict", data=seven, content_type="image/png").json
    assert {**answer, "elapsed_ms": 0} == {**example, "elapsed_ms": 0}
    assert example["text"] == "7"
