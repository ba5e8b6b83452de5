"""How much of the server one client may take: counted by its address, in plain answers."""

from __future__ import annotations

import functools
import ipaddress
import math
import re
import time
from typing import cast

import metrics
from assets import FILES
from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.storage.base import SlidingWindowCounterSupport
from limits.strategies import SlidingWindowCounterRateLimiter
from settings import MEMORY, Settings
from werkzeug.exceptions import TooManyRequests

from classifier import MAX_PIXELS

# What an answer takes, in plain answers of the same picture; all others take one.
COST = {
    "explain.layers": 2,
    "explain.what_if": 2,
    "explain.heat_map": 10,
    "explain.snapshots": 10,
    "explain.least_changes": 40,
}
# Pixels that take as long to unpack as a plain answer, in the dearest kind of PNG: 16 bits of red,
# green, blue and opacity. The first of a picture are free: a drawing on the page has no more.
PIXELS = 20_000
FREE_PIXELS = 100_000
# Cheaper to send than to count, and never to be refused to whoever watches over the service.
EXEMPT = (*FILES, "/health/", "/metrics")

WITH_PORT = re.compile(r"([0-9.]+):[0-9]+|\[(.*)\](?::[0-9]+)?", re.ASCII)
NO_ADDRESS = "unknown"  # one for all, or each could make up ever new ones (RFC 7239, 6.2)
MOST_CLIENTS = 10_000  # counted at a time, in at most 4 MB; with more, the count begins anew
PREFIX = 64  # bits of an IPv6 address that one subscriber gets (RFC 6177)
REDIS_SECONDS = 0.25  # that an answer from Redis, or a connection to it, may take
RETRY_SECONDS = 5.0  # that Redis is left alone after it failed


def init_app(app: Flask) -> None:
    """Refuses the requests of a client that has taken more than RATE_LIMIT, if there is one."""
    settings: Settings = app.extensions["settings"]
    if settings.rate_limit:
        limiter = Limiter(parse(settings.rate_limit), settings.rate_limit_storage)
        app.extensions["rate_limit"] = limiter
        app.before_request(_count)


def _count() -> None:
    if not request.path.startswith(EXEMPT):
        _take(_cost())


def count_pixels(picture: bytes) -> None:
    """Counts what it takes to unpack a PNG, before that is done.

    Raises:
        TooManyRequests: it is more than the client has left.
    """
    pixels = int.from_bytes(picture[16:20]) * int.from_bytes(picture[20:24])
    if not FREE_PIXELS < pixels <= MAX_PIXELS:  # with more it is refused as it is
        return
    limiter: Limiter | None = current_app.extensions.get("rate_limit")
    if limiter is None:
        return
    # As with the dearest answer: of a low limit it takes all that is left.
    cost = min((pixels - FREE_PIXELS) // PIXELS, limiter.limit.amount - _cost())
    if cost > 0:
        _take(cost, already=_cost())


def _cost() -> int:
    return COST.get(request.endpoint or "", 1)


def _take(cost: int, already: int = 0) -> None:
    limiter: Limiter = current_app.extensions["rate_limit"]
    seconds = limiter.take(client(request.remote_addr or ""), cost, already)
    if seconds is None:
        return
    metrics.rate_limited()
    limit = limiter.limit
    raise TooManyRequests(
        f"Expected at most {limit.amount:,} answers in {limit.get_expiry():,} seconds from one "
        f"address, received more requests, of which this takes as much as {already + cost:,}. "
        f"Expected the next in {seconds:,} seconds.",
        retry_after=seconds,
    )


@functools.lru_cache(1024)
def client(address: str) -> str:
    """Whom an address belongs to: an IPv6 one stands for all that its subscriber has."""
    with_port = WITH_PORT.fullmatch(address)
    if with_port:  # as some proxies have it
        address = with_port[1] or with_port[2]
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return NO_ADDRESS
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, PREFIX), strict=False).network_address)


