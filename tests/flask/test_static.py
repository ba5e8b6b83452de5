"""Static files are cached for a year, compressed, and never of the wrong version."""

from __future__ import annotations

import gzip
import re
import runpy
import shutil
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from webapp import static
from webapp.settings import ROOT

from tests.flask.conftest import MakeClient

DECOMPRESS = {"br": brotli.decompress, "gzip": gzip.decompress}
ACCEPTED = {"br": "gzip, deflate, br, zstd", "gzip": "gzip, deflate"}  # with TLS, and without
KINDS = {
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "png": "image/png",
    "json": "application/json",
}


def address(client: FlaskClient, name: str) -> str:
    """Return the address of a file, as a page has it."""
    for page in ("/", "/model"):
        for found in re.findall(r'(?:src|srcset|href)="([^"]*)"', client.get(page).text):
            if found.endswith(f"/{name}"):
                return str(found)
    raise AssertionError(f"Expected {name} on a page, found none.")


@pytest.mark.parametrize("name", ["main.js", "base.css", "icon.svg", "confusion-dark.svg"])
def test_a_file_is_cached_for_a_year(client: FlaskClient, name: str) -> None:
    response = client.get(address(client, name))
    assert response.status_code == 200
    cache = response.cache_control
    assert (cache.public, cache.max_age, cache.immutable) == (True, 31536000, True)


def test_every_file_has_its_type(client: FlaskClient) -> None:
    """Browsers do not guess types (nosniff)."""
    with client.application.test_request_context():
        names = [path.relative_to(ROOT / "static") for path in ROOT.glob("static/**/*.*")]
        addresses = {
            name.suffix[1:]: client.application.url_for("static", filename=name.as_posix())
            for name in names
        }
    assert set(addresses) == set(KINDS)
    for suffix, path in addresses.items():
        assert client.get(path).mimetype == KINDS[suffix]


@pytest.mark.parametrize("path", ["/", "/model", "/api", "/openapi.json"])
def test_a_page_is_revalidated(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.cache_control.no_cache
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["/", "/model", "/api", "main.js", "base.css", "icon.svg"])
@pytest.mark.parametrize("encoding", ACCEPTED)
def test_text_is_compressed(client: FlaskClient, name: str, encoding: str) -> None:
    path = name if name.startswith("/") else address(client, name)
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers
    headers = {"Accept-Encoding": ACCEPTED[encoding]}
    compressed = client.get(path, headers=headers)
    if len(plain.data) < 500:
        assert compressed.data == plain.data
    else:
        assert compressed.headers["Content-Encoding"] == encoding
        assert DECOMPRESS[encoding](compressed.data) == plain.data
        assert len(compressed.data) < 0.6 * len(plain.data)
        assert plain.headers["ETag"] != compressed.headers["ETag"]
    for response in (plain, compressed):
        assert "Accept-Encoding" in response.headers["Vary"]
    known = {**headers, "If-None-Match": compressed.headers["ETag"]}
    again = client.get(path, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert client.head(path, headers=headers).data == b""


def test_pictures_and_answers_are_not_compressed(client: FlaskClient, seven: bytes) -> None:
    headers = {"Accept-Encoding": "gzip, br"}
    with client.application.test_request_context():
        picture = client.application.url_for("static", filename="seven.png")
    answer = client.post("/predict", data=seven, content_type="image/png", headers=headers)
    for response in (answer, client.get(picture, headers=headers)):
        assert response.status_code == 200
        assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/{version}/nothing.js",
        "/static/{version}/../app.py",
        "/static/{version}/..%2f..%2fREADME.md",
        "/static/{version}/js/",
        "/static/{version}/",
        "/static/",
        "/model/plots/{version}/nothing.svg",
        "/model/plots/{version}/..%2freport.json",
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    page = "confusion-dark.svg" if "plots" in path else "main.js"
    version = re.search(r"[0-9a-f]{12}", address(client, page))
    assert version
    response = client.get(path.format(version=version[0]))
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["main.js", "confusion-dark.svg"])
def test_an_old_version_is_redirected_to_the_current_one(client: FlaskClient, name: str) -> None:
    current = address(client, name)
    response = client.get(re.sub("[0-9a-f]{12}", "0123456789ab", current))
    assert response.status_code == 302
    assert response.headers["Location"] == current
    assert response.headers["Cache-Control"] == "no-store"


def test_all_modules_are_preloaded(client: FlaskClient) -> None:
    names = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("static/js/**/*.js")}
    page = client.get("/").text
    links = re.findall(r'rel="modulepreload" href="/static/[0-9a-f]{12}/([^"]*)"', page)
    assert sorted(f"static/{link}" for link in links) == sorted(names)


def test_plots_comply_with_the_security_policy() -> None:
    plots = list(ROOT.glob("models/plots/*.svg"))
    assert plots
    for plot in plots:
        assert not re.search(rb"style|<script", plot.read_bytes()), plot.name


def test_the_development_server_sees_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any change, or another name, gives all files of the folder other addresses."""
    shutil.copytree(ROOT / "static", tmp_path / "static")
    monkeypatch.setattr(static, "ROOT", tmp_path)
    started: list[Flask] = []
    monkeypatch.setattr(Flask, "run", lambda app, **_: started.append(app))
    runpy.run_path(str(ROOT / "flask" / "app.py"), run_name="__main__")
    (app,) = started
    assert app.jinja_env.auto_reload
    client = app.test_client()
    addresses = set()
    for content in ("let one;", "let two;"):
        (tmp_path / "static" / "js" / "main.js").write_text(content)
        assert client.get(address(client, "main.js")).text == content
        addresses.add(address(client, "base.css"))
    (tmp_path / "static" / "css" / "api.css").rename(tmp_path / "static" / "css" / "other.css")
    addresses.add(address(client, "base.css"))
    assert len(addresses) == 3


def test_a_model_file_has_no_plots(make_client: MakeClient) -> None:
    client = make_client(model=ROOT / "models" / "mnist-cnn.tflite")
    assert client.get("/model").status_code == 200
    redirected = client.get("/model/plots/any/confusion-dark.svg", follow_redirects=True)
    assert redirected.status_code == 404
