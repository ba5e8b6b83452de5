from __future__ import annotations

import io
import re

import pytest
from app import create_app
from flask.testing import FlaskClient
from settings import ROOT, Settings

from classifier import HandwrittenDigitsClassifier
from tests.handwriting import as_png, draw_number

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/", "/model", "/api"])
def test_a_page_is_whole_and_loads_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    page = response.text
    for address in re.findall(r'(?:src|srcset|href|action)="([^"]*)"', page):
        if address.startswith("#"):
            assert f'id="{address[1:]}"' in page
            continue
        assert address.startswith("/"), address
        if address.startswith(("/static/", "/model/")):
            with client.get(address) as file:
                assert file.status_code == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


def test_an_upload_is_answered_with_a_page(client: FlaskClient, seven: bytes) -> None:
    response = client.post("/", data={"image": (io.BytesIO(seven), "7.png")}, headers=BROWSER)
    assert response.status_code == 200
    assert '<p class="verdict-text" id="verdict-text" data-room="3">7</p>' in response.text
    assert re.search(r'id="verdict-note">(&gt;\xa0)?\d\d\xa0% sure<', response.text)
    assert 'src="data:image/png;base64,' in response.text
    assert len(re.findall(r"<progress", response.text)) == 10


def test_an_uploaded_number_is_answered_digit_by_digit(client: FlaskClient) -> None:
    upload = {"image": (io.BytesIO(as_png(draw_number("41", "7"))), "number.png")}
    page = client.post("/", data=upload, headers=BROWSER).text
    assert re.search(r'id="verdict-text" data-room="3">41\n7</p>', page)
    assert re.search(
        r'id="verdict-note">(&gt;\xa0)?\d\d\xa0% sure of the least certain digit<', page
    )
    assert re.findall(r'<b>(\d)</b><span class="percent">', page) == ["4", "1", "7"]
    assert page.count('aria-current="true"') == 1
    assert len(re.findall(r"<progress", page)) == 10


@pytest.mark.parametrize(("body", "status"), [(b"x", 400), (b"GIF89a", 415), (b"x" * 30_000, 413)])
def test_a_bad_upload_is_answered_with_a_page(
    client: FlaskClient, body: bytes, status: int
) -> None:
    response = client.post("/", data={"image": (io.BytesIO(body), "x.png")}, headers=BROWSER)
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert "Expected" in response.text
    assert 'href="/"' in response.text


def test_a_wrong_address_is_a_page_for_people(client: FlaskClient) -> None:
    response = client.get("/nowhere", headers=BROWSER)
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "<title>Not Found</title>" in response.text
    assert "Nothing is drawn here" in response.text
    assert "There is nothing at /nowhere." in response.text


def test_a_mistake_of_ours_has_a_name_to_quote(
    classifier: HandwrittenDigitsClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(Settings(), classifier).test_client()
    monkeypatch.setattr(classifier, "answer", lambda *_, **__: 1 / 0)
    upload = {"image": (io.BytesIO(b"x"), "x.png")}
    response = client.post("/", data=upload, headers=BROWSER)
    assert response.status_code == 500
    assert f"request <code>{response.headers['X-Request-ID']}</code>" in response.text
    assert "ZeroDivisionError" not in response.text


def test_the_model_card_tells_what_the_report_does(
    client: FlaskClient, classifier: HandwrittenDigitsClassifier
) -> None:
    page = client.get("/model").text
    report = classifier.report
    assert report is not None
    shares = [
        *(report["measured"][part]["accuracy"] for part in ("test", "validation", "synthetic")),
        *report["measured"]["test"]["interval"],
        report["measured"]["test"]["calibration"]["error"],
        report["strokes"]["top_1"]["accuracy"],
        report["strokes"]["others"]["share_unsure"],
        *(row["strokes"]["accuracy"] for row in report["comparison"]),
        *(run["test"]["accuracy"] for run in report["runs"]),
    ]
    for share in shares:
        assert f"{share:.2%}".replace("%", "\u00a0%") in page
    assert "113,386" in page
    assert f"<code>python train.py --seed {report['parameters']['seed']}</code>" in page
    assert page.count("<picture>") == 7


def test_without_a_report_the_model_card_says_so(seven: bytes) -> None:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(ROOT / "models" / "mnist-cnn.tflite")
    page = create_app(Settings(), classifier).test_client().get("/model")
    assert page.status_code == 200
    assert "No report came with this model" in page.text


def test_the_model_card_tells_what_it_knows_of_another_model(
    classifier: HandwrittenDigitsClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page(**changed: object) -> str:
        report = {**(classifier.report or {}), **changed}
        for name in ("strokes", "comparison"):
            del report[name]
        with monkeypatch.context() as patch:
            patch.setattr(classifier, "_report", report)
            response = create_app(Settings(), classifier).test_client().get("/model")
        assert response.status_code == 200
        return response.text

    assert classifier.report is not None
    other = {
        **classifier.report["parameters"],
        "epochs": 2,
        "filters": [8, 8],
        "augmentation": None,
    }
    text = page(parameters=other, runs=[])
    assert (
        "<code>python train.py --filters 8 8 --epochs 2 --no-augmentation --seed 0</code>" in text
    )
    assert "turned, bent" not in text
    history = {"history": {}, "temperature": None, "cores": 4}
    assert "python train.py" not in page(parameters=None, runs=[], training=history)


@pytest.mark.parametrize("report", [{"accuracy": {}}, {"measured": {}}, {"measured": None}])
def test_a_report_of_an_older_kind_is_none(
    classifier: HandwrittenDigitsClassifier,
    monkeypatch: pytest.MonkeyPatch,
    report: dict[str, object],
) -> None:
    monkeypatch.setattr(classifier, "_report", report)
    page = create_app(Settings(), classifier).test_client().get("/model")
    assert "No report came with this model" in page.text


def test_a_report_that_knows_of_no_first_look_is_shown_without(
    classifier: HandwrittenDigitsClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = classifier.report or {}
    older = {name: told for name, told in whole.items() if name not in ("sure", "one_look_is_sure")}
    monkeypatch.setattr(classifier, "_report", older)
    page = create_app(Settings(), classifier).test_client().get("/model")
    assert page.status_code == 200
    assert "A first look" not in page.text


def test_the_pages_lead_to_each_other(client: FlaskClient) -> None:
    for path in ("/", "/model", "/api"):
        page = client.get(path).text
        assert 'href="/"' in page
        assert 'href="/model"' in page
        assert 'href="/api"' in page
        assert re.search(rf'<a href="{path}" aria-current="page">', page)
