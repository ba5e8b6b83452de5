"""What whoever runs the service asks it, and the name of each request."""

from __future__ import annotations

import logging
import re
import secrets
import time

import problems
import shapes
from contract import Operation, promises
from flask import Flask, Response, current_app, g, has_request_context, jsonify, request
from PIL import Image
from settings import Settings

from classifier import HandwrittenDigitsClassifier

# What a proxy in front may call a request, to find it in its own log and in ours.
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

READY_SECONDS = 1.0  # that the model's answer holds for all who ask: they are not limited
SOON = {"Retry-After": "1"}  # seconds: probes come again by themselves


def init_app(app: Flask) -> None:
    """Adds the health checks, and a name for each request."""
    app.before_request(_name_request)
    app.after_request(_tell_name)
    app.logger.addFilter(_add_request_id)
    app.add_url_rule("/health/live", view_func=live)
    app.add_url_rule("/health/ready", view_func=ready)


@promises(Operation(shapes.Live))
def live() -> Response:
    """Answers as long as the process does."""
    return _of_now(status="live")


@promises(Operation(shapes.Ready))
def ready() -> Response:
    """Answers 200 when the model does: it reads a drawing made for the purpose.

    And 503 from when its process is told to stop: gunicorn's worker takes no more connections then,
    but goes on answering on those that it has, such as a load balancer keeps.
    """
    worker = current_app.extensions.get("worker")
    if worker is not None and not worker.alive:
        detail = "Expected a server that stays, received one that is stopping."
        return problems.problem(503, detail, SOON)
    classifier: HandwrittenDigitsClassifier = current_app.extensions["classifier"]
    if time.monotonic() >= current_app.extensions.get("ready_until", 0.0):
        try:
            classifier.predict(_stroke())
        # Whatever the reason, a model that does not answer is not ready; the log says why.
        except Exception as error:
            current_app.logger.error("the model does not answer", exc_info=error)
            detail = "Expected an answer from the model, received an error."
            return problems.problem(503, detail, SOON)
        current_app.extensions["ready_until"] = time.monotonic() + READY_SECONDS
    return _of_now(status="ready", model=classifier.network.name)


def _of_now(**told: str) -> Response:
    response = jsonify(told)
    response.headers.update(problems.NOT_KEPT)
    return response


def _stroke() -> Image.Image:
    picture = Image.new("L", (28, 28), 255)
    picture.paste(0, (13, 4, 16, 24))
    return picture


def _name_request() -> None:
    settings: Settings = current_app.extensions["settings"]
    given = request.headers.get("X-Request-ID", "") if settings.proxies else ""
    g.request_id = name(given)


def name(given: str) -> str:
    """What a request is known by: what the proxy in front calls it, if that is a name."""
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _add_request_id(record: logging.LogRecord) -> bool:
    if has_request_context():
        record.fields = {"request_id": g.request_id}
    return True


def _tell_name(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    return response
