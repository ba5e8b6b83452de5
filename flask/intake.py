"""What a client sends: how long it may take, how much of it there may be, and how it is read.

Gunicorn's parser reads it. It bounds each header and each chunk, but neither all of them together
nor what all clients send together; and it reads on for as long as there is something to read.
"""

from __future__ import annotations

import functools
import re
import time
from typing import TYPE_CHECKING, Any

import gevent
import gevent.socket
import metrics
import operations
import rate_limit
from assets import FILES
from gunicorn.http import errors, message
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.unreader import SocketUnreader
from werkzeug.exceptions import ServiceUnavailable

if TYPE_CHECKING:
    from worker import Worker

# Answered however late. They are cheap, and asked just when there is much to do; and a page is dead
# without one of its files, or keeps a gap, for a browser asks but once for a picture.
NEVER_SHED = (*FILES, "/health/live", "/metrics")
HEAD_SECONDS = 5.0  # that a request's first line and headers may take together
# Bytes of all headers together, as many as nginx takes: to make sense of more takes a while.
MOST_OF_HEADERS = 32 * 1024
# Bytes of a body that nobody counts: many times what the page posts, so that whoever draws is
# answered however many send photographs. From all 800 connections of a worker that is 50 MB.
SMALL = 64 * 1024
# Bytes of bodies beyond that which a worker has in hand: unfinished ones, and those that are being
# answered. Six of the largest photographs; a worker has 90 MB by itself.
MOST_HELD = 64 * 1024 * 1024
MOST_TAKEN_IN = 64 * 1024 * 1024  # bytes of a body that nobody wants: a long photograph, no more
PIECE = 64 * 1024  # bytes, as many as Werkzeug asks for
# A chunk takes 7 µs however short it is: a large body in chunks of one byte, a minute. So many may
# be short; where there are more, they have so many bytes on average. Clients send thousands.
SHORT_CHUNKS, SHORT = 1000, 256
# Seconds, a few answers' worth, until others come before a large body, however much has arrived.
# A small one goes on: once admitted, a request must not wait for all others again.
TURN = 0.005
NEXT_TURN = 1e-6  # seconds; 0 would only let those go first who have been noticed already
SKIMMED = 8192  # bytes of what is no request, in which headers are looked for
FIELD = re.compile(rb"^([!-9;-~]+):[ \t]*([^\r\n]*)", re.MULTILINE)


class RefusedError(Exception):
    """A request that the app shall not see."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers


class OverloadError(RefusedError):
    """A request for which there is no time."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "Expected fewer requests, received more than can be answered soon; please try again.",
            **operations.SOON,
        )


