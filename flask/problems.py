"""Errors -> application/problem+json (RFC 9457) for programs, a page for people."""

from __future__ import annotations

import http

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from classifier import PictureError, PictureFormatError, PictureTooLargeError

STATUS_OF_ERROR = {PictureFormatError: 415, PictureTooLargeError: 413, PictureError: 400}


class BodyError(Exception):
    """A request whose body is not what the endpoint takes."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def init_app(app: Flask) -> None:
    """Makes every error of the application answer in one shape."""
    app.register_error_handler(BodyError, _body_error)
    app.register_error_handler(PictureError, _picture_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def problem(status: int, detail: str) -> Response:
    """The answer to a request that failed: what was expected, and what was received."""
    title = http.HTTPStatus(status).phrase
    if _for_a_person():
        page = render_template("problem.html", status=status, title=title, detail=detail)
        return Response(page, status, mimetype="text/html")
    response = jsonify(
        type="about:blank", title=title, status=status, detail=detail, request_id=g.request_id
    )
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _for_a_person() -> bool:
    """Browsers ask for HTML by name; programs name JSON or take anything."""
    kinds = ("application/problem+json", "application/json", "text/html")
    return request.accept_mimetypes.best_match(kinds) == "text/html"


def _body_error(error: BodyError) -> Response:
    return problem(error.status, str(error))


def _picture_error(error: PictureError) -> Response:
    return problem(STATUS_OF_ERROR[type(error)], str(error))


def _http_error(error: HTTPException) -> Response:
    original = error.get_response()
    status = original.status_code
    if status < 400:
        return Response(original.response, status, original.headers)
    detail = error.description or http.HTTPStatus(status).description
    if status == 413:
        limit = current_app.extensions["settings"].max_bytes
        detail = f"Expected a body of at most {limit:,} bytes, received a larger one."
    response = problem(status, detail)
    for name in ("Allow", "Retry-After"):
        if name in original.headers:
            response.headers[name] = original.headers[name]
    return response


def _unexpected_error(error: Exception) -> Response:
    current_app.logger.error("request %s failed", g.request_id, exc_info=error)
    return problem(500, "Something went wrong on our side. It has been noted; please try again.")
