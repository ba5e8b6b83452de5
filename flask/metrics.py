"""What is counted, for Prometheus, over all of gunicorn's workers; and noted, for the log's line.

Each worker counts in files of its own, in the folder that gunicorn.conf.py makes; whichever is
asked adds them up. Without that folder, as in the development server, the one process counts in
memory.
Import this in a worker only: what counts before the fork counts for nobody.
"""

from __future__ import annotations

import functools
import hmac
import ipaddress
import itertools
import os
import time
from typing import Any

import shapes
from contract import Operation, promises
from flask import Flask, Request, Response, abort, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

# Upper bounds, in seconds, of a request and of a step of an answer.
REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
STEP_BUCKETS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1)
CONFIDENCE_BUCKETS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
# Of so many answers, the steps of one are counted: to count all seven takes as long as to find the
# ink, which is one of them.
ANSWERS_PER_TIMED = 10
# A proxy on this machine is near, and who asks it may not be.
FORWARDED = ("X-Forwarded-For", "Forwarded")

REQUESTS = Counter("http_requests", "Requests answered.", ["endpoint", "method", "status"])
REQUEST_SECONDS = Histogram(
    "http_request_seconds",
    "From a request's head to its answer, its body's arrival included.",
    ["endpoint"],
    buckets=REQUEST_BUCKETS,
)
ANSWERS = Counter("answers", "Pictures read.", ["verdict"])
CONFIDENCE = Histogram(
    "answer_confidence",
    "The network's confidence in the least sure digit of an answer.",
    buckets=CONFIDENCE_BUCKETS,
)
STEP_SECONDS = Histogram(
    "answer_step_seconds",
    f"The steps of reading a picture, of one in {ANSWERS_PER_TIMED}.",
    ["step"],
    buckets=STEP_BUCKETS,
)
REFUSED = Counter("refused_inputs", "Requests refused for what was sent.", ["reason"])
SHED = Counter("requests_shed", "Requests refused because too many were waiting.")
RATE_LIMITED = Counter("requests_rate_limited", "Requests refused because a client sent too many.")
MODEL = Gauge(
    "model_info", "The model that answers.", ["name", "sha256"], multiprocess_mode="livemax"
)
WORKERS = Gauge("workers", "Processes that answer.", multiprocess_mode="livesum")


_answers = itertools.count()


def init_app(app: Flask) -> None:
    """Counts every request, and tells at /metrics. To be called before what else looks at one."""
    app.before_request(_start)
    app.after_request(_count)
    app.add_url_rule("/metrics", view_func=metrics)
    network = app.extensions["classifier"].network
    MODEL.labels(network.name, network.sha256).set(1)
    WORKERS.set(1)


@promises(Operation(str, mimetype="text/plain", refusals=(403,)))
def metrics() -> Response:
    """All that is counted, in Prometheus's text format."""
    if not (_is_from_this_machine() or _has_token()):
        abort(403, "Expected a client on this machine, or METRICS_TOKEN as a bearer token.")
    headers = {"Cache-Control": "no-store"}
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST, headers=headers)


def answered(answer: shapes.Answer, steps: dict[str, float]) -> None:
    """Counts and notes what was read, where `steps` has the seconds that each step took."""
    verdict = answer["verdict"]
    confidence = min((digit["confidence"] for digit in answer["digits"]), default=None)
    _verdict(verdict).inc()
    if confidence is not None:
        CONFIDENCE.observe(confidence)
    if next(_answers) % ANSWERS_PER_TIMED == 0:
        for step, seconds in steps.items():
            _step(step).observe(seconds)
    _note(verdict=verdict, confidence=confidence and round(confidence, 4))


def refused(error: Exception) -> None:
    """Counts and notes a picture or a question that could not be answered."""
    reason = type(error).__name__
    _reason(reason).inc()
    _note(reason=reason)


def refused_without_the_app(method: str, status: int, error: Exception) -> None:
    """Counts a request that gunicorn's worker has refused."""
    _request("none", _known(method), status).inc()
    if status < 500:
        _reason(type(error).__name__).inc()


def shed() -> None:
    """Counts a request that was refused because too many were waiting."""
    SHED.inc()


def rate_limited() -> None:
    """Counts a request that was refused because its client sent too many."""
    RATE_LIMITED.inc()


def _start() -> None:
    g.start = time.perf_counter()


def _count(response: Response) -> Response:
    # What `request` stands for: asking that each time takes as long as counting.
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]
    endpoint = asked.endpoint or "none"
    _request(endpoint, _known(asked.method), response.status_code).inc()
    _request_seconds(endpoint).observe(time.perf_counter() - g.start)
    return response


def _known(method: str) -> str:
    return method if method in METHODS else "other"


def _note(**known: Any) -> None:
    request.environ.setdefault("classifier.log", {}).update(known)


def _is_from_this_machine() -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:  # a Unix socket's
        return False


def _has_token() -> bool:
    token = current_app.extensions["settings"].metrics_token
    sent = request.headers.get("Authorization", "").encode()
    return token is not None and hmac.compare_digest(sent, f"Bearer {token}".encode())


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


# labels() checks its arguments, anew each time, for longer than counting takes. There are few of
# each: what a client makes up has no endpoint, and no method.


@functools.cache
def _request(endpoint: str, method: str, status: int) -> Counter:
    return REQUESTS.labels(endpoint, method, status)


@functools.cache
def _request_seconds(endpoint: str) -> Histogram:
    return REQUEST_SECONDS.labels(endpoint)


@functools.cache
def _verdict(verdict: str) -> Counter:
    return ANSWERS.labels(verdict)


@functools.cache
def _step(step: str) -> Histogram:
    return STEP_SECONDS.labels(step)


@functools.cache
def _reason(reason: str) -> Counter:
    return REFUSED.labels(reason)
