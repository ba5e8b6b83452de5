"""The pages: complete, and true to the model's report and to the API."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from classifier import HandwrittenDigitsClassifier
from tests.flask.conftest import MakeClient


@pytest.mark.parametrize("path", ["/", "/model", "/api"])
def test_a_page_is_complete_and_self_contained(client: FlaskClient, path: str) -> None:
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


def test_the_model_card_shows_the_report(
    client: FlaskClient, classifier: HandwrittenDigitsClassifier
) -> None:
    page = client.get("/model").text
    report = classifier.report
    assert report is not None
    shares = [
        report["measured"]["test"]["accuracy"],
        *report["measured"]["test"]["interval"],
        report["strokes"]["top_1"]["accuracy"],
        report["strokes"]["others"]["share_unsure"],
        *(row["strokes"]["accuracy"] for row in report["comparison"]),
    ]
    for share in shares:
        assert f"{share:.2%}".replace("%", "\u00a0%") in page
    assert "113,386" in page
    assert f"<code>python train.py --seed {report['parameters']['seed']}</code>" in page
    assert page.count("<picture>") == 7


def test_without_a_report_of_this_version_the_model_card_says_so(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for report in (None, {"accuracy": {}}, {"measured": None}):
        monkeypatch.setattr(HandwrittenDigitsClassifier, "report", report)
        assert "No report" in make_client().get("/model").text
