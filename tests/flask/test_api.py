from __future__ import annotations

import base64
import io

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.flask.conftest import refusal
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
