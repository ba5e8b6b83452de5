from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient

from classifier import HandwrittenDigitsClassifier
from tests.flask.conftest import MakeClient
from tests.handwriting import as_png, draw_number

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/", "/model", "/api"])
def test_a_page_is_complete_and_loads_nothing_from_elsewhere(
    client: FlaskClient, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 200
    page = response.text
    links = re.findall(r'(?:src|srcset|href|action)="([^"]*)"', page)
    assert {"/", "/model", "/api"} < set(links)
    for address in links:
        if address.startswith("#"):
            assert f'id="{address[1:]}"' in page
        else:
            assert address.startswith("/"), address
            assert client.get(address).status_code == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize(
    ("lines", "digits"), [(["7"], []), (["41", "7"], ["4", "1", "7"])], ids=["digit", "number"]
)
def test_an_upload_is_answered_with_a_page(
    client: FlaskClient, lines: list[str], digits: list[str]
) -> None:
    upload = {"image": (io.BytesIO(as_png(draw_number(*lines))), "number.png")}
    page = client.post("/", data=upload, headers=BROWSER).text
    text = "\n".join(lines)
    assert f'<p class="verdict-text" id="verdict-text" data-room="3">{text}</p>' in page
    assert re.findall(r'<b>(\d)</b><span class="percent">', page) == digits
    assert 'src="data:image/png;base64,' in page


@pytest.mark.parametrize(
    ("body", "status"), [(b"x", 400), (b"GIF89a", 415), (b"x" * 30_000, 413), (b"", 400)]
)
def test_a_bad_upload_is_answered_with_a_page(
    client: FlaskClient, body: bytes, status: int
) -> None:
    response = client.post("/", data={"image": (io.BytesIO(body), "x.png")}, headers=BROWSER)
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert "Expected" in response.text
    assert 'href="/"' in response.text


def test_the_model_card_shows_the_report(
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


def model_card(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, report: object) -> str:
    monkeypatch.setattr(HandwrittenDigitsClassifier, "report", report)
    response = make_client().get("/model")
    assert response.status_code == 200
    return response.text


def test_the_model_card_shows_other_models(
    make_client: MakeClient,
    classifier: HandwrittenDigitsClassifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left_out = ("strokes", "comparison", "sure", "one_look_is_sure")
    report = {
        name: each for name, each in (classifier.report or {}).items() if name not in left_out
    }
    changed = {"epochs": 2, "filters": [8, 8], "augmentation": None}
    other = {**report, "runs": [], "parameters": {**report["parameters"], **changed}}
    command = "<code>python train.py --filters 8 8 --epochs 2 --no-augmentation --seed 0</code>"
    assert command in model_card(make_client, monkeypatch, other)
    training = {"history": {}, "temperature": None, "cores": 4}
    unknown = {**report, "runs": [], "parameters": None, "training": training}
    assert "python train.py" not in model_card(make_client, monkeypatch, unknown)


def test_without_a_report_of_this_version_the_model_card_says_so(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for report in (None, {"accuracy": {}}, {"measured": None}):
        assert "No report" in model_card(make_client, monkeypatch, report)
