"""Turn errors into application/problem+json (RFC 9457) for programs, or a page for people."""

from __future__ import annotations

import http
import logging
from collections.abc import Mapping

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from classifier import (
    DigitError,
    ParameterError,
    PictureError,
    PictureFormatError,
    PictureTooLargeError,
)

from . import telemetry

STATUS_OF_ERROR = {
    PictureFormatError: 415,
    PictureTooLargeError: 413,
    DigitError: 422,
    PictureError: 400,
    ParameterError: 400,
}
REFUSED_INPUT = {400, 411, 413, 415, 422}  # statuses for a fault in the content of the request
HEADINGS = {  # of the page for people
    400: "This could not be read",
    404: "Page not found",
    405: "Method not allowed",
    411: "Content-Length required",
    413: "This is too large",
    415: "This is not a PNG picture",
    429: "Too many requests",
    500: "Something went wrong",
    503: "Not ready yet",
}
NO_STORE = {"Cache-Control": "no-store"}
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Give all error responses of the application the same format."""
    app.register_error_handler(PictureError, _picture_error)
    app.register_error_handler(ParameterError, _picture_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error response to the current request."""
    title = http.HTTPStatus(status).phrase
    if _wants_page():
        response = Response(
            render_template(
                "problem.html",
                status=status,
                title=title,
                heading=HEADINGS.get(status, title),
                detail=detail,
            )
        )
    else:
        fields = {"title": title, "status": status, "detail": detail}
        response = jsonify(type="about:blank", **fields, request_id=g.request_id)
        response.mimetype = "application/problem+json"
    response.status_code = status
    response.headers.update({**NO_STORE, **(headers or {})})
    return response


def _wants_page() -> bool:
    """Return whether the client prefers HTML, as browsers do, to JSON."""
    kinds = ("application/problem+json", "application/json", "text/html")
    return request.accept_mimetypes.best_match(kinds) == "text/html"


def _picture_error(error: PictureError | ParameterError) -> Response:
    telemetry.refused(error)
    return problem(STATUS_OF_ERROR[type(error)], str(error))


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status in REFUSED_INPUT:
        telemetry.refused(error)
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    detail = error.description or http.HTTPStatus(status).description
    if status == 404:
        detail = f"There is nothing at {request.path}."
    elif status == 405:
        detail = f"Expected {headers['Allow']}, received {request.method}."
    elif status == 413:
        detail = (
            f"Expected a body of at most {current_app.extensions['settings'].max_bytes:,} bytes "
            f"and at most {current_app.config['MAX_FORM_PARTS']} form fields, received more."
        )
    return problem(status, detail, headers)


def _unexpected_error(error: Exception) -> Response:
    log.error("request failed", exc_info=error, extra={"request_id": g.request_id})
    return problem(500, "The server failed to answer. The error was logged; please try again.")
