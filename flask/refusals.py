"""What is answered in the app's stead: to what is no request, and where there are too many.

In the shape of the app's own errors, and counted and logged like them.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import headers
import hosts
import metrics
import operations
import problems
from gunicorn.http import errors
from gunicorn.http.wsgi import Response, default_environ
from intake import HEAD_SECONDS, RefusedError, Request

if TYPE_CHECKING:
    from worker import Worker

MOST_SHOWN = 60  # characters of what was received

# What the parser refuses: the status, and what it expected.
PARSER_ERRORS: dict[type[Exception], tuple[int, str]] = {
    errors.InvalidRequestLine: (400, "a request line such as 'GET / HTTP/1.1'"),
    errors.InvalidRequestMethod: (400, "a method such as GET"),
    errors.InvalidHTTPVersion: (400, "the version HTTP/1.1"),
    errors.LimitRequestLine: (414, "a request line of at most {limit_request_line:,} bytes"),
    errors.LimitRequestHeaders: (
        431,
        "at most {limit_request_fields} headers of at most {limit_request_field_size:,} bytes, and "
        "at most {max_buffer_headers:,} bytes of headers",
    ),
    errors.UnsupportedTransferCoding: (501, "the transfer coding 'chunked' or none"),
    errors.ExpectationFailed: (417, "the expectation '100-continue' or none"),
    errors.InvalidHeaderName: (400, "well-formed names of headers"),
    errors.InvalidHeader: (
        400,
        "well-formed headers, Host, Content-Type and a length at most once",
    ),
    errors.ObsoleteFolding: (400, "headers of one line each"),
}
LENGTHS = ("CONTENT-LENGTH", "TRANSFER-ENCODING")


def answer(worker: Worker, request: Request, client: Any, address: Any, error: Exception) -> bool:
    """Refuses a request for an error; returns whether another may follow."""
    started = datetime.datetime.now()
    status, detail = _explained(request, error)
    if status == 500:
        worker.log.error("the worker failed", exc_info=error)
    environ = _environ(worker, request, client, address)
    environ["classifier.log"] = {"reason": type(error).__name__}
    name = operations.name(environ.get("HTTP_X_REQUEST_ID", "") if worker.settings.proxies else "")
    refusal = problems.refusal(
        worker.wsgi, status, detail, name, environ.get("HTTP_ACCEPT", ""), _headers(error)
    )
    response = Response(request, client, worker.cfg)
    if request.broken or status != 503 or request._expected_100_continue:
        response.force_close()
    always = headers.for_scheme(environ["wsgi.url_scheme"])
    response.start_response(refusal.status, [*refusal.headers, ("X-Request-ID", name), *always])
    try:
        response.write(refusal.get_data())
    finally:
        if status == 503:
            metrics.shed()
        metrics.refused_without_the_app(request.method, status, error)
        worker.log.access(response, request, environ, datetime.datetime.now() - started)
    return not response.should_close()


def _explained(request: Request, error: Exception) -> tuple[int, str]:
    """What goes wrong, as a status and a detail."""
    if isinstance(error, RefusedError):
        return error.status, str(error)
    if isinstance(error, TimeoutError):
        return 408, f"Expected the headers within {HEAD_SECONDS:g} s, received only some of them."
    if isinstance(error, errors.NoMoreData):
        return 400, "Expected a whole request, received the beginning of one."
    if type(error) in PARSER_ERRORS:
        status, expected = PARSER_ERRORS[type(error)]
        detail = f"Expected {expected.format_map(vars(request))}, received "
        return status, detail + _received(request, error)
    return 500, "Something went wrong on our side; please try again."


def _received(request: Request, error: Exception) -> str:
    """A little of what the parser could not make out."""
    if isinstance(error, errors.LimitRequestLine | errors.LimitRequestHeaders):
        return "more."
    received = error.args[0]
    if isinstance(error, errors.InvalidHTTPVersion) and isinstance(received, tuple):
        received = "HTTP/{}.{}".format(*received)
    if received in LENGTHS and isinstance(error, errors.InvalidHeader):
        received = ", ".join(f"{name}: {text}" for name, text in request.headers if name in LENGTHS)
    text = str(received)
    return ascii(text[:MOST_SHOWN]) + ("..." if len(text) > MOST_SHOWN else ".")


def _headers(error: Exception) -> dict[str, str]:
    return error.headers if isinstance(error, RefusedError) else {}


def _environ(worker: Worker, request: Request, client: Any, address: Any) -> dict[str, Any]:
    """What the app would know of a request, as far as it was made out."""
    environ: dict[str, Any] = default_environ(request, client, worker.cfg)
    environ |= {
        "PATH_INFO": request.path,
        "REMOTE_ADDR": address[0] if address else "",
        "wsgi.url_scheme": request.scheme,
    }
    for name, value in request.headers:
        key = "HTTP_" + name.replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    hosts.believe_proxies(environ, worker.settings)
    return environ
