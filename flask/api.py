"""What programs call, the page's own script among them."""

from __future__ import annotations

from typing import Any, cast

import form
import metrics
import rate_limit
import shapes
from contract import Operation, promises
from flask import Blueprint, Response, current_app, jsonify, request
from settings import ROOT
from werkzeug.exceptions import (
    BadRequest,
    LengthRequired,
    RequestEntityTooLarge,
    RequestTimeout,
    ServiceUnavailable,
    UnsupportedMediaType,
)

from classifier import HandwrittenDigitsClassifier

bp = Blueprint("api", __name__)

EXAMPLE = ROOT / "static" / "seven.png"
MOST_SHOWN = 200  # characters of what was received instead
# What may be asked next: about the same picture, and about the model that read it.
LINKS: dict[str, dict[str, Any]] = {
    name: {"operationId": name, "description": "Takes the same picture."}
    for name in ("layers", "heat_map", "snapshots", "what_if", "least_changes")
}
LINKS["weights"] = {
    "operationId": "weights",
    "parameters": {"sha256": "$response.body#/model/sha256"},
    "description": "Those of the model that answered.",
}


def example() -> shapes.Answer:
    """What is answered to the picture that the examples are about."""
    return {**_read(EXAMPLE.read_bytes()), "elapsed_ms": 0.9}  # the rest is always the same


@bp.post("/predict")
@promises(Operation(shapes.Answer, takes_picture=True, links=LINKS, example=example))
def predict() -> Response:
    """Reads the digit or number in the PNG that is the body, or its multipart field `image`."""
    return jsonify(answer())


def answer() -> shapes.Answer:
    """Reads the picture in the current request; what /predict answers, and the page shows."""
    steps: dict[str, float] = {}
    answered = _read(posted_picture(), steps)
    metrics.answered(answered, steps)
    return answered


def posted_picture() -> bytes:
    """Returns the picture in the request's body; raises an HTTPException where there is none."""
    picture = _picture_in(_body())
    rate_limit.count_pixels(picture)
    return picture


def _picture_in(body: bytes) -> bytes:
    if request.mimetype == "image/png":
        return body
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType(
            "Expected Content-Type image/png or multipart/form-data, "
            f"received {request.mimetype or 'none'}."
        )
    fields = form.read(body, request.mimetype_params.get("boundary", ""))
    if "image" not in fields:
        received = ", ".join(fields)[:MOST_SHOWN] or "none"
        raise BadRequest(f"Expected a file in the field 'image', received fields: {received}.")
    return fields["image"]


def _body() -> bytes:
    settings = current_app.extensions["settings"]
    length = request.content_length
    if length is None and "Transfer-Encoding" not in request.headers:
        raise LengthRequired("Expected a Content-Length or chunks, received neither.")
    try:
        body: bytes = request.get_data()
    except (RequestEntityTooLarge, ServiceUnavailable):  # more than is taken from one, or from all
        raise
    # A body that stalls, breaks off, or whose chunks are not well-formed: each server has errors of
    # its own for it, and Werkzeug makes others of some.
    except Exception as error:
        if isinstance(error.__context__, TimeoutError):
            raise RequestTimeout(
                f"Expected the body within {settings.body_seconds} s, received only some of it."
            ) from error
        raise BadRequest("Expected a whole body, received a broken one.") from error
    if len(body) > settings.max_bytes:
        raise RequestEntityTooLarge
    if length is not None and len(body) < length:
        raise BadRequest(f"Expected a body of {length:,} bytes, received {len(body):,}.")
    return body


def _read(picture: bytes, steps: dict[str, float] | None = None) -> shapes.Answer:
    classifier: HandwrittenDigitsClassifier = current_app.extensions["classifier"]
    return cast(shapes.Answer, classifier.answer(picture, formats=("PNG",), steps=steps))
