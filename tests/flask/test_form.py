"""A form is taken apart in no time, in memory, and only where it is one."""

from __future__ import annotations

import io
import tempfile
import time

import form
import pytest
from app import create_app
from flask.testing import FlaskClient
from settings import Settings
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from classifier import HandwrittenDigitsClassifier

SIZE = 10 * 1024 * 1024 - 100  # bytes of a body: as many as are let in
SECONDS = 0.5  # Werkzeug takes 3 to 6 of them for what is tried here
IMAGE = b'Content-Disposition: form-data; name="image"; filename="a.png"'


def part(head: bytes, content: bytes = b"") -> bytes:
    return b"--x\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def test_fields_are_found_by_their_names() -> None:
    typed = IMAGE + b"\r\nContent-Type: image/png"
    other = b"content-disposition:form-data; filename=\"; name=image\"; name*=utf-8''d%C3%A9j%C3%A0"
    body = part(typed, b"\x89PNG\r\n--\r\n--y") + part(other, b"\r\n") + part(IMAGE, b"again")
    expected = {"image": b"\x89PNG\r\n--\r\n--y", "déjà": b"\r\n"}
    assert form.read(body + b"--x--\r\n", "x") == expected
    assert form.read(b"\r\n" + body + b"--x--", "x") == expected
    assert form.read(b"--x--", "x") == {}


@pytest.mark.parametrize(
    ("body", "boundary", "detail"),
    [
        (b"", "x", "another beginning"),
        (b"a preamble\r\n" + part(IMAGE) + b"--x--", "x", "another beginning"),
        (part(IMAGE) + b"--x--", "y", "another beginning"),
        (part(IMAGE) + b"--x--", "", "another beginning"),
        (part(IMAGE) + b"--x--", "\u2603", "another beginning"),
        (part(IMAGE), "x", "another end"),
        (part(IMAGE) + b"--x\r\nContent-Type: text/plain\r\n--x--", "x", "without a head"),
        (b"--x\n" + IMAGE + b"\n\ncontent\n--x--\n", "x", "without a head"),
        (part(IMAGE + b"; " + b"a" * form.MAX_HEADS) + b"--x--", "x", "at most 16,384 bytes"),
        (part(IMAGE + b"; " + b"a" * 4000) * 5 + b"--x--", "x", "at most 16,384 bytes"),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, boundary: str, detail: str) -> None:
    with pytest.raises(BadRequest) as caught:
        form.read(body, boundary)
    assert detail in str(caught.value.description)


def test_so_many_fields_and_no_more() -> None:
    assert form.read(part(IMAGE) * form.MAX_FIELDS + b"--x--", "x") == {"image": b""}
    with pytest.raises(RequestEntityTooLarge):
        form.read(part(IMAGE) * (form.MAX_FIELDS + 1) + b"--x--", "x")


@pytest.mark.parametrize(
    "flood",
    [
        part(b"Content-Disposition: form-data" + b"; a=b" * (SIZE // 5)),
        part(IMAGE[:-1] + b"a" * SIZE + b'"'),
        part(b"A: b\r\n" * (SIZE // 6)),
        b"\r\n" * (SIZE // 2),
        b"--x\r\n" * (SIZE // 5),
        part(IMAGE, b"\r\n--" * (SIZE // 4)),
        part(IMAGE, b"\r\n--y" * (SIZE // 5)),
        part(IMAGE, b"\r" * SIZE),
        part(IMAGE + b"; a=b" * 780) * 2500,
        part(IMAGE, b"x\n--x\n" + IMAGE + b"; a=b" * (SIZE // 5)),
        part(IMAGE, b"--x--\r\n--x\r\n" + IMAGE + b"; a=b" * (SIZE // 5)),
    ],
    ids=range(11),
)
def test_no_form_takes_long(classifier: HandwrittenDigitsClassifier, flood: bytes) -> None:
    client = create_app(Settings(), classifier).test_client()
    start = time.process_time()
    answer = client.post(
        "/predict", data=flood + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
    )
    assert time.process_time() - start < SECONDS
    assert answer.status_code in (400, 413)
    assert len(answer.data) < 1000


def test_the_names_of_fields_are_told_in_short(client: FlaskClient) -> None:
    named = b'Content-Disposition: form-data; name="' + b"a" * 3000 + b'"'
    answer = client.post(
        "/predict",
        data=part(named, b"") + b"--x--",
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["detail"].endswith(f"received fields: {'a' * 200}.")


@pytest.mark.parametrize("after", [b"", b"PK\x03\x04 and the rest of a ZIP"])
def test_nothing_is_written_to_the_disk(
    classifier: HandwrittenDigitsClassifier,
    seven: bytes,
    monkeypatch: pytest.MonkeyPatch,
    after: bytes,
) -> None:
    def fail(*arguments: object, **more: object) -> None:
        raise OSError("No space left on device")

    for name in ("TemporaryFile", "NamedTemporaryFile", "mkstemp", "_mkstemp_inner", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, fail)
    client = create_app(Settings(), classifier).test_client()
    picture = (seven + after).ljust(1_500_000, b"\0")
    body = part(IMAGE, picture) + b"--x--\r\n"
    answer = client.post("/predict", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["text"] == "7"
    assert (
        client.post("/predict", data=io.BytesIO(picture), content_type="image/png").status_code
        == 200
    )
