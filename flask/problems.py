"""Errors -> application/problem+json (RFC 9457) for programs, a page for people."""

from __future__ import annotations

import functools
import http
import json
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import metrics
from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    render_template,
    request,
)
from form import MAX_FIELDS
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from classifier import (
    DigitError,
    ParameterError,
    PictureError,
    PictureFormatError,
    PictureTooLargeError,
)

STATUS_OF_ERROR = {
    PictureFormatError: 415,
    PictureTooLargeError: 413,
    DigitError: 422,
    PictureError: 400,
    ParameterError: 400,
}
REFUSED_INPUT = {400, 408, 411, 413, 415, 422}  # what is wrong is what was sent, not where or how
NOT_KEPT = {"Cache-Control": "no-store"}  # what failed may succeed next time
LONGEST_ACCEPT = 1000  # characters that are looked at; browsers send up to 150
NO_REQUEST = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/none",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "wsgi.url_scheme": "http",
}


# What the page for people says above the detail, and the way on that it offers.
HEADINGS = {
    400: "That could not be read",
    404: "Nothing is drawn here",
    405: "This page cannot be used like that",
    408: "That took too long",
    411: "How long will it be?",
    413: "That is too much at once",
    414: "That address is too long",
    415: "That is not a PNG picture",
    429: "That is too often",
    431: "That is too much at once",
    500: "We made a mistake",
    503: "Not just now",
}
NEXT = {404: "Draw something", 500: "Try again from the start"}


def init_app(app: Flask) -> None:
    """Makes every error of the application answer in one shape."""
    app.register_error_handler(PictureError, _what_was_sent)
    app.register_error_handler(ParameterError, _what_was_sent)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def content(status: int, detail: str, request_id: str) -> dict[str, Any]:
    """What is told of an error (RFC 9457): what was expected, and what was received."""
    return {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to the current request, which failed."""
    accept = request.headers.get("Accept", "")
    return refusal(current_app, status, detail, g.request_id, accept, headers or {})


def refusal(
    app: Flask,
    status: int,
    detail: str,
    request_id: str,
    accept: str,
    headers: Mapping[str, str],
) -> Response:
    """The answer to a request that failed, for programs or, if they accept it, for people."""
    headers = {**NOT_KEPT, **headers}
    if not _is_for_a_person(accept[:LONGEST_ACCEPT]):
        text = json.dumps(content(status, detail, request_id), separators=(",", ":")) + "\n"
        return Response(text, status, mimetype="application/problem+json", headers=headers)
    # The page's links take a request; a refusal by gunicorn's worker comes without one.
    with nullcontext() if has_request_context() else app.request_context(NO_REQUEST):
        title = http.HTTPStatus(status).phrase
        page = render_template(
            "problem.html",
            status=status,
            title=title,
            heading=HEADINGS.get(status, title),
            detail=detail,
            request_id=request_id if status >= 500 else None,
            next=NEXT.get(status, "Back to the drawing"),
        )
    return Response(page, status, mimetype="text/html", headers=headers)


@functools.lru_cache(256)
def _is_for_a_person(accept: str) -> bool:
    """Browsers ask for HTML by name; programs name JSON or take anything."""
    kinds = ("application/problem+json", "application/json", "text/html")
    return parse_accept_header(accept, MIMEAccept).best_match(kinds) == "text/html"


def _what_was_sent(error: PictureError | ParameterError) -> Response:
    metrics.refused(error)
    return problem(STATUS_OF_ERROR[type(error)], str(error))


def _http_error(error: HTTPException) -> Response:
    original = error.get_response()
    status = original.status_code
    if status < 400:
        return Response(original.response, status, original.headers)
    if status in REFUSED_INPUT:
        metrics.refused(error)
    detail = error.description or http.HTTPStatus(status).description
    if status == 404:
        detail = f"There is nothing at {request.path}."
    if status == 405:
        detail = f"Expected {original.headers['Allow']}, received {request.method}."
    if status == 413:
        settings = current_app.extensions["settings"]
        detail = (
            f"Expected a body of at most {settings.max_bytes:,} bytes and, in a form, at most "
            f"{MAX_FIELDS:,} fields, received more."
        )
    kept = ("Allow", "Retry-After")
    headers = {name: original.headers[name] for name in kept if name in original.headers}
    return problem(status, detail, headers)


def _unexpected_error(error: Exception) -> Response:
    current_app.logger.error("request %s failed", g.request_id, exc_info=error)
    return problem(500, "Something went wrong on our side. It has been noted; please try again.")
