"""Metrics for Prometheus, and one line in the log for each request.

Under gunicorn, each worker counts in its own files in PROMETHEUS_MULTIPROC_DIR, and /metrics adds
them up. The development server counts in memory.
"""

from __future__ import annotations

import functools
import ipaddress
import logging
import os
import re
import secrets
import time
from typing import Any

from flask import Flask, Response, current_app, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
CONFIDENCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
LONGEST_PATH = 200  # characters written to the log; the app's own paths are shorter

REQUESTS = Counter("http_requests", "Requests answered.", ["endpoint", "method", "status"])
REQUEST_SECONDS = Histogram(
    "http_request_seconds",
    "From a request's head to its response, including the arrival of its body.",
    ["endpoint"],
    buckets=SECONDS,
)
ANSWERS = Counter("answers", "Pictures read.", ["verdict"])
CONFIDENCE = Histogram(
    "answer_confidence", "Confidence of the least certain digit.", buckets=CONFIDENCES
)
REFUSED = Counter("refused_inputs", "Requests refused for their content.", ["reason"])
MODEL = Gauge("model_info", "The model in use.", ["name", "sha256"], multiprocess_mode="livemax")
WORKERS = Gauge("workers", "Running worker processes.", multiprocess_mode="livesum")

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Identify, count and log every request."""
    app.before_request(_begin)
    app.after_request(_end)
    network = app.extensions["classifier"].network
    MODEL.labels(network.name, network.sha256).set(1)
    WORKERS.set(1)


def answered(verdict: str, confidence: float | None) -> None:
    """Count and log an answer, with the confidence of its least certain digit."""
    ANSWERS.labels(verdict).inc()
    if confidence is not None:
        CONFIDENCE.observe(confidence)
        confidence = round(confidence, 4)
    g.log.update(verdict=verdict, confidence=confidence)


def refused(error: Exception) -> None:
    """Count and log a request that is refused for its content."""
    reason = type(error).__name__
    REFUSED.labels(reason).inc()
    g.log["reason"] = reason


def registry() -> CollectorRegistry:
    """Return the metrics of all workers."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


@functools.lru_cache(1024)
def network_of(address: str, bits_4: int, bits_6: int) -> str | None:
    """Return the network of an IP address with or without a port; None for other text.

    `bits_4` and `bits_6` are the prefix lengths of IPv4 and IPv6 networks.
    """
    address = re.sub(r"^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$", r"\1\2", address)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    bits = bits_4 if parsed.version == 4 else bits_6
    return str(ipaddress.ip_network((parsed, bits), strict=False))


def _begin() -> None:
    g.start = time.perf_counter()
    g.log = {}
    given = request.headers.get("X-Request-ID", "")
    is_trusted = current_app.extensions["settings"].proxies and REQUEST_ID.fullmatch(given)
    g.request_id = given if is_trusted else secrets.token_hex(16)


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.start
    endpoint = request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(endpoint, method, response.status_code).inc()
    REQUEST_SECONDS.labels(endpoint).observe(seconds)
    response.headers["X-Request-ID"] = g.request_id
    # Log neither the query nor anything that a visitor wrote or drew.
    fields: dict[str, Any] = {
        "request_id": g.request_id,
        "method": request.method,
        "path": request.path[:LONGEST_PATH],
        "status": response.status_code,
        "bytes": response.content_length,
        "milliseconds": round(seconds * 1000, 2),
        "client": network_of(request.remote_addr or "", 24, 48),
        **g.log,
    }
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    log.log(level, "request", extra=fields)
    return response
