"""The pages: complete, and true to the model's report and to the API."""

from __future__ import annotations

import html
import re
import shlex
import subprocess
import threading
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

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


def test_the_commands_on_the_page_of_the_api_work(make_client: MakeClient, tmp_path: Path) -> None:
    server = make_server("127.0.0.1", 0, make_client(max_bytes=20_000).application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/api"
        page = subprocess.run(["curl", "-s", address], capture_output=True, text=True).stdout
        assert "20,000 bytes" in page
        commands = re.findall(r"<code>(curl .*?)</code>", page, re.DOTALL)
        assert len(commands) == 14
        for command in commands:
            words = [*shlex.split(html.unescape(command)), "--silent", "--fail"]
            assert subprocess.run(words, cwd=tmp_path).returncode == 0, command
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (tmp_path / "seven.png").read_bytes().startswith(b"\x89PNG")
