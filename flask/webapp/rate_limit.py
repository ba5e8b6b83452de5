"""Limit how much of the server one client uses, counted in plain answers."""

from __future__ import annotations

import logging
import math
import threading
import time
from typing import Any

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter, RateLimitExceeded
from limits import parse
from limits.storage import MemoryStorage

from classifier import MAX_PIXELS

from .errors import problem
from .settings import MEMORY, Settings
from .telemetry import network_of

# The cost of each explanation, in plain answers to the same picture. Other requests cost one.
COST = {
    "explain.layers": 2,
    "explain.what_if": 2,
    "explain.heat_map": 10,
    "explain.snapshots": 10,
    "explain.least_changes": 40,
}
EXEMPT = ("static", "plots", "health.live", "health.ready", "health.metrics")
PIXELS = 20_000  # of 16-bit RGBA, the slowest PNG to decode, take as long as a plain answer
FREE_PIXELS = 100_000  # a drawing on the page has no more
SCOPE = "global"  # Flask-Limiter's name for the scope of application limits
MAX_COUNTS = 20_000  # counts kept in memory; a client has up to two
REDIS_SECONDS = 0.25  # longest wait for Redis to connect or answer


class BoundedStorage(MemoryStorage):
    """Count in memory, and start over when there are too many counts.

    The base class starts a thread every 10 ms to remove expired counts, which delays requests.
    """

    STORAGE_SCHEME = ["memory"]  # noqa: RUF012  # as in the base class
    lock = threading.Lock()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add `amount` to a count that is valid for `expiry` seconds."""
        with self.lock:
            if len(self.storage) >= MAX_COUNTS:
                self.reset()
            count = self.get(key) + amount  # get() returns 0 after its expiry
            self.storage[key] = count
            self.expirations.setdefault(key, time.time() + expiry)
            return count


def init_app(app: Flask) -> None:
    """Refuse requests beyond RATE_LIMIT, unless it is empty."""
    settings: Settings = app.extensions["settings"]
    if not settings.rate_limit:
        return
    is_redis = settings.rate_limit_storage != MEMORY
    # Flask-Limiter annotates these options as int, but redis-py accepts fractions of a second.
    timeouts: Any = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), REDIS_SECONDS)
    limiter = Limiter(
        _client,
        app=app,
        application_limits=[settings.rate_limit],
        application_limits_cost=_cost,
        strategy="sliding-window-counter",
        storage_uri=settings.rate_limit_storage,
        storage_options=timeouts if is_redis else {},
        in_memory_fallback_enabled=is_redis,
        swallow_errors=is_redis,  # when several requests meet a failure at the same time
    )
    limiter.request_filter(lambda: request.endpoint in EXEMPT)
    app.extensions["rate_limit"] = limiter, parse(settings.rate_limit)
    app.register_error_handler(RateLimitExceeded, _refuse)
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # at lower ones it logs addresses


def pixels_in(picture: bytes) -> int:
    """Return the number of pixels that the header of a PNG declares."""
    return int.from_bytes(picture[16:20]) * int.from_bytes(picture[20:24])


def count_pixels(picture: bytes) -> None:
    """Count the cost of decoding a PNG, before it is decoded.

    Raises:
        RateLimitExceeded: the cost exceeds what the client has left.
    """
    pixels = pixels_in(picture)
    if "rate_limit" not in current_app.extensions or not FREE_PIXELS < pixels <= MAX_PIXELS:
        return  # pictures above MAX_PIXELS are refused undecoded
    limiter, limit = current_app.extensions["rate_limit"]
    # One request can use up a low limit, but never exceed it.
    cost = min((pixels - FREE_PIXELS) // PIXELS, limit.amount - _cost())
    try:
        is_allowed = limiter.limiter.hit(limit, _client(), SCOPE, cost=cost)
    except limiter.storage.base_exceptions:  # Redis failed; the next request counts in memory
        is_allowed = True
    if not is_allowed:
        (exceeded,) = limiter.limit_manager.application_limits
        raise RateLimitExceeded(exceeded)


def _client() -> str:
    """Return the client's address, or the /64 network that an IPv6 subscriber has (RFC 6177)."""
    # Other values share one count; otherwise a client could evade the limit by inventing new ones
    # (RFC 7239, section 6.2).
    return network_of(request.remote_addr or "", 32, 64) or "unknown"


def _cost() -> int:
    _, limit = current_app.extensions["rate_limit"]
    cost = COST.get(request.endpoint or "", 1) if request.method == "POST" else 1
    return min(cost, int(limit.amount))


def _refuse(error: RateLimitExceeded) -> Response:
    limiter, limit = current_app.extensions["rate_limit"]
    window = limiter.limiter.get_window_stats(limit, _client(), SCOPE)
    seconds = max(1, math.ceil(window.reset_time - time.time()))
    detail = (
        f"Expected at most {limit.amount:,} plain answers in {limit.get_expiry():,} seconds from "
        f"one address, received more. Try again in {seconds:,} seconds."
    )
    return problem(429, detail, {"Retry-After": str(seconds)})