class Limiter:
    """Counts in Redis, for all workers together, or in memory: each worker by itself."""

    def __init__(self, limit: RateLimitItem, storage: str) -> None:
        self.limit = limit
        self._memory = SlidingWindowCounterRateLimiter(Memory())
        self._redis = _redis(storage) if storage != MEMORY else None
        self._redis_from = 0.0  # when Redis is asked again, by time.monotonic()

    def take(self, client: str, cost: int, already: int = 0) -> int | None:
        """Lets a client have an answer, or returns the whole seconds after which it can.

        Counting must not stop the service: without Redis, each worker counts by itself.

        Args:
            client: whoever asks.
            cost: of what is asked, in plain answers.
            already: what was taken for the same answer before, and will be when it is asked again.
        """
        if self._redis is not None and time.monotonic() >= self._redis_from:
            try:
                return self._take(self._redis, client, cost, already)
            except self._redis.storage.base_exceptions as error:
                if time.monotonic() >= self._redis_from:  # the first to notice tells
                    self._redis_from = time.monotonic() + RETRY_SECONDS
                    current_app.logger.warning(
                        "the rate limit is counted in memory for %d s, Redis failed: %s",
                        RETRY_SECONDS,
                        error,
                    )
        return self._take(self._memory, client, cost, already)

    def _take(
        self, counted: SlidingWindowCounterRateLimiter, client: str, cost: int, already: int
    ) -> int | None:
        cost = min(cost, self.limit.amount)  # the dearest answer takes a low limit whole
        if counted.hit(self.limit, client, cost=cost):
            return None
        expiry = self.limit.get_expiry()
        storage = cast(SlidingWindowCounterSupport, counted.storage)
        windows = storage.get_sliding_window(self.limit.key_for(client), expiry)
        return seconds_until(self.limit.amount - already - cost, expiry, *windows)


def seconds_until(
    room: int, expiry: int, before: int, before_left: float, now: int, now_left: float
) -> int:
    """The whole seconds until at most `room` are counted, if nothing more is taken.

    Args:
        room: answers.
        expiry: seconds of a window.
        before: answers in the window before this one; they count in full at first, and less and
            less, down to none in `before_left` seconds.
        now: answers in this window; it ends `expiry` seconds before `now_left`, and fades then.
    """
    if now <= room:
        fraction = (room - now + 1) / before if before else 0  # it is rounded down when counted
        seconds = before_left - fraction * expiry
    else:
        seconds = now_left - expiry * (room + 1) / now
    return max(1, math.ceil(seconds))


class Memory(MemoryStorage):
    """The two windows of each client, in this process.

    The library's own storage looks through all its keys up to a hundred times a second to find the
    old ones, so that many addresses would slow it down, and a hit takes it 22 µs. Here all
    windows begin together, and the old ones go as a whole: a hit takes 5 µs.
    """

    def __init__(self) -> None:
        super().__init__()
        self._window = 0.0  # the number of the present one
        self._before: dict[str, int] = {}
        self._now: dict[str, int] = {}

    def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Counts `amount` for `key`, if it has that much left."""
        before, before_left, now, _ = self.get_sliding_window(key, expiry)
        if int(before * before_left / expiry) + now + amount > limit:
            return False
        self._now[key] = now + amount
        return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The count and the seconds left of the window before, and of the present one."""
        time_ = time.monotonic()
        window = time_ // expiry
        if len(self._now) >= MOST_CLIENTS:
            self._before, self._now = {}, {}
        if window != self._window:
            self._before = self._now if window == self._window + 1 else {}
            self._now = {}
            self._window = window
        left = expiry - time_ % expiry
        return self._before.get(key, 0), left, self._now.get(key, 0), left + expiry


def _redis(uri: str) -> SlidingWindowCounterRateLimiter:
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    pool = ConnectionPool.from_url(
        uri,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        # Once more, at once: a connection that lay idle may have been closed by Redis.
        retry=Retry(NoBackoff(), 1),
    )
    return SlidingWindowCounterRateLimiter(RedisStorage(uri, connection_pool=pool))
