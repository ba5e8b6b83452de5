from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.handwriting import as_png, draw, draw_number

PNG = {"Content-Type": "image/png"}


def test_the_answer_has_the_shape_of_the_contract(client: FlaskClient, seven: bytes) -> None:
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
    assert len(digit["probabilities"]) == 10
    assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-5)
    left, top, right, bottom = digit["box"]
    assert (left, top, right, bottom) == pytest.approx((60, 24, 220, 262), abs=2)
    kind, _, content = digit["image"].partition(",")
    assert kind == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(content))).size == (28, 28)
    assert answer["model"]["name"] == "mnist-cnn"
    assert len(answer["model"]["sha256"]) == 64
    assert 0 < answer["elapsed_ms"] < 1000


def test_a_number_has_its_digits_line_by_line(client: FlaskClient) -> None:
    answer = client.post("/predict", data=as_png(draw_number("41", "7")), headers=PNG).json
    assert (answer["verdict"], answer["text"], answer["reason"]) == ("number", "41\n7", None)
    assert [each["digit"] for each in answer["digits"]] == [4, 1, 7]
    corners = [(each["box"][0] // 80, each["box"][1] // 80) for each in answer["digits"]]
    assert corners == [(0, 0), (1, 0), (0, 1)]


def test_a_form_field_is_read_like_a_body(client: FlaskClient, seven: bytes) -> None:
    upload = {"image": (io.BytesIO(seven), "../../etc/passwd")}
    response = client.post("/predict", data=upload)
    assert response.status_code == 200
    assert response.json["text"] == "7"


@pytest.mark.parametrize(
    "picture",
    [Image.new("L", (280, 280), 255), Image.new("RGBA", (50, 50)), Image.new("1", (1, 1))],
)
def test_a_blank_canvas_is_blank(client: FlaskClient, picture: Image.Image) -> None:
    answer = client.post("/predict", data=as_png(picture), headers=PNG).json
    assert (answer["verdict"], answer["text"], answer["digits"]) == ("blank", None, [])
    assert answer["reason"] == "There is no ink here that I can find."


def refused(response: Any, status: int) -> str:
    """Checks the shape of a refusal (RFC 9457) and returns its detail."""
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    problem = response.json
    assert list(problem) == ["type", "title", "status", "detail", "request_id"]
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["X-Request-ID"]
    return str(problem["detail"])


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"x", 400, "received 1 bytes of something else"),
        (b"\x89PNG\r\n\x1a\n", 400, "a broken one: it does not begin with a header"),
        (b"<svg></svg>", 415, "received SVG, HTML or XML"),
        (b"\xff\xd8\xff\xe0 a jpeg", 415, "received JPEG"),
        (b"GIF89a", 415, "received GIF"),
        (as_png(draw(3))[:300], 400, "received a broken one"),
    ],
)
def test_a_body_that_is_no_png_is_refused(
    client: FlaskClient, body: bytes, status: int, detail: str
) -> None:
    assert detail in refused(client.post("/predict", data=body, headers=PNG), status)


def test_an_empty_body_is_none_of_unknown_length(client: FlaskClient) -> None:
    empty = {"CONTENT_LENGTH": "0"}
    detail = refused(client.post("/predict", headers=PNG, environ_overrides=empty), 400)
    assert detail == "Expected a PNG picture, received nothing."
    detail = refused(client.post("/predict", headers=PNG), 411)
    assert detail == "Expected a Content-Length or chunks, received neither."


def test_a_body_that_breaks_off_is_refused(client: FlaskClient, seven: bytes) -> None:
    as_gunicorn = {"CONTENT_LENGTH": str(len(seven) + 1), "wsgi.input_terminated": True}
    response = client.post("/predict", data=seven, headers=PNG, environ_overrides=as_gunicorn)
    detail = refused(response, 400)
    assert detail == f"Expected a body of {len(seven) + 1:,} bytes, received {len(seven):,}."


@pytest.mark.parametrize("kind", ["image/jpeg", "text/html", "application/json", None])
def test_another_content_type_is_refused(
    client: FlaskClient, seven: bytes, kind: str | None
) -> None:
    detail = refused(client.post("/predict", data=seven, content_type=kind), 415)
    assert f"received {kind or 'none'}" in detail


def test_a_form_without_the_picture_is_refused(client: FlaskClient) -> None:
    upload = {"picture": (io.BytesIO(b"x"), "x.png"), "name": "x"}
    detail = refused(client.post("/predict", data=upload), 400)
    assert detail == "Expected a file in the field 'image', received fields: name, picture."


def test_a_form_without_a_boundary_is_refused(client: FlaskClient) -> None:
    response = client.post("/predict", data=b"x", content_type="multipart/form-data")
    assert "begins with the boundary" in refused(response, 400)


def test_a_form_whose_part_has_no_name_is_refused(client: FlaskClient) -> None:
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"
    response = client.post("/predict", data=body, content_type="multipart/form-data; boundary=x")
    assert "received fields: none" in refused(response, 400)


def test_a_form_of_too_many_fields_is_refused(client: FlaskClient) -> None:
    fields = {f"f{number}": "" for number in range(101)}
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n\r\n'.encode()
        for name in fields
    )
    response = client.post(
        "/predict", data=body + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
    )
    assert "at most 100 fields" in refused(response, 413)


@pytest.mark.parametrize("surplus", [1, 2, 100_000])
def test_a_body_over_the_limit_is_refused(client: FlaskClient, surplus: int) -> None:
    body = b"\x89PNG\r\n\x1a\n".ljust(20_000 + surplus, b"\0")
    detail = refused(client.post("/predict", data=body, headers=PNG), 413)
    assert "at most 20,000 bytes" in detail


def test_a_body_at_the_limit_is_read(client: FlaskClient, seven: bytes) -> None:
    body = seven.ljust(20_000, b"\0")  # what follows the end of a PNG does not count
    assert client.post("/predict", data=body, headers=PNG).json["text"] == "7"


def test_too_many_pixels_are_refused(client: FlaskClient) -> None:
    body = as_png(Image.new("1", (5000, 5000)))
    detail = refused(client.post("/predict", data=body, headers=PNG), 413)
    assert "at most 20,000,000 pixels, received 5,000 x 5,000" in detail


def test_a_wrong_method_is_refused(client: FlaskClient) -> None:
    response = client.get("/predict")
    refused(response, 405)
    assert "POST" in response.headers["Allow"]


def test_a_wrong_address_is_refused(client: FlaskClient) -> None:
    refused(client.get("/nowhere"), 404)


def test_what_we_did_not_foresee_is_a_500_that_tells_nothing(
    client: FlaskClient, seven: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("secret")

    classifier = client.application.extensions["classifier"]
    monkeypatch.setattr(classifier.network, "probabilities", fail)
    detail = refused(client.post("/predict", data=seven, headers=PNG), 500)
    assert "secret" not in detail
