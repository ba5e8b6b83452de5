"""The headers that go with every answer: what a browser may do with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Everything from this server, pictures from the answers' data: addresses too; nothing inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# None of what a page may otherwise ask for; but for sharing and copying a link, which ours does.
DENIED = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",  # a photograph is taken by the system's own, which the page knows nothing of
    "clipboard-read",
    "compute-pressure",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "keyboard-map",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
HEADERS = [
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in DENIED)),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
]
# Once reached by TLS, always by TLS: for a year. What lies below the name is not ours to decide on.
HEADERS_OVER_TLS = [*HEADERS, ("Strict-Transport-Security", "max-age=31536000")]

API = r"/(predict|explain/.*)$"  # what pages elsewhere may call
API_PATH = re.compile(API)
PREFLIGHT_SECONDS = 7200  # that a browser keeps the answer to a preflight; none keeps it longer


def init_app(app: Flask) -> None:
    """Adds the headers, and those for pages of CORS_ORIGINS if there are any."""
    app.wsgi_app = WithHeaders(app.wsgi_app)  # type: ignore[method-assign]
    settings: Settings = app.extensions["settings"]
    if settings.cors_origins:
        from flask_cors import CORS

        CORS(
            app,
            resources=API,
            origins=list(settings.cors_origins),
            methods=["GET", "POST", "OPTIONS"],
            allow_headers=["Content-Type"],
            expose_headers=["X-Request-ID", "Retry-After"],
            max_age=PREFLIGHT_SECONDS,
            always_send=False,  # to whom no page asks for, there is nothing to allow
            vary_header=False,  # see _tell_caches
        )
        app.after_request(_tell_caches)


def _tell_caches(response: Response) -> Response:
    """Has no cache give one origin's pages what was answered to another's.

    Flask-CORS says so only where the origin is one of ours: what others were answered would be kept
    without the header that ours need.
    """
    if API_PATH.match(request.path):
        response.vary.add("Origin")
    return response


def for_scheme(scheme: str) -> list[tuple[str, str]]:
    """The headers of an answer to a request that came by HTTP or HTTPS."""
    return HEADERS_OVER_TLS if scheme == "https" else HEADERS


class WithHeaders:
    """Adds the headers to every answer of an application, in a tenth of what Flask takes to."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        """Calls the application (PEP 3333)."""
        more = for_scheme(environ["wsgi.url_scheme"])

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, headers + more, *error)

        return self._application(environ, start)
