"""The files that a page brings along, under addresses that change with what is in them.

All files of a folder share one version, a hash of the whole folder, which stands in front of their
names: /static/<version>/js/main.js. So a browser may keep each of them for good; and modules that
import each other by relative addresses always meet those of their own version.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, Response, abort, current_app, redirect, request, url_for
from settings import ROOT, Settings
from werkzeug.wrappers import Response as AnyResponse

# Where they are, whatever their version.
STATIC, PLOTS = FILES = ("/static/", "/model/plots/")
FOR_GOOD = "public, max-age=31536000, immutable"  # a year, the longest that is understood
# Of Brotli's compression: takes some milliseconds and is done once; takes part of one, each time.
ONCE, EACH_TIME = 11, 5
WORTH_IT = 0.9  # compressed to more than this share, a file is sent as it is
# The same on every machine, which those of the module `mimetypes` are not.
MIMETYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class File:
    """What is sent under one address."""

    content: bytes
    mimetype: str
    quality: int = ONCE  # of its compression
    _compressed: dict[str, bytes] = field(default_factory=dict, init=False, repr=False)

    @functools.cached_property
    def digest(self) -> str:
        """What the content is known by."""
        return hashlib.sha256(self.content).hexdigest()

    @functools.cached_property
    def is_compressible(self) -> bool:
        """Whether to compress the content saves more than next to nothing."""
        return len(gzip.compress(self.content, 1)) < WORTH_IT * len(self.content)

    def compressed(self, encoding: str) -> bytes:
        """The content in "br" or "gzip", worked out once."""
        if encoding not in self._compressed:
            self._compressed[encoding] = (
                brotli.compress(self.content, quality=self.quality)
                if encoding == "br"
                else gzip.compress(self.content, mtime=0)
            )
        return self._compressed[encoding]


class Folder:
    """The files of a folder, by their names relative to it, read once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = {
            file.relative_to(path).as_posix(): File(file.read_bytes(), _mimetype(file))
            for file in sorted(path.rglob("*"))
            if file.is_file()
        }
        named = "".join(f"{file.digest} {name}\n" for name, file in self.files.items())
        self.version = hashlib.sha256(named.encode()).hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Adds the addresses of static/ and of the model's plots, and reads both."""
    settings: Settings = app.extensions["settings"]
    app.extensions["folders"] = {}
    for endpoint, address, path in (
        ("static", STATIC, ROOT / "static"),
        ("plots", PLOTS, settings.model / "plots"),
    ):
        app.extensions["folders"][endpoint] = Folder(path)
        app.add_url_rule(f"{address}<version>/<path:filename>", endpoint, send)
    app.url_defaults(_add_version)
    app.add_template_global(modules)


def read_again() -> None:
    """Takes up what has changed since the files were read; for the development server."""
    folders = current_app.extensions["folders"]
    for endpoint, folder in folders.items():
        folders[endpoint] = Folder(folder.path)


def send(version: str, filename: str) -> AnyResponse:
    """A file of the folder that the request's endpoint is named after.

    A page that was sent before an update, or by a worker that has not had it yet, asks for another
    version. It is led to this one, which is more use to it than none.
    """
    folder: Folder = current_app.extensions["folders"][request.endpoint]
    if filename not in folder.files:
        abort(404)
    if version != folder.version:
        elsewhere = redirect(url_for(str(request.endpoint), filename=filename))
        elsewhere.headers["Cache-Control"] = "no-store"
        return elsewhere
    return respond(folder.files[filename], FOR_GOOD)


def respond(file: File, cache_control: str) -> Response:
    """Answers the current request with a file, or with 304 if the client has it already."""
    response = Response(file.content, mimetype=file.mimetype)
    etag = file.digest[:16]
    if file.is_compressible:
        response.headers["Vary"] = "Accept-Encoding"
        encoding = _encoding()
        if encoding is not None:
            response.data = file.compressed(encoding)
            response.headers["Content-Encoding"] = encoding
            etag += f"-{encoding}"  # a strong one tells the encodings apart (RFC 9110, 8.8.3.3)
    response.set_etag(etag)
    response.headers["Cache-Control"] = cache_control
    response.make_conditional(request)
    return response


def _encoding() -> str | None:
    """The better of the encodings that the client names; browsers take Brotli over TLS only."""
    named = {name for name, quality in request.accept_encodings if quality > 0}
    return next((encoding for encoding in ("br", "gzip") if encoding in named), None)


def modules() -> list[str]:
    """The page's ES modules, which the page has loaded ahead: else each is found in another."""
    folder: Folder = current_app.extensions["folders"]["static"]
    return [name for name in folder.files if name.endswith(".js")]


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    folders: dict[str, Folder] = current_app.extensions["folders"]
    if endpoint in folders:
        values.setdefault("version", folders[endpoint].version)


def _mimetype(path: Path) -> str:
    return MIMETYPES.get(path.suffix, "application/octet-stream")
