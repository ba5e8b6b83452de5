"""A picture is found in JSON, in forms of any size, and stays in memory."""

from __future__ import annotations

import base64
import json
import tempfile
import time

import pytest
from flask.testing import FlaskClient

from tests.flask.conftest import MakeClient, refusal

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
