"""Under which names the server answers, and whom it believes what stands in front of it."""

from __future__ import annotations

import functools
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from settings import Settings
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# Asked from inside, under any name. Not all below /health/: /health//live is led to where it should
# have asked, under the name that it was asked for.
HEALTH = ("/health/live", "/health/ready")


def init_app(app: Flask) -> None:
    """Takes the client's address from the proxies in front, and refuses foreign hosts."""
    settings: Settings = app.extensions["settings"]
    if settings.proxies:
        app.wsgi_app = _behind_proxies(app.wsgi_app, settings)  # type: ignore[method-assign]
    app.before_request(_check_host)


def believe_proxies(environ: WSGIEnvironment, settings: Settings) -> None:
    """Takes client and scheme from the proxies, for a request that the app does not see."""
    if settings.proxies:
        _behind_proxies(lambda *_: [], settings)(environ, None)  # type: ignore[arg-type]


def _behind_proxies(application: WSGIApplication, settings: Settings) -> ProxyFix:
    # Each proxy adds to the addresses, but says anew whether it was reached by TLS.
    return ProxyFix(application, x_for=settings.proxies, x_proto=1)


def _check_host() -> None:
    settings: Settings = current_app.extensions["settings"]
    host = request.environ.get("HTTP_HOST", "")
    if not is_ours(host, settings.trusted_hosts) and request.path not in HEALTH:
        raise SecurityError(
            "Expected a Host that is named in the setting TRUSTED_HOSTS, or an IP address, "
            f"received {host[:100]!r}."
        )


@functools.lru_cache(256)
def is_ours(host: str, names: tuple[str, ...]) -> bool:
    """Whether a Host header, with or without a port, is one of the names or an address.

    Foreign pages can have a name of theirs point to this server, and so read its answers as their
    own (DNS rebinding); addresses are nobody's.
    """
    if not host_is_trusted(host):  # it is none at all
        return False
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return bool(names) and host_is_trusted(name, names)
    return True
