"""What programs send and get: a picture in a body, in JSON or in a form; answers, explanations."""

from __future__ import annotations

import base64
import io
import json
import re
import tempfile
import time
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
from tests.flask.conftest import MakeClient, refusal
from tests.handwriting import as_png, draw_number

PNG = {"Content-Type": "image/png"}


def test_an_answer_keeps_its_shape(client: FlaskClient, seven: bytes) -> None:
    answer = client.post("/predict", data=seven, headers=PNG).json
    assert list(answer) == ["verdict", "text", "reason", "digits", "model", "elapsed_ms"]
    assert (answer["verdict"], answer["text"], answer["reason"]) == ("digit", "7", None)
    (digit,) = answer["digits"]
    assert list(digit) == ["digit", "confidence", "probabilities", "box", "image"]
    assert digit["digit"] == 7
    assert digit["confidence"] == digit["probabilities"][7] > 0.9
    assert digit["box"] == pytest.approx([60, 24, 220, 262], abs=2)
    kind, _, content = digit["image"].partition(",")
    assert kind == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(content))).size == (28, 28)

    answer = client.post("/predict", data=as_png(draw_number("41", "7")), headers=PNG).json
    assert (answer["verdict"], answer["text"], answer["reason"]) == ("number", "41\n7", None)
    assert [digit["digit"] for digit in answer["digits"]] == [4, 1, 7]
    corners = [(digit["box"][0] // 80, digit["box"][1] // 80) for digit in answer["digits"]]
    assert corners == [(0, 0), (1, 0), (0, 1)]


def test_an_unexpected_error_reveals_nothing(
    client: FlaskClient,
    seven: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(client.application.extensions["classifier"], "predict", fail)
    response = client.post("/predict", data=seven, headers=PNG)
    assert "secret" not in refusal(response, 500)
    record = next(record for record in caplog.records if record.exc_info)
    assert record.__dict__["request_id"] == response.headers["X-Request-ID"]
    assert "secret" in caplog.text
    browser = {"Accept": "text/html", "Content-Type": "image/png"}
    page = client.post("/", data=seven, headers=browser)
    assert (page.status_code, page.mimetype) == (500, "text/html")
    assert f"<code>{page.headers['X-Request-ID']}</code>" in page.text  # for people to quote
    assert "secret" not in page.text


FORM = "multipart/form-data; boundary=x"
IMAGE = b'Content-Disposition: form-data; name="image"; filename="a.png"'
DATA_URL = "data:image/png;base64,"
SIZE = 10 * 1024 * 1024 - 100  # bytes, just below the limit


def part(head: bytes, content: bytes = b"") -> bytes:
    return b"--x\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


@pytest.mark.parametrize("body", [{"image": "{}"}, {"id": 1, "data": "{}", "note": "", "size": []}])
def test_a_data_url_in_json_is_read(client: FlaskClient, seven: bytes, body: object) -> None:
    text = json.dumps(body).replace("{}", DATA_URL + base64.b64encode(seven).decode())
    response = client.post("/predict", data=text, content_type="application/json; charset=utf-8")
    assert response.json["text"] == "7"


@pytest.mark.parametrize(
    "body",
    [
        *("", "{", "[]", "null", "{}", '{"image": 7}', '{"image": "7.png"}', "[" * 9000),
        '{"a":' * 3000,
        f'{{"image": "{DATA_URL}%"}}',
        '{"image": "data:image/jpeg;base64,AAAA"}',
        f'{{"a": "{DATA_URL}AAAA", "b": "{DATA_URL}AAAA"}}',
    ],
)
def test_json_without_one_picture_is_refused(client: FlaskClient, body: str) -> None:
    length = {"CONTENT_LENGTH": str(len(body))}  # of an empty body, too, as a server does
    kind = "application/json"
    response = client.post("/predict", data=body, content_type=kind, environ_overrides=length)
    assert DATA_URL in refusal(response, 400)


@pytest.mark.parametrize(
    "flood",
    [
        part(b"Content-Disposition: form-data" + b"; a=b" * (SIZE // 5)),
        part(IMAGE[:-1] + b"a" * SIZE + b'"'),
        part(b"A: b\r\n" * (SIZE // 6)),
        b"--x\r\n" * (SIZE // 5),
        part(IMAGE, b"\r\n--y" * (SIZE // 5)),
        part(IMAGE, b"\r" * SIZE),
        part(IMAGE + b"; a=b" * 780) * 2500,
        part(IMAGE, b"x\n--x\n" + IMAGE + b"; a=b" * (SIZE // 5)),
    ],
    ids=range(8),
)
def test_no_form_takes_long(make_client: MakeClient, flood: bytes) -> None:
    client = make_client()
    start = time.process_time()
    response = client.post("/predict", data=flood + b"--x--\r\n", content_type=FORM)
    assert time.process_time() - start < 1
    assert response.status_code in (400, 413)
    assert len(response.data) < 1000


def test_uploads_stay_in_memory(
    make_client: MakeClient, seven: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TemporaryFile", "NamedTemporaryFile", "mkstemp", "_mkstemp_inner", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, None)
    body = part(IMAGE, seven.ljust(1_500_000, b"\0")) + b"--x--\r\n"
    assert make_client().post("/predict", data=body, content_type=FORM).json["text"] == "7"


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
