"""Security headers, trusted hosts, trusted proxies, and access from other sites."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from .settings import Settings

# Everything comes from this server, pictures also from data: addresses; nothing is inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# All powerful features except sharing and copying, which the page uses for links. Photographs are
# taken by the system's camera app.
DENIED = """
    accelerometer autoplay browsing-topics camera clipboard-read compute-pressure display-capture
    encrypted-media fullscreen gamepad geolocation gyroscope hid idle-detection keyboard-map
    local-fonts magnetometer microphone midi payment picture-in-picture publickey-credentials-create
    publickey-credentials-get screen-wake-lock serial storage-access sync-xhr usb window-management
    xr-spatial-tracking
"""
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DENIED.split()),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# One year, without subdomains, which may belong to other people.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"
HEALTH_CHECKS = ("/health/live", "/health/ready")  # answered under any host name
API = r"/(predict|explain/.*)$"  # paths that CORS_ORIGINS may call


def init_app(app: Flask) -> None:
    """Check hosts, trust proxies, and add headers, including those for CORS_ORIGINS."""
    settings: Settings = app.extensions["settings"]
    wsgi_app = app.wsgi_app
    if settings.script_name:  # health checks are answered with and without it
        wsgi_app = DispatcherMiddleware(wsgi_app, {settings.script_name: wsgi_app})
    if settings.proxies:
        # Each proxy appends an address to X-Forwarded-For, but replaces the scheme and the prefix.
        wsgi_app = ProxyFix(wsgi_app, x_for=settings.proxies, x_proto=1, x_host=0, x_prefix=1)
    app.wsgi_app = wsgi_app  # type: ignore[method-assign]
    app.before_request(_check_host)
    app.after_request(_add_headers)
    if settings.cors_origins:
        from flask_cors import CORS

        CORS(
            app,
            resources=API,
            origins=list(settings.cors_origins),
            methods=["GET", "POST", "OPTIONS"],
            allow_headers=["Content-Type"],
            expose_headers=["X-Request-ID", "Retry-After"],
            max_age=7200,  # seconds; Chromium caches a preflight no longer
            always_send=False,
            vary_header=False,  # Flask-CORS omits Vary for other origins; see _vary_by_origin
        )
        app.after_request(_vary_by_origin)


def _check_host() -> None:
    """Refuse a Host that is neither in TRUSTED_HOSTS nor an IP address.

    This prevents DNS rebinding: a foreign site points its own name at this server and reads the
    answers as its own. It cannot do so with an IP address.
    """
    host = request.environ.get("HTTP_HOST", "").lower()
    names = current_app.extensions["settings"].trusted_hosts
    if request.path in HEALTH_CHECKS or (names and host_is_trusted(host, names)):
        return
    try:
        if not host_is_trusted(host):  # without a list, this checks only the syntax
            raise ValueError
        ipaddress.ip_address(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        raise SecurityError(
            f"Expected a Host named in TRUSTED_HOSTS or an IP address, received {host[:100]!r}."
        ) from None


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
    return response


def _vary_by_origin(response: Response) -> Response:
    if re.match(API, request.path):
        response.vary.add("Origin")
    return response
