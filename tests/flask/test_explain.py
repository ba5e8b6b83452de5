from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from PIL import Image
from webapp import create_app
from webapp.settings import ROOT, Settings

from classifier import Alteration, Explanation
from classifier import HandwrittenDigitsClassifier as Classifier
from tests.flask.conftest import refusal
from tests.handwriting import as_png, draw_number

PNG = {"Content-Type": "image/png"}
SHEET = (-10, -20.5, 300, 300)
MOVED = Alteration(-3, 2.5, fit=False, centre=False, sheet=SHEET)
EXPLANATIONS = ["layers", "heat-map", "snapshots", "what-if", "least-changes"]
INVALID = """
    turn=half turn=nan turn=1e400 turn=180.5 turn= right=15 pen=0 fit=2 sheet=0,0,0,100 sheet=1,2,3
    digit=-1 digit=20 digit=1.5 trun=90
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("layers", lambda it: it.layers().as_dict()),
        ("heat-map", lambda it: it.heat_map().as_dict()),
        ("snapshots", lambda it: {"snapshots": [each.as_dict() for each in it.snapshots()]}),
        ("what-if", lambda it: it.alter(Alteration()).as_dict()),
        ("what-if?turn=180&fit=1", lambda it: it.alter(Alteration(turn=180)).as_dict()),
        (
            "what-if?right=-3&down=2.5&fit=0&centre=false&sheet=-10,-20.5,300,300",
            lambda it: it.alter(MOVED).as_dict(),
        ),
        (
            "least-changes?sheet=-10,-20.5,300,300",
            lambda it: {"changes": [each.as_dict() for each in it.least_changes(SHEET)]},
        ),
    ],
)
@pytest.mark.parametrize("digit", [0, 1])
def test_an_explanation_is_that_of_the_library(
    client: FlaskClient,
    classifier: Classifier,
    path: str,
    expected: Callable[[Explanation], Any],
    digit: int,
) -> None:
    picture = as_png(draw_number("61"))
    query = f"{'&' if '?' in path else '?'}digit={digit}" if digit else ""
    response = client.post(f"/explain/{path}{query}", data=picture, headers=PNG)
    explanation = classifier.explain(picture, digit)
    assert response.json == msgspec.json.decode(msgspec.json.encode(expected(explanation)))


def test_weights(client: FlaskClient, classifier: Classifier) -> None:
    response = client.get("/explain/weights")
    assert response.cache_control.no_cache
    layers = [each.as_dict() for each in classifier.weights()[:2]]
    assert response.json == {"sha256": classifier.network.sha256, "layers": layers}
    known = {"If-None-Match": response.headers["ETag"]}
    again = client.get("/explain/weights", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    named = client.get(f"/explain/weights?sha256={response.json['sha256']}").cache_control
    assert (named.immutable, named.max_age) == (True, 31536000)
    assert client.get("/explain/weights?sha256=another").cache_control.no_cache


@pytest.mark.parametrize("query", INVALID.split())
def test_an_invalid_parameter_is_refused(client: FlaskClient, seven: bytes, query: str) -> None:
    response = client.post(f"/explain/what-if?{query}", data=seven, headers=PNG)
    name, _, value = query.partition("=")
    received = name if name == "trun" else value
    assert re.fullmatch(f"Expected .*, received {received!r}.", refusal(response, 400))


@pytest.mark.parametrize("question", EXPLANATIONS)
def test_a_missing_digit_is_refused(client: FlaskClient, seven: bytes, question: str) -> None:
    for body, status in ((seven, 422), (as_png(Image.new("L", (50, 50))), 422), (b"x", 400)):
        response = client.post(f"/explain/{question}?digit=1", data=body, headers=PNG)
        assert "received" in refusal(response, status)


def test_a_model_file_alone_has_neither_snapshots_nor_plots(seven: bytes) -> None:
    client = create_app(Settings(model=ROOT / "models" / "mnist-cnn.tflite")).test_client()
    refusal(client.post("/explain/snapshots", data=seven, headers=PNG), 404)
    assert client.get("/model").status_code == 200
    assert client.get("/model/plots/any/confusion-dark.svg").status_code == 404
    assert client.post("/explain/layers", data=seven, headers=PNG).status_code == 200
