"""What programs send and get: a picture in a body, in JSON or in a form, and its answer."""

from __future__ import annotations

import base64
import io
import json
import tempfile
import time

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.flask.conftest import MakeClient, refusal
from tests.handwriting import as_png, draw_number

PNG = {"Content-Type": "image/png"}


def test_an_answer_keeps_its_shape(client: FlaskClient, seven: bytes) -> None:
    response = client.post("/predict", data=seven, headers=PNG)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    answer = response.json
    assert list(answer) == ["verdict", "text", "reason", "digits", "model", "elapsed_ms"]
    assert (answer["verdict"], answer["text"], answer["reason"]) == ("digit", "7", None)
    (digit,) = answer["digits"]
    assert list(digit) == ["digit", "confidence", "probabilities", "box", "image"]
    assert digit["digit"] == 7
    assert digit["confidence"] == digit["probabilities"][7] > 0.9
    assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert digit["box"] == pytest.approx([60, 24, 220, 262], abs=2)
    kind, _, content = digit["image"].partition(",")
    assert kind == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(content))).size == (28, 28)
    assert answer["model"]["name"] == "mnist-cnn"
    assert len(answer["model"]["sha256"]) == 64
    assert 0 < answer["elapsed_ms"] < 1000


def test_a_number_has_its_digits_line_by_line(client: FlaskClient) -> None:
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
