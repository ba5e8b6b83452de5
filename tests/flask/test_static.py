"""Static files are cached for a year, compressed, and never of the wrong version."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient
from webapp import static
from webapp.settings import ROOT

from tests.flask.conftest import MakeClient

FOR_A_YEAR = "public, max-age=31536000, immutable"
DECOMPRESS = {"br": brotli.decompress, "gzip": gzip.decompress}
ACCEPTED = {"br": "gzip, deflate, br, zstd", "gzip": "gzip, deflate"}  # with TLS, and without


def address(client: FlaskClient, name: str, folder: str = "static") -> str:
    with client.application.test_request_context():
        return client.application.url_for(folder, filename=name)


@pytest.mark.parametrize("name", ["/", "/model", "/api", "/openapi.json", "js/main.js"])
@pytest.mark.parametrize("encoding", ["", *ACCEPTED])
def test_text_is_compressed_and_sent_once(client: FlaskClient, name: str, encoding: str) -> None:
    path = name if name.startswith("/") else address(client, name)
    plain = client.get(path)
    is_page = name.startswith("/")
    assert plain.headers["Cache-Control"] == ("no-cache" if is_page else FOR_A_YEAR)
    headers = {"Accept-Encoding": ACCEPTED.get(encoding, "")}
    response = client.get(path, headers=headers)
    assert response.headers.get("Content-Encoding", "") == encoding
    assert response.headers["Vary"] == "Accept-Encoding"
    if encoding:
        assert DECOMPRESS[encoding](response.data) == plain.data
        assert len(response.data) < 0.6 * len(plain.data)
        assert response.headers["ETag"] != plain.headers["ETag"]
    known = {**headers, "If-None-Match": response.headers["ETag"]}
    again = client.get(path, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert client.head(path, headers=headers).data == b""


@pytest.mark.parametrize("known", [("static", "js/main.js"), ("plots", "confusion-dark.svg")])
def test_old_versions_are_redirected_and_the_rest_is_404(
    client: FlaskClient, known: tuple[str, str]
) -> None:
    folder, file = known
    current = address(client, file, folder)
    for name in ("nothing.js", "../app.py", "..%2f..%2fREADME.md", "js/", ""):
        response = client.get(current.removesuffix(file) + name)
        assert response.status_code == 404
        assert response.headers["Cache-Control"] == "no-store"
    response = client.get(re.sub("[0-9a-f]{12}", "0123456789ab", current))
    assert (response.status_code, response.headers["Location"]) == (302, current)
    assert response.headers["Cache-Control"] == "no-store"


def test_any_change_gives_all_files_of_a_folder_other_addresses(
    make_client: MakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "static", tmp_path / "static")
    monkeypatch.setattr(static, "ROOT", tmp_path)
    before = address(make_client(), "js/main.js")
    (tmp_path / "static" / "css" / "page.css").write_text("body {}")
    client = make_client()
    assert address(client, "js/main.js") != before
    assert client.get(address(client, "css/page.css")).text == "body {}"
