"""What whoever runs the service asks it, and the headers that go with every answer."""

from __future__ import annotations

import uuid

import problems
import shapes
from contract import Operation, promises
from flask import Flask, Response, current_app, g, jsonify
from PIL import Image

from classifier import HandwrittenDigitsClassifier

# Everything from this server, pictures from the answers' data: addresses too; nothing inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    """Adds the health checks and the headers."""
    app.before_request(_name_request)
    app.after_request(_add_headers)
    app.add_url_rule("/health/live", view_func=live)
    app.add_url_rule("/health/ready", view_func=ready)


@promises(Operation(shapes.Live))
def live() -> Response:
    """Answers as long as the process does."""
    return jsonify(status="live")


@promises(Operation(shapes.Ready))
def ready() -> Response:
    """Answers 200 when the model does: it reads a drawing made for the purpose."""
    classifier: HandwrittenDigitsClassifier = current_app.extensions["classifier"]
    try:
        classifier.predict(_stroke())
    # Whatever the reason, a model that does not answer is not ready; the log says why.
    except Exception as error:
        current_app.logger.error("the model does not answer", exc_info=error)
        refused = problems.problem(503, "Expected an answer from the model, received an error.")
        refused.headers["Retry-After"] = "1"
        return refused
    return jsonify(status="ready", model=classifier.network.name)


def _stroke() -> Image.Image:
    picture = Image.new("L", (28, 28), 255)
    picture.paste(0, (13, 4, 16, 24))
    return picture


def _name_request() -> None:
    g.request_id = uuid.uuid4().hex


def _add_headers(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
