"""Static files, under addresses that change with their content.

All files of a folder share one version, a hash of the folder, in front of their names:
/static/<version>/js/main.js. Browsers may keep each file for a year, and ES modules that import
each other by relative addresses always get those of their own version.
"""

from __future__ import annotations

import functools
import hashlib
import mimetypes
from typing import Any

from flask import Flask, Response, current_app, redirect, request, send_from_directory, url_for
from flask_compress import Compress
from werkzeug.wrappers import Response as AnyResponse

from .settings import ROOT

YEAR = 365 * 24 * 60 * 60  # seconds

compress = Compress()
mimetypes.add_type("text/javascript", ".js")  # whatever the system says


def init_app(app: Flask) -> None:
    """Add the addresses of static/ and of the model's plots."""
    # Quality 11 would save 9 % of the bytes, and take 28 times as long.
    app.config.update(
        COMPRESS_REGISTER=False,  # only where a view says so: answers to pictures are not
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
    )
    compress.init_app(app)
    app.extensions["static"] = {
        "static": ROOT / "static",
        "plots": app.extensions["settings"].model / "plots",
    }
    update_versions(app)
    app.add_url_rule("/static/<version>/<path:filename>", "static", send)
    app.add_url_rule("/model/plots/<version>/<path:filename>", "plots", send)
    app.url_defaults(_add_version)
    app.add_template_global(modules)


def update_versions(app: Flask | None = None) -> None:
    """Read the folders again; the development server does before each request."""
    app = app or current_app
    app.extensions["static_versions"] = versions = {}
    for endpoint, folder in app.extensions["static"].items():
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
                digest.update(path.read_bytes())
        versions[endpoint] = digest.hexdigest()[:12]


@compress.compressed()
def send(version: str, filename: str) -> AnyResponse:
    """Send a file of the folder that the request's endpoint is named after.

    A page from before an update, or from a worker without it, asks for another version. It is
    redirected to the current one.
    """
    endpoint = str(request.endpoint)
    if version != current_app.extensions["static_versions"][endpoint]:
        elsewhere = redirect(url_for(endpoint, filename=filename))
        elsewhere.headers["Cache-Control"] = "no-store"
        return elsewhere
    folder = current_app.extensions["static"][endpoint]
    # Not conditional: a compressed file has no byte ranges.
    response = send_from_directory(folder, filename, conditional=False, max_age=YEAR)
    response.cache_control.immutable = True
    response.make_conditional(request)
    return response


def revalidated(response: Response) -> Response:
    """Let browsers keep a response if they ask each time whether it has changed."""
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


@functools.cache
def modules() -> list[str]:
    """Return the page's ES modules, for it to load them all at once."""
    folder = ROOT / "static"
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.js"))]


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    version = current_app.extensions["static_versions"].get(endpoint)
    if version:
        values.setdefault("version", version)
