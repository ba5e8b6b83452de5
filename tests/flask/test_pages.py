from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_the_page_is_whole_and_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    page = response.text
    for address in re.findall(r'(?:src|href|action)="([^"]*)"', page):
        assert address.startswith("/"), address
        if address.startswith("/static/"):
            with client.get(address) as file:
                assert file.status_code == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


def test_every_answer_forbids_what_is_inline_or_foreign(client: FlaskClient) -> None:
    for path in ("/", "/nowhere", "/health/live"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_an_upload_is_answered_with_a_page(client: FlaskClient, seven: bytes) -> None:
    response = client.post("/", data={"image": (io.BytesIO(seven), "7.png")}, headers=BROWSER)
    assert response.status_code == 200
    assert '<p class="verdict-text" id="verdict-text">7</p>' in response.text
    assert re.search(r'id="verdict-note">(&gt;\xa0)?\d\d\xa0% sure<', response.text)
    assert 'src="data:image/png;base64,' in response.text
    assert len(re.findall(r"<progress", response.text)) == 10


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
    assert "Not Found" in response.text
