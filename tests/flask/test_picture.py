"""A picture is found in a body, a form or JSON; everything else is refused."""

from __future__ import annotations

import base64
import io
import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from classifier import HandwrittenDigitsClassifier
from tests.flask.conftest import MakeClient, refusal
from tests.handwriting import as_png, draw

PNG = {"Content-Type": "image/png"}
FORM = "multipart/form-data; boundary=x"
IMAGE = b'Content-Disposition: form-data; name="image"; filename="a.png"'
DATA_URL = "data:image/png;base64,"
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
SIZE = 10 * 1024 * 1024 - 100  # bytes, just below the limit


def data_url(picture: bytes) -> str:
    return DATA_URL + base64.b64encode(picture).decode()


def part(head: bytes, content: bytes = b"") -> bytes:
    return b"--x\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def length(body: bytes | str) -> dict[str, str]:
    """Declare the length of an empty body, too, as a server does."""
    return {"CONTENT_LENGTH": str(len(body))}


@pytest.mark.parametrize("body", [{"image": "{}"}, {"id": 1, "data": "{}", "note": "", "size": []}])
def test_a_data_url_in_json_is_read(client: FlaskClient, seven: bytes, body: object) -> None:
    text = json.dumps(body).replace("{}", data_url(seven))
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
    kind = "application/json"
    response = client.post("/predict", data=body, content_type=kind, environ_overrides=length(body))
    assert DATA_URL in refusal(response, 400)


def test_a_file_that_is_not_a_png_is_refused(client: FlaskClient) -> None:
    refusal(client.post("/predict", data={"image": (io.BytesIO(b"GIF89a"), "x.png")}), 415)
    refusal(client.post("/predict", json={"image": data_url(b"GIF89a")}), 415)


@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize("kind", ["image/png", FORM, "application/json"])
def test_a_body_over_the_limit_is_refused(client: FlaskClient, kind: str, is_chunked: bool) -> None:
    body = bytes(20_001)
    response = client.post(
        "/predict",
        input_stream=io.BytesIO(body),
        content_type=kind,
        environ_overrides=CHUNKED if is_chunked else length(body),
    )
    assert "20,000 bytes" in refusal(response, 413)


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


def test_large_pictures_are_read_one_at_a_time(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = as_png(draw(7, side=1200))
    read, running, most = HandwrittenDigitsClassifier.predict, [0], [0]

    def predict(*args: Any, **kwargs: Any) -> Any:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.02)
        running[0] -= 1
        return read(*args, **kwargs)

    monkeypatch.setattr(HandwrittenDigitsClassifier, "predict", predict)
    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(
            lambda _: client.application.test_client().post("/predict", data=large, headers=PNG),
            range(8),
        )
        assert {answer.json["text"] for answer in answers} == {"7"}
    assert most == [1]
