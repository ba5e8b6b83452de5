"""What programs call, the page's own script among them."""

from __future__ import annotations

from typing import Any

import metrics
from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from classifier import HandwrittenDigitsClassifier

bp = Blueprint("api", __name__)


@bp.post("/predict")
def predict() -> Response:
    """Reads the digit or number in the PNG that is the body, or its multipart field `image`."""
    return jsonify(answer())


def answer() -> dict[str, Any]:
    """Reads the picture in the current request; what /predict answers, and the page shows."""
    classifier: HandwrittenDigitsClassifier = current_app.extensions["classifier"]
    steps: dict[str, float] = {}
    answered = classifier.answer(posted_picture(), formats=("PNG",), steps=steps)
    metrics.answered(answered, steps)
    return answered


def posted_picture() -> bytes:
    """Returns the picture in the request's body; raises an HTTPException where there is none."""
    body = _body()
    if request.mimetype == "image/png":
        return body
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType(
            "Expected Content-Type image/png or multipart/form-data, "
            f"received {request.mimetype or 'none'}."
        )
    file = request.files.get("image")
    if file is None:
        received = ", ".join(map(str, [*request.files, *request.form])) or "none"
        raise BadRequest(f"Expected a file in the field 'image', received fields: {received}.")
    return bytes(file.read())


def _body() -> bytes:
    limit = current_app.extensions["settings"].max_bytes
    try:
        body: bytes = request.get_data()
    except HTTPException:
        raise
    # A body that breaks off or whose chunks are not well-formed: each server has errors of its own.
    except Exception as error:
        raise BadRequest(f"Expected a whole body, received a broken one: {error}") from error
    if len(body) > limit:
        raise RequestEntityTooLarge
    return body
