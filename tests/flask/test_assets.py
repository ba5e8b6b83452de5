"""What pages bring along: kept for a year, compressed, and never the wrong one."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import assets
import brotli
import pytest
from app import create_app, main
from flask import Flask
from flask.testing import FlaskClient
from settings import ROOT, Settings

from classifier import HandwrittenDigitsClassifier

DECOMPRESS = {"br": brotli.decompress, "gzip": gzip.decompress}
ACCEPTED = {"br": "gzip, deflate, br, zstd", "gzip": "gzip, deflate"}  # over TLS, and without
GZIP = {"Accept-Encoding": ACCEPTED["gzip"]}


def address(client: FlaskClient, name: str) -> str:
    """Where the pages say that the file of that name is."""
    for page in ("/", "/model"):
        for found in re.findall(r'(?:src|srcset|href)="([^"]*)"', client.get(page).text):
            if found.endswith(f"/{name}"):
                return str(found)
    raise AssertionError(f"Expected {name} on a page, found none.")


@pytest.mark.parametrize("name", ["main.js", "base.css", "icon.svg", "confusion-dark.svg"])
def test_a_file_is_kept_for_a_year(client: FlaskClient, name: str) -> None:
    response = client.get(address(client, name))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not response.get_etag()[1], "a strong one"
    suffix = name.partition(".")[2]
    assert suffix.replace("js", "javascript") in response.mimetype


def test_a_browser_is_told_the_kind_of_every_file(client: FlaskClient) -> None:
    """It takes none for another (nosniff), so that one of no kind would be as good as missing."""
    for folder in client.application.extensions["folders"].values():
        assert folder.files
        for name, file in folder.files.items():
            assert file.mimetype == assets.MIMETYPES.get(Path(name).suffix), name


@pytest.mark.parametrize("path", ["/", "/model"])
def test_a_page_is_asked_for_each_time_and_sent_once(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["/", "/model", "main.js", "base.css", "confusion-dark.svg"])
@pytest.mark.parametrize("encoding", ACCEPTED)
def test_text_is_compressed_where_that_is_understood(
    client: FlaskClient, name: str, encoding: str
) -> None:
    path = name if name.startswith("/") else address(client, name)
    plain = client.get(path)
    compressed = client.get(path, headers={"Accept-Encoding": ACCEPTED[encoding]})
    refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0, br;q=0, *"})
    assert "Content-Encoding" not in plain.headers
    assert compressed.headers["Content-Encoding"] == encoding
    assert DECOMPRESS[encoding](compressed.data) == plain.data == refused.data
    assert len(compressed.data) < 0.6 * len(plain.data)
    assert len(compressed.data) == int(compressed.headers["Content-Length"])
    assert [each.headers["Vary"] for each in (plain, compressed)] == ["Accept-Encoding"] * 2
    assert plain.headers["ETag"] != compressed.headers["ETag"]


def test_what_does_not_shrink_is_sent_as_it_is(client: FlaskClient) -> None:
    file = assets.File(bytes(range(256)), "image/png")
    with client.application.test_request_context(headers=GZIP):
        response = assets.respond(file, "no-cache")
    assert response.data == file.content
    assert not {"Content-Encoding", "Vary"} & set(response.headers.keys())


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "compressed"])
def test_head_and_conditional_requests(client: FlaskClient, headers: dict[str, str]) -> None:
    path = address(client, "main.js")
    whole = client.get(path, headers=headers)
    head = client.head(path, headers=headers)
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers, **{"X-Request-ID": ""}) == dict(whole.headers, **{"X-Request-ID": ""})

    asked = {**headers, "If-None-Match": whole.headers["ETag"]}
    same = client.get(path, headers=asked)
    assert (same.status_code, same.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert same.headers[name] == whole.headers[name]
    other = client.get(path, headers={**headers, "If-None-Match": '"another"'})
    assert other.data == whole.data


@pytest.mark.parametrize(
    "path",
    [
        "/static/{version}/nothing.js",
        "/static/0123456789ab/nothing.js",
        "/static/{version}/../app.py",
        "/static/{version}/..%2f..%2fREADME.md",
        "/static/{version}/js/",
        "/static/{version}/",
        "/static/",
        "/model/plots/{version}/nothing.svg",
        "/model/plots/{version}/../report.json",
        "/model/plots/{version}/..%2freport.json",
    ],
)
def test_nothing_else_is_served_and_no_refusal_is_kept(client: FlaskClient, path: str) -> None:
    page = "confusion-dark.svg" if "plots" in path else "main.js"
    version = re.search(r"[0-9a-f]{12}", address(client, page))
    assert version
    response = client.get(path.format(version=version[0]))
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["main.js", "confusion-dark.svg"])
def test_a_page_from_before_an_update_is_led_to_the_file_of_today(
    client: FlaskClient, name: str
) -> None:
    today = address(client, name)
    response = client.get(re.sub("[0-9a-f]{12}", "0123456789ab", today))
    assert response.status_code == 302
    assert response.headers["Location"] == today
    assert response.headers["Cache-Control"] == "no-store"


def test_one_change_gives_every_file_another_address(tmp_path: Path) -> None:
    """Modules import each other by relative addresses: all of them have to be of one version."""
    (tmp_path / "js").mkdir()
    versions = set()
    for name, content in (("js/a.js", "1"), ("js/b.js", "1"), ("js/b.js", "2"), ("c.css", "2")):
        (tmp_path / name).write_text(content)
        versions.add(assets.Folder(tmp_path).version)
    (tmp_path / "c.css").rename(tmp_path / "d.css")
    versions.add(assets.Folder(tmp_path).version)
    assert len(versions) == 5
    assert assets.Folder(tmp_path).version in versions


def test_all_modules_are_loaded_ahead(client: FlaskClient) -> None:
    page = client.get("/").text
    names = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("static/js/**/*.js")}
    links = re.findall(r'rel="modulepreload" href="/static/[0-9a-f]{12}/([^"]*)"', page)
    assert {f"static/{link}" for link in links} == names
    assert len(links) == len(names)


def test_no_file_needs_more_than_the_policy_allows(client: FlaskClient) -> None:
    """A plot shows all of itself, also where it is opened alone and the policy is its own."""
    for folder in client.application.extensions["folders"].values():
        for name, file in folder.files.items():
            if name.endswith(".svg"):
                assert b"style" not in file.content
                assert b"<script" not in file.content


def test_in_development_changes_are_seen_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Flask] = []
    monkeypatch.setattr(Flask, "run", lambda app, **_: started.append(app))
    main()
    (app,) = started
    assert app.jinja_env.auto_reload
    app.extensions["folders"]["static"] = assets.Folder(tmp_path)
    client = app.test_client()
    for content in ("let one;", "let two;"):
        (tmp_path / "main.js").write_text(content)
        assert client.get(address(client, "main.js")).text == content


def test_a_model_without_plots_has_none(classifier: HandwrittenDigitsClassifier) -> None:
    model = ROOT / "models" / "mnist-cnn.tflite"
    client = create_app(Settings(model=model), classifier).test_client()
    assert client.get("/model").status_code == 200
    assert client.get("/model/plots/any/confusion-dark.svg").status_code == 404
