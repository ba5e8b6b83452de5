from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image
from webapp import create_app
from webapp.settings import ROOT, Settings

from classifier import Alteration, HandwrittenDigitsClassifier
from tests.flask.conftest import refusal
from tests.handwriting import as_png, draw, draw_number

PNG = {"Content-Type": "image/png"}
INVALID = """
    turn=half turn=nan turn=-inf turn=1e400 turn=180.5 turn=1_0 turn=٣ turn= right=15 pen=0 fit=2
    sheet=0,0,0,100 sheet=0,0,100,nan sheet=1,2,3 sheet=a,b,c,d sheet= digit=-1 digit=20 digit=1.5
    trun=90
"""
EXPLANATIONS = ["layers", "heat-map", "snapshots", "what-if", "least-changes"]


def explain(client: FlaskClient, question: str, picture: Image.Image) -> Any:
    response = client.post(f"/explain/{question}", data=as_png(picture), headers=PNG)
    assert response.status_code == 200, response.text
    return response.json


def decoded(tensor: dict[str, Any]) -> NDArray[Any]:
    assert list(tensor) == ["dtype", "shape", "data"]
    flat = np.frombuffer(base64.b64decode(tensor["data"]), np.dtype(tensor["dtype"]))
    return flat.reshape(tensor["shape"])


def test_layers(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    number = draw_number("41", height=300, gap=60, pen=20)
    answer = explain(client, "layers?digit=1", number)
    assert list(answer) == ["digit", "probabilities", "is_digit", "box", "preparation", "layers"]
    expected = classifier.explain(number, 1).layers()
    assert answer["digit"] == 1
    assert tuple(answer["probabilities"]) == expected.reading.probabilities
    assert answer["is_digit"] == expected.is_digit
    assert tuple(answer["box"]) == expected.reading.box
    steps = answer["preparation"]
    assert list(steps) == ["ink", "fitted", "centre_of_mass", "offset", "image"]
    assert 80 < max(decoded(steps["ink"]).shape) <= 100
    assert tuple(steps["centre_of_mass"]) == expected.preparation.centre_of_mass
    assert tuple(steps["offset"]) == expected.preparation.offset
    np.testing.assert_allclose(decoded(steps["fitted"]), expected.preparation.fitted, atol=1e-3)
    np.testing.assert_allclose(decoded(steps["image"]), expected.reading.image, atol=1e-3)
    for told, layer in zip(answer["layers"], expected.layers, strict=True):
        assert (told["name"], told["kind"]) == (layer.name, layer.kind)
        activations = decoded(told["activations"])
        np.testing.assert_allclose(activations, layer.activations, rtol=1e-3, atol=1e-6)


def test_heat_map(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    answer = explain(client, "heat-map", draw(7))
    assert list(answer) == ["digit", "probabilities", "heat"]
    expected = classifier.explain(draw(7)).heat_map()
    assert answer["digit"] == 7
    assert tuple(answer["probabilities"]) == expected.reading.probabilities
    np.testing.assert_allclose(decoded(answer["heat"]), expected.heat, rtol=1e-3, atol=1e-5)


def test_snapshots(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    answer = explain(client, "snapshots", draw(7))
    expected = classifier.explain(draw(7)).snapshots()
    for told, found in zip(answer["snapshots"], expected, strict=True):
        assert list(told) == ["step", "epoch", "accuracy", "digit", "probabilities", "filters"]
        assert tuple(told["probabilities"]) == found.probabilities
        assert (told["step"], told["accuracy"]) == (found.step, found.accuracy)
        np.testing.assert_allclose(decoded(told["filters"]), found.filters, rtol=1e-3)


@pytest.mark.parametrize(
    ("query", "alteration"),
    [
        ("", Alteration()),
        ("?turn=180&sheet=0,0,280,280", Alteration(turn=180, sheet=(0, 0, 280, 280))),
        ("?pen=0.5&centre=1&fit=true", Alteration(pen=0.5)),
        (
            "?right=-3&down=2.5&fit=0&centre=false&sheet=-10,-20.5,300,300",
            Alteration(-3, 2.5, fit=False, centre=False, sheet=(-10, -20.5, 300, 300)),
        ),
    ],
)
def test_what_if(
    client: FlaskClient,
    classifier: HandwrittenDigitsClassifier,
    query: str,
    alteration: Alteration,
) -> None:
    answer = explain(client, f"what-if{query}", draw(6))
    assert list(answer) == ["digit", "probabilities", "image"]
    expected = classifier.explain(draw(6)).alter(alteration)
    assert tuple(answer["probabilities"]) == expected.probabilities


def test_least_changes(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    sheet = (-20, -20, 320, 320)
    answer = explain(client, "least-changes?sheet=-20,-20,320,320", draw(7))
    expected = classifier.explain(draw(7)).least_changes(sheet)
    assert len(expected) > 1
    for told, change in zip(answer["changes"], expected, strict=True):
        assert list(told) == ["kind", "alteration", "digit", "probabilities", "image"]
        assert told["kind"] == change.kind
        assert told["digit"] == change.reading.digit
        assert Alteration(**told["alteration"], sheet=sheet) == change.alteration


def test_weights(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    answer = client.get("/explain/weights").json
    assert answer["sha256"] == classifier.network.sha256
    assert [layer["name"] for layer in answer["layers"]] == ["convolution_1", "convolution_2"]
    for told, layer in zip(answer["layers"], classifier.weights(), strict=False):
        np.testing.assert_array_equal(decoded(told["weights"]), layer.weights)
        np.testing.assert_array_equal(decoded(told["biases"]), layer.biases)


def test_weights_are_cached(client: FlaskClient) -> None:
    response = client.get("/explain/weights")
    assert response.cache_control.no_cache
    known = {"If-None-Match": response.headers["ETag"]}
    again = client.get("/explain/weights", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    named = client.get(f"/explain/weights?sha256={response.json['sha256']}")
    assert named.cache_control.immutable
    assert named.cache_control.max_age == 365 * 24 * 60 * 60
    assert client.get("/explain/weights?sha256=another").cache_control.no_cache


@pytest.mark.parametrize("query", INVALID.split())
def test_an_invalid_parameter_is_refused(client: FlaskClient, seven: bytes, query: str) -> None:
    response = client.post(f"/explain/what-if?{query}", data=seven, headers=PNG)
    name, _, value = query.partition("=")
    received = value if name in ("turn", "pen", "right", "fit", "sheet", "digit") else name
    assert re.fullmatch(f"Expected .*, received {received!r}.", refusal(response, 400))


@pytest.mark.parametrize("question", EXPLANATIONS)
def test_a_picture_without_the_digit_is_refused(
    client: FlaskClient, seven: bytes, question: str
) -> None:
    for body, status in ((seven, 422), (as_png(Image.new("L", (50, 50))), 422), (b"x", 400)):
        response = client.post(f"/explain/{question}?digit=1", data=body, headers=PNG)
        assert "received" in refusal(response, status)


def test_a_model_without_snapshots_cannot_show_them(
    seven: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(ROOT / "models" / "mnist-cnn.tflite")
    client = create_app(Settings(), classifier).test_client()
    refusal(client.post("/explain/snapshots", data=seven, headers=PNG), 404)
    assert "snapshots" in caplog.text
    assert client.post("/explain/layers", data=seven, headers=PNG).status_code == 200
