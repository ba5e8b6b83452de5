"""Static files, under addresses that change with their content.

All files of a folder share one version, a hash of the folder, before their names:
/static/<version>/js/main.js. Browsers may keep each file for a year. ES modules import each other
by relative addresses, so they get files of their own version.
"""

from __future__ import annotations

import functools
import hashlib
import mimetypes
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask_compress import Compress
from werkzeug.wrappers import Response as AnyResponse

from .settings import ROOT

FOR_A_YEAR = f"public, max-age={365 * 24 * 60 * 60}, immutable"

compress = Compress()
mimetypes.add_type("text/javascript", ".js")  # some systems have another type for it


class Folder:
    """The contents of a folder's files, by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        paths = sorted(each for each in path.rglob("*") if each.is_file())
        self.files = {each.relative_to(path).as_posix(): each.read_bytes() for each in paths}
        self.version = hashlib.sha256(repr(self.files).encode()).hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Add the addresses of static/ and of the model's plots."""
    app.config.update(COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=5)
    app.config["COMPRESS_REGISTER"] = False  # compress only views that ask for it
    compress.init_app(app)
    folders = app.extensions["folders"] = {
        "static": Folder(ROOT / "static"),
        "plots": Folder(app.extensions["settings"].model / "plots"),
    }
    app.add_url_rule("/static/<version>/<path:filename>", "static", send)
    app.add_url_rule("/model/plots/<version>/<path:filename>", "plots", send)
    app.url_defaults(_add_version)
    # The page preloads these, so that it need not wait for one module to import the next.
    app.add_template_global(
        lambda: [name for name in folders["static"].files if name.endswith(".js")], "modules"
    )


def read_again() -> None:
    """Read the folders again, as the development server does before each request."""
    folders = current_app.extensions["folders"]
    folders.update({endpoint: Folder(folder.path) for endpoint, folder in folders.items()})


@compress.compressed()
def send(version: str, filename: str) -> AnyResponse:
    """Send a file of the folder that the request's endpoint is named after.

    During an update, a page may ask for a file's old or new version from a worker with the other
    one. The response redirects it to this worker's version.
    """
    folder: Folder = current_app.extensions["folders"][request.endpoint]
    if filename not in folder.files:
        abort(404)
    if version != folder.version:
        elsewhere = redirect(url_for(str(request.endpoint), filename=filename))
        elsewhere.headers["Cache-Control"] = "no-store"
        return elsewhere
    kind, _ = mimetypes.guess_type(filename)
    response = Response(folder.files[filename], mimetype=kind)
    if request.accept_encodings.quality("br") > 0 and kind != "image/png":
        response.data = _brotli(response.data)
        response.headers.update({"Content-Encoding": "br", "Vary": "Accept-Encoding"})
    revalidated(response)
    response.headers["Cache-Control"] = FOR_A_YEAR
    return response


@functools.cache
def _brotli(content: bytes) -> bytes:
    """Compress a file once, at the highest quality: 9 % smaller, but 28 times slower."""
    compressed: bytes = brotli.compress(content, quality=11)
    return compressed


def revalidated(response: Response) -> Response:
    """Let browsers cache a response, and ask each time whether it has changed."""
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    folders = current_app.extensions["folders"]
    if endpoint in folders:
        values.setdefault("version", folders[endpoint].version)
