"""What programs call, the page's own script among them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import (
    BadRequest,
    LengthRequired,
    RequestEntityTooLarge,
    RequestTimeout,
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
    return classifier.answer(posted_picture(), formats=("PNG",))


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
    settings = current_app.extensions["settings"]
    length = request.content_length
    if length is None and "Transfer-Encoding" not in request.headers:
        raise LengthRequired("Expected a Content-Length or chunks, received neither.")
    try:
        body: bytes = request.get_data()
    except RequestEntityTooLarge:
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
