"""Find the picture in a request."""

from __future__ import annotations

import base64
import threading
from typing import Any

import msgspec
from flask import current_app, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    LengthRequired,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from .rate_limit import count_pixels, pixels_in

DATA_URL = "data:image/png;base64,"
MANY_PIXELS = 1_000_000
SMALL, LARGE = threading.Lock(), threading.Lock()


def turn_of(picture: bytes) -> threading.Lock:
    """Return the lock under which a picture of this size is read.

    Threads that compute at the same time only interrupt each other: one at a time answers a fifth
    more requests, and a slow answer takes half as long. Large pictures, of which one of 20
    megapixels takes 300 MB meanwhile, wait for each other and delay no small ones.
    """
    return LARGE if pixels_in(picture) > MANY_PIXELS else SMALL


def posted_picture() -> bytes:
    """Return the PNG in the current request: its body, a form field, or a data URL in JSON.

    Raises:
        HTTPException: the request has no picture.
        RateLimitExceeded: decoding it costs more than the client has left.
    """
    body = _body()
    if request.mimetype == "image/png":
        picture = body
    elif request.mimetype == "multipart/form-data":
        picture = _in_form()
    elif request.mimetype == "application/json":
        picture = _in_json(body)
    else:
        raise UnsupportedMediaType(
            "Expected Content-Type image/png, multipart/form-data or application/json, "
            f"received {request.mimetype or 'none'}."
        )
    count_pixels(picture)
    return picture


def _body() -> bytes:
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise UnsupportedMediaType(
            f"Expected a body without a Content-Encoding, received {encoding[:100]}."
        )
    length = request.content_length
    if length is None and "Transfer-Encoding" not in request.headers:
        raise LengthRequired("Expected a Content-Length or a chunked body, received neither.")
    try:
        body: bytes = request.get_data()
    except HTTPException:
        raise
    except Exception as error:  # every WSGI server raises its own errors for a malformed body
        raise BadRequest("Expected a complete body, received a broken one.") from error
    if len(body) > current_app.extensions["settings"].max_bytes:
        raise RequestEntityTooLarge
    if length is not None and len(body) < length:
        raise BadRequest(f"Expected a body of {length:,} bytes, received {len(body):,}.")
    return body


def _in_form() -> bytes:
    file = request.files.get("image")  # parsed from the body that _body() has read
    if file is None:
        names = ", ".join(filter(None, [*request.files, *request.form]))[:200] or "none"
        raise BadRequest(f"Expected a file in the field 'image', received fields: {names}.")
    content: bytes = file.read()
    return content


def _in_json(body: bytes) -> bytes:
    """Return the picture in a JSON object that has one data URL, under any name."""
    try:
        fields = msgspec.json.decode(body, type=dict[str, Any])
        (url,) = (text for text in fields.values() if str(text).startswith(DATA_URL))
        return base64.b64decode(str(url).removeprefix(DATA_URL), validate=True)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadRequest(
            f'Expected a JSON object with one PNG as a data URL, {{"image": "{DATA_URL}..."}}, '
            "received something else."
        ) from error
