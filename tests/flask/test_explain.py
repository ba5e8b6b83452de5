"""How an answer came about, over HTTP."""

from __future__ import annotations

import base64
import contextlib
import io
from typing import Any

import explain
import numpy as np
import pytest
from app import create_app
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image
from settings import ROOT, Settings

from classifier import Alteration, HandwrittenDigitsClassifier
from tests.flask.test_api import refused
from tests.handwriting import as_png, draw, draw_number

PNG = {"Content-Type": "image/png"}
EXPLANATIONS = ["layers", "heat-map", "snapshots", "what-if", "least-changes"]


def ask(client: FlaskClient, question: str, picture: Image.Image) -> Any:
    response = client.post(f"/explain/{question}", data=as_png(picture), headers=PNG)
    assert response.status_code == 200
    return response.json


def decoded(tensor: dict[str, Any]) -> NDArray[Any]:
    assert list(tensor) == ["dtype", "shape", "data"]
    flat = np.frombuffer(base64.b64decode(tensor["data"]), np.dtype(tensor["dtype"]))
    return flat.reshape(tensor["shape"])


def shown(address: str) -> tuple[int, int]:
    kind, _, content = address.partition(",")
    assert kind == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(content))).size


def test_layers(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    answer = ask(client, "layers?digit=1", draw_number("41", height=300, gap=60, pen=20))
    assert list(answer) == ["digit", "probabilities", "is_digit", "box", "preparation", "layers"]
    maps = classifier.feature_maps(draw_number("41", height=300, gap=60, pen=20), 1)
    assert answer["digit"] == 1
    assert tuple(answer["probabilities"]) == maps.reading.probabilities
    assert answer["is_digit"] == maps.is_digit
    assert tuple(answer["box"]) == maps.reading.box
    steps = answer["preparation"]
    assert list(steps) == ["ink", "fitted", "centre_of_mass", "offset", "image"]
    assert 80 < max(decoded(steps["ink"]).shape) <= 100
    assert tuple(steps["centre_of_mass"]) == maps.preparation.centre_of_mass
    assert tuple(steps["offset"]) == maps.preparation.offset
    np.testing.assert_allclose(decoded(steps["fitted"]), maps.preparation.fitted, atol=1e-3)
    np.testing.assert_allclose(decoded(steps["image"]), maps.reading.image, atol=1e-3)
    for told, layer in zip(answer["layers"], maps.layers, strict=True):
        assert (told["name"], told["kind"]) == (layer.name, layer.kind)
        assert told["activations"]["dtype"] == "float16"
        np.testing.assert_allclose(
            decoded(told["activations"]), layer.activations, rtol=1e-3, atol=1e-6
        )


def test_heat_map(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    answer = ask(client, "heat-map", draw(7))
    assert list(answer) == ["digit", "probabilities", "heat"]
    found = classifier.heat_map(draw(7))
    assert answer["digit"] == 7
    assert tuple(answer["probabilities"]) == found.reading.probabilities
    np.testing.assert_allclose(decoded(answer["heat"]), found.heat, rtol=1e-3, atol=1e-5)


def test_snapshots(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    answer = ask(client, "snapshots", draw(7))
    for told, found in zip(answer["snapshots"], classifier.snapshots(draw(7)), strict=True):
        assert list(told) == ["step", "epoch", "accuracy", "digit", "probabilities", "filters"]
        assert tuple(told["probabilities"]) == found.probabilities
        assert (told["step"], told["accuracy"]) == (found.step, found.accuracy)
        np.testing.assert_allclose(decoded(told["filters"]), found.filters, rtol=1e-3)


@pytest.mark.parametrize(
    ("query", "alteration"),
    [
        ("", Alteration()),
        ("?turn=180&sheet=0,0,280,280", Alteration(turn=180, sheet=(0, 0, 280, 280))),
        ("?pen=0.5&centre=1&fit=1", Alteration(pen=0.5)),
        (
            "?right=-3&down=2.5&fit=0&centre=0&sheet=-10,-20.5,300,300",
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
    answer = ask(client, f"what-if{query}", draw(6))
    assert list(answer) == ["digit", "probabilities", "image"]
    reading = classifier.alter(draw(6), alteration)
    assert tuple(answer["probabilities"]) == reading.probabilities
    assert shown(answer["image"]) == (28, 28)


def test_least_changes(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    answer = ask(client, "least-changes?sheet=-20,-20,320,320", draw(7))
    found = classifier.least_changes(draw(7), sheet=(-20, -20, 320, 320))
    assert len(found) > 1
    for told, change in zip(answer["changes"], found, strict=True):
        assert list(told) == ["kind", "alteration", "digit", "probabilities", "image"]
        assert told["kind"] == change.kind
        assert told["digit"] == change.reading.digit
        assert Alteration(**told["alteration"], sheet=(-20, -20, 320, 320)) == change.alteration
        assert shown(told["image"]) == (28, 28)


def test_weights(client: FlaskClient, classifier: HandwrittenDigitsClassifier) -> None:
    response = client.get("/explain/weights")
    answer = response.json
    assert answer["sha256"] == classifier.network.sha256
    assert [layer["name"] for layer in answer["layers"]] == ["convolution_1", "convolution_2"]
    for told, layer in zip(answer["layers"], classifier.weights(), strict=False):
        np.testing.assert_array_equal(decoded(told["weights"]), layer.weights)
        np.testing.assert_array_equal(decoded(told["biases"]), layer.biases)


def test_weights_are_fetched_once(client: FlaskClient) -> None:
    response = client.get("/explain/weights")
    assert response.cache_control.no_cache
    etag = response.headers["ETag"]
    again = client.get("/explain/weights", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    named = client.get(f"/explain/weights?sha256={response.json['sha256']}")
    assert named.cache_control.immutable
    assert named.cache_control.max_age == 365 * 24 * 60 * 60
    assert client.get("/explain/weights?sha256=another").cache_control.no_cache


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("turn=x", "Expected turn to be a number from -180 to 180, received 'x'."),
        ("turn=nan", "Expected turn to be a number from -180 to 180, received 'nan'."),
        ("turn=-inf", "received '-inf'."),
        ("turn=1e400", "received '1e400'."),
        ("turn=180.5", "received '180.5'."),
        ("turn=1_0", "received '1_0'."),
        ("turn=%2B1", "received '+1'."),
        ("turn=%201", "received ' 1'."),
        ("turn=٣", "received '٣'."),
        ("turn=", "received ''."),
        ("right=15", "Expected right to be a number from -14 to 14, received '15'."),
        ("down=-15", "Expected down to be a number from -14 to 14, received '-15'."),
        ("pen=0", "Expected pen to be a number from 0.25 to 4, received '0'."),
        ("fit=2", "Expected fit to be true or false, received '2'."),
        ("centre=", "Expected centre to be true or false, received ''."),
        ("sheet=0,0,0,100", "at least 1 wide and high"),
        ("sheet=0,0,100,nan", "Expected sheet to be left, top, width and height in pixels"),
        ("sheet=0,0,inf,100", "received '0,0,inf,100'."),
        ("sheet=1,2,3", "received '1,2,3'."),
        ("sheet=a,b,c,d", "received 'a,b,c,d'."),
        ("sheet=", "received ''."),
        ("digit=-1", "Expected digit to be a whole number from 0 to 19, received '-1'."),
        ("digit=20", "received '20'."),
        ("digit=٣", "received '٣'."),
        ("digit=", "received ''."),
        ("digit=1.5", "received '1.5'."),
        ("digit=x", "received 'x'."),
        ("digit=" + 5000 * "9", "Expected digit to be a whole number"),
        ("digit=0&digit=1", "Expected digit once, received it 2 times."),
        ("trun=90", "Expected no parameters but digit, right, down, turn, pen, fit, centre, sheet"),
    ],
)
def test_a_senseless_parameter_is_refused(
    client: FlaskClient, seven: bytes, query: str, detail: str
) -> None:
    response = client.post(f"/explain/what-if?{query}", data=seven, headers=PNG)
    assert detail in refused(response, 400)


@pytest.mark.parametrize("question", EXPLANATIONS)
@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (as_png(draw(7)), 422, "Expected digit to be below 1, received 1."),
        (as_png(Image.new("L", (50, 50))), 422, "received one that is blank"),
        (b"", 411, "Expected a Content-Length or chunks, received neither."),
        (as_png(draw(3))[:300], 400, "received a broken one"),
        (b"\xff\xd8\xff\xe0 a jpeg", 415, "received JPEG"),
        (as_png(Image.new("1", (5000, 5000))), 413, "at most 20,000,000 pixels"),
        (b"x" * 30_000, 413, "at most 20,000 bytes"),
    ],
    ids=["no such digit", "blank", "no length", "broken", "JPEG", "many pixels", "many bytes"],
)
def test_a_picture_that_cannot_be_explained_is_refused(
    client: FlaskClient, question: str, body: bytes, status: int, detail: str
) -> None:
    response = client.post(f"/explain/{question}?digit=1", data=body, headers=PNG)
    assert detail in refused(response, status)


@pytest.mark.parametrize("question", EXPLANATIONS)
def test_another_content_type_or_method_is_refused(client: FlaskClient, question: str) -> None:
    response = client.post(f"/explain/{question}", data=b"x", content_type="text/plain")
    assert "received text/plain" in refused(response, 415)
    refused(client.get(f"/explain/{question}"), 405)


def test_a_model_without_snapshots_has_none_to_show(
    seven: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(ROOT / "models" / "mnist-cnn.tflite")
    client = create_app(Settings(), classifier).test_client()
    response = client.post("/explain/snapshots", data=seven, headers=PNG)
    assert "cannot show this" in refused(response, 404)
    assert "Expected a model with snapshots of its training" in caplog.text
    assert client.post("/explain/layers", data=seven, headers=PNG).status_code == 200


def test_long_pauses_make_up_for_the_next_ones(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the others take half a second each time, 100 questions do not wait 50 seconds."""
    clock, waits = [0.0], []

    def idle() -> None:
        waits.append(clock[0])
        clock[0] += 0.5

    monkeypatch.setitem(client.application.extensions, "worker", "gunicorn's")
    monkeypatch.setattr(explain.gevent, "Timeout", lambda *_: contextlib.nullcontext())
    monkeypatch.setattr(explain.gevent, "idle", idle)
    monkeypatch.setattr(explain.time, "monotonic", lambda: clock[0])
    with client.application.app_context():
        pause = explain._pauses()
    for _ in range(100):
        pause()
    assert len(waits) < 10