class Unreader(SocketUnreader):
    """What a client sends, how long it may take, and how much it may be."""

    max_body_chunk = PIECE  # what is received beyond what is asked for is copied each time

    def __init__(self, worker: Worker, client: Any, address: Any) -> None:
        super().__init__(client)
        self.worker = worker
        self.address = address
        self.owner = rate_limit.client(address[0] if address else "")
        self.is_in_hand = False  # a request that has begun
        self.is_one_too_many = False
        self.arrived = 0.0  # when the event loop saw the last bytes, by time.monotonic()
        self.deadline = 0.0
        self.turn = 0.0  # when it began
        self.taken = 0  # bytes of what is being read
        self.held = 0  # of these, what the worker counts
        self.is_wanted = True  # rather than thrown away as it comes

    def comes(self, seconds: float) -> bool:
        """Waits until the next request begins, even if it has: others have waited for longer."""
        if self.buf.getbuffer().nbytes:
            gevent.sleep(0)
        else:
            self.worker.silent[self.sock] = time.monotonic()
            try:
                gevent.socket.wait_read(self.sock.fileno(), seconds, TimeoutError())
            except TimeoutError:
                return False
            finally:
                self.worker.silent.pop(self.sock, None)
        self.arrived = self.worker.polled
        return True

    def request(self) -> Request:
        """The request that begins; `done` is to be called when it is over."""
        in_hand = self.worker.in_hand
        in_hand[self.owner] = in_hand.get(self.owner, 0) + 1
        self.is_in_hand = True
        self.is_one_too_many = in_hand[self.owner] > self.worker.most_of_one
        self.allow(HEAD_SECONDS)
        return Request(self)

    def done(self) -> None:
        """Has the request no longer count."""
        if self.held:
            self.let_go()
        if self.is_in_hand:
            self.is_in_hand = False
            in_hand = self.worker.in_hand
            in_hand[self.owner] -= 1
            if not in_hand[self.owner]:
                del in_hand[self.owner]

    def allow(self, seconds: float) -> None:
        """Gives what comes now this much time, all of it together."""
        self.turn = time.monotonic()
        self.deadline = self.turn + seconds
        self.taken = 0
        self.is_wanted = True

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next bytes; raises a TimeoutError where they come too late."""
        now = time.monotonic()
        if self.taken > SMALL and now - self.turn > TURN:
            gevent.sleep(NEXT_TURN)
            now = self.turn = time.monotonic()
        left = self.deadline - now
        if left <= 0:
            raise TimeoutError
        polled, patience = self.worker.polled, self.sock.gettimeout()
        self.sock.settimeout(left)
        try:
            data: bytes = super().chunk(size_hint)
        finally:
            self.sock.settimeout(patience)
        if self.worker.polled != polled:
            self.arrived = self.worker.polled
            self.turn = time.monotonic()
        self.taken += len(data)
        if self.taken > SMALL and self.is_wanted:
            self._hold(len(data))
        return data

    def _hold(self, size: int) -> None:
        """Counts bytes of a large body; raises a ServiceUnavailable where there are too many."""
        most = max(MOST_HELD, 2 * self.worker.settings.max_bytes)
        if self.worker.held + size > most:
            metrics.shed()
            raise ServiceUnavailable(
                f"Expected large bodies of at most {most:,} bytes together, received more; "
                "please try again.",
                retry_after=1,
            )
        self.worker.held += size
        self.held += size

    def let_go(self) -> None:
        """Has what was read no longer count, nor what is still to come of the same body."""
        self.worker.held -= self.held
        self.held = 0
        self.is_wanted = False


class Chunks(ChunkedReader):
    """A body in chunks; raises an InvalidChunkSize where too many of them are short."""

    def __init__(self, request: Request, unreader: Unreader) -> None:
        super().__init__(request, unreader)
        self.count = 0
        self.bytes = 0

    def parse_chunk_size(self, unreader: Any, data: bytes | None = None) -> Any:
        """The size of the next chunk, and what has come of it."""
        size, rest = super().parse_chunk_size(unreader, data)
        self.count += 1
        self.bytes += size
        if self.count > SHORT_CHUNKS + self.bytes // SHORT:
            raise errors.InvalidChunkSize(b"%x" % size)
        return size, rest


class Request(message.Request):
    """A request; or where it is `broken`, as much of one as could be made out."""

    headers: list[tuple[str, str]]
    body: Body

    def __init__(self, unreader: Unreader) -> None:
        self.worker = unreader.worker
        self.broken: Exception | None = None
        self.seen = b""  # of its head
        try:
            super().__init__(self.worker.cfg, unreader, unreader.address)
        except (errors.ParseException, errors.NoMoreData, RefusedError, TimeoutError) as error:
            self.broken = error
            for name in ("method", "uri", "path"):  # of those that it did not come to
                setattr(self, name, getattr(self, name) or "-")
            self.version = (1, 1)
            self.headers = self.headers or [
                (name.decode().upper(), value.decode("latin-1"))
                for name, value in FIELD.findall(self.seen[:SKIMMED])
            ]

    def parse(self, unreader: Unreader) -> Any:
        """Reads the head; returns what has come after it."""
        if unreader.is_one_too_many:
            self.read_into(unreader, bytearray(), stop=True)  # or closing would reset
            raise OverloadError
        self.max_buffer_headers = MOST_OF_HEADERS  # until they end; and of trailers
        return super().parse(unreader)

    def read_into(self, unreader: Unreader, buf: Any, stop: bool = False) -> None:
        """Adds what comes next to `buf`."""
        super().read_into(unreader, buf, stop)
        self.seen = buf

    def parse_headers(self, data: bytes, from_trailer: bool = False) -> Any:
        """Makes headers of `data`."""
        if len(data) > MOST_OF_HEADERS:
            raise errors.LimitRequestHeaders("all headers together")
        return super().parse_headers(data, from_trailer)

    def set_body_reader(self) -> None:
        """Finds out how the body is to be read."""
        super().set_body_reader()
        if isinstance(self.body.reader, ChunkedReader):
            self.body = Body(Chunks(self, self.unreader))

    def take_in_the_rest(self) -> bool:
        """Reads what the app has left of the body; whether the next request follows it.

        Closing a connection on unread data resets it, and the client might not see its answer.
        """
        self.unreader.let_go()
        if self.body.failed:
            return False
        try:
            for _ in range(MOST_TAKEN_IN // PIECE):
                if not self.body.read(PIECE):
                    return True
        except (errors.ParseException, OSError):
            pass
        return False

    def should_close(self) -> bool:
        """Whether the connection ends with this request; what its answer has announced holds."""
        return self._closes

    @functools.cached_property
    def _closes(self) -> bool:
        return bool(self.body.failed or self.worker.parts() or super().should_close())
