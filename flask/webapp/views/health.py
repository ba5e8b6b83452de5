"""Health checks and metrics, for the operator."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import time
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from PIL import Image
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from classifier import HandwrittenDigitsClassifier

from .. import schemas, telemetry
from ..errors import NO_STORE, problem
from ..openapi import Operation

bp = Blueprint("health", __name__)

READY_SECONDS = 1.0  # how long a result is reused: these checks have no rate limit
RETRY = {"Retry-After": "1"}  # seconds
# Headers that proxies add. A proxy on this machine may pass on requests from others.
FORWARDED = ("X-Forwarded-For", "Forwarded")
log = logging.getLogger(__name__)


@bp.get("/health/live")
@Operation(schemas.Live)
def live() -> Any:
    """Return 200 while the process answers."""
    return {"status": "live"}, NO_STORE


@bp.get("/health/ready")
@Operation(schemas.Ready, refusals=(503,))
def ready() -> Any:
    """Return 200 when the model reads a test picture."""
    classifier: HandwrittenDigitsClassifier = current_app.extensions["classifier"]
    if time.monotonic() >= current_app.extensions.get("ready_until", 0.0):
        try:
            picture = Image.new("L", (28, 28), 255)
            picture.paste(0, (13, 4, 16, 24))  # a 1
            classifier.predict(picture)
        except Exception as error:  # after any error, the model is not ready
            log.error("the model does not answer", exc_info=error)
            return problem(503, "The model does not answer.", RETRY)
        current_app.extensions["ready_until"] = time.monotonic() + READY_SECONDS
    return {"status": "ready", "model": classifier.network.name}, NO_STORE


@bp.get("/metrics")
@Operation(str, mimetype="text/plain", refusals=(403,))
def metrics() -> Response:
    """Return all metrics, in Prometheus's text format."""
    if not (_is_local() or _has_token()):
        abort(403, "Expected a client on this machine, or METRICS_TOKEN as a bearer token.")
    content = generate_latest(telemetry.registry())
    return Response(content, content_type=CONTENT_TYPE_LATEST, headers=NO_STORE)


def _is_local() -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        # A client on a Unix socket has no address, but is on this machine.
        return not request.remote_addr or ipaddress.ip_address(request.remote_addr).is_loopback
    except ValueError:
        return False


def _has_token() -> bool:
    token = current_app.extensions["settings"].metrics_token
    sent = request.headers.get("Authorization", "").encode()
    return bool(token) and hmac.compare_digest(sent, f"Bearer {token}".encode())
