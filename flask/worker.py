"""Gunicorn's worker of this app: what happens on a connection before, between and after requests.

The app itself answers a request from its first line to its last without a pause, apart from waiting
for the body, and from explanations. This is what surrounds that:

- What is no request, or comes too slowly, is refused in the shape of the app's own errors.
- A request that has waited too long for its turn is refused at once: so those that are answered are
  answered soon, however many ask.
- After SIGTERM whoever is connected is answered and then parted with; nobody is cut off.

TLS and HTTP/2 are left to a proxy.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import http
import json
import signal
import socket
import struct
import time
import uuid
from typing import TYPE_CHECKING, Any

import gevent
import gevent.socket
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn import util
from gunicorn.http import errors, message
from gunicorn.http.unreader import SocketUnreader
from gunicorn.http.wsgi import Response, default_environ
from gunicorn.workers.ggevent import GeventWorker

if TYPE_CHECKING:
    from settings import Settings

HEAD_SECONDS = 5.0  # that a request's first line and headers may take together
LAST_CHANCE = 1.0  # seconds that who has been silent may still ask, before we hang up
LINGER_SECONDS, LINGER_BYTES = 2.0, 1024 * 1024  # of what a client still sends when it is refused
MOST_TAKEN_IN = 64 * 1024 * 1024  # bytes of a body that nobody wants: a long photograph, no more
PIECE = 1024 * 1024  # bytes
LONG_WAIT = 0.05  # seconds: there is much to do
AT_ONCE = 1000  # connections that are then accepted at a time
MOST_SHOWN = 60  # characters of what was received
NEVER_SHED = ("/health/live", "/metrics")  # cheap, and asked just when there is much to do
RESET = struct.pack("ii", 1, 0)  # for SO_LINGER: what was not taken by now is thrown away

# What the parser refuses: the status, and what it expected.
PARSER_ERRORS: dict[type[Exception], tuple[int, str]] = {
    errors.InvalidRequestLine: (400, "a request line such as 'GET / HTTP/1.1'"),
    errors.InvalidRequestMethod: (400, "a method such as GET"),
    errors.InvalidHTTPVersion: (400, "the version HTTP/1.1"),
    errors.LimitRequestLine: (414, "a request line of at most {limit_request_line:,} bytes"),
    errors.LimitRequestHeaders: (
        431,
        "at most {limit_request_fields} headers of at most {limit_request_field_size:,} bytes",
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
HEADERS = [
    ("Content-Type", "application/problem+json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
]


class RefusedError(Exception):
    """A request that the app shall not see."""

    def __init__(self, status: int, detail: str, *headers: tuple[str, str]) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers


class BrokenRequestError(Exception):
    """A request is none; its cause is the error that the parser came to."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request  # as far as it was made out


class Unreader(SocketUnreader):
    """What a client sends, and how long it may take."""

    def __init__(self, worker: Worker, client: Any) -> None:
        super().__init__(client)
        self.worker = worker
        self.arrived = 0.0  # when the event loop saw the last bytes, by time.monotonic()
        self.deadline = 0.0

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

    def allow(self, seconds: float) -> None:
        """Gives what comes now this much time, all of it together."""
        self.deadline = time.monotonic() + seconds

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next bytes; raises a TimeoutError where they come too late."""
        left = self.deadline - time.monotonic()
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
        return data


class Request(message.Request):
    """A request; raises a BrokenRequestError if it is none."""

    def __init__(self, worker: Worker, unreader: Unreader, address: Any) -> None:
        self.worker = worker
        try:
            super().__init__(worker.cfg, unreader, address)
        except (errors.ParseException, errors.NoMoreData, TimeoutError) as error:
            for name in ("method", "uri", "path"):  # of those that it did not come to
                setattr(self, name, getattr(self, name) or "-")
            self.version = (1, 1)
            raise BrokenRequestError(self) from error

    def should_close(self) -> bool:
        """Whether the connection ends with this request; what its answer has announced holds."""
        return self._closes

    @functools.cached_property
    def _closes(self) -> bool:
        return bool(self.body.failed or self.worker.parts() or super().should_close())


class Worker(GeventWorker):
    """Answers each connection in a greenlet of its own."""

    settings: Settings  # gunicorn.conf.py says which

    def init_process(self) -> None:
        """Prepares the process that was just forked, and answers until it shall end."""
        # Gunicorn's process has a handler of its own, which would forget the signal here.
        signal.signal(signal.SIGTERM, self.handle_exit)
        self.pool = Pool(self.worker_connections)
        self.silent: dict[Any, float] = {}  # clients between two requests, and since when
        self.polled = time.monotonic()  # when the event loop last looked for what has arrived
        self.waited = 0.0  # seconds: the longest that a request has waited since
        self.doors: list[StreamServer] = []
        super().init_process()

    def run(self) -> None:
        """Answers until SIGTERM, and then parts."""
        # The loop starts those it has accepted for so long, and then turns to the others first.
        gevent.setswitchinterval(self.settings.max_wait)
        poll = gevent.get_hub().loop.check()
        poll.start(self._note_poll)
        for listener in self.sockets:
            handle = functools.partial(self.handle, listener.getsockname())
            door = StreamServer(listener, handle, spawn=self.pool)
            door.start()
            self.doors.append(door)
        while self.alive:
            self.notify()
            if self.parts():
                self._hang_up()
            gevent.sleep(0.25)
        self._leave()

    def _note_poll(self) -> None:
        self.polled = time.monotonic()
        # One at a time leaves some to the other workers; but who waits outside waits unseen.
        at_once = AT_ONCE if self.waited > LONG_WAIT else 1
        for door in self.doors:
            door.max_accept = at_once
        self.waited = 0.0

    def parts(self) -> bool:
        """Whether who has been answered shall go: at the end, or where others need the place."""
        return not self.alive or self.pool.free_count() < self.worker_connections // 10

    def handle(self, name: Any, client: Any, address: Any) -> None:
        """Answers a connection's requests, one after the other."""
        client.settimeout(self.settings.body_seconds)  # also for taking an answer
        unreader = Unreader(self, client)
        try:
            while unreader.comes(self.cfg.keepalive) and self._answer(
                name, client, address, unreader
            ):
                pass
        except (ConnectionError, StopIteration):  # the client has gone
            pass
        except TimeoutError:  # the client does not take its answer
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        finally:
            util.close(client)

    def _answer(self, name: Any, client: Any, address: Any, unreader: Unreader) -> bool:
        """Answers one request; returns whether another may follow."""
        unreader.allow(HEAD_SECONDS)
        try:
            request = Request(self, unreader, address)
        except BrokenRequestError as error:
            self.handle_error(error.request, client, address, error.__cause__)
            util.close_graceful(client, LINGER_SECONDS, LINGER_BYTES)
            return False
        unreader.allow(self.settings.body_seconds)
        try:
            self._admit(request, unreader.arrived)
            self.handle_request(name, request, client, address)
            goes_on = True
        except StopIteration:
            goes_on = False
        except OSError:
            raise
        except Exception as error:
            goes_on = self.handle_error(request, client, address, error)
        return _takes_in_the_rest(request.body) and goes_on

    def _admit(self, request: Request, arrived: float) -> None:
        """Raises a RefusedError where the app shall not answer."""
        waited = time.monotonic() - arrived
        self.waited = max(self.waited, waited)
        if waited > self.settings.max_wait and request.path not in NEVER_SHED:
            raise RefusedError(
                503,
                "Expected fewer requests, received more than can be answered soon; "
                "please try again.",
                ("Retry-After", "1"),
            )
        if request.version >= (1, 1) and not any(name == "HOST" for name, _ in request.headers):
            raise RefusedError(400, "Expected a Host header, received none.")

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> bool:
        """Answers in the app's stead; returns whether another request may follow."""
        # Not at the top: the app is imported after the fork, this module before it.
        from problems import content

        started = datetime.datetime.now()
        status, detail, headers = self._explained(req, exc)
        request_id = uuid.uuid4().hex
        body = json.dumps(content(status, detail, request_id)).encode()
        response = Response(req, client, self.cfg)
        if status != 503 or req._expected_100_continue:
            response.force_close()
        headers += [("X-Request-ID", request_id), ("Content-Length", str(len(body)))]
        response.start_response(f"{status} {http.HTTPStatus(status).phrase}", headers)
        try:
            response.write(body)
        finally:
            environ = default_environ(req, client, self.cfg)
            environ |= {"PATH_INFO": req.path, "REMOTE_ADDR": addr[0] if addr else ""}
            environ["classifier.log"] = {"reason": type(exc).__name__}
            self.log.access(response, req, environ, datetime.datetime.now() - started)
        return not response.should_close()

    def _explained(self, request: Request, error: Any) -> tuple[int, str, list[tuple[str, str]]]:
        """What goes wrong, as a status, a detail and the answer's headers."""
        if isinstance(error, RefusedError):
            return error.status, str(error), [*HEADERS, *error.headers]
        if isinstance(error, TimeoutError):
            detail = f"Expected the headers within {HEAD_SECONDS:g} s, received only some of them."
            return 408, detail, HEADERS[:]
        if isinstance(error, errors.NoMoreData):
            return 400, "Expected a whole request, received the beginning of one.", HEADERS[:]
        if type(error) in PARSER_ERRORS:
            status, expected = PARSER_ERRORS[type(error)]
            detail = f"Expected {expected.format_map(vars(request))}, received "
            return status, detail + _received(request, error), HEADERS[:]
        self.log.error("the worker failed", exc_info=error)
        return 500, "Something went wrong on our side; please try again.", HEADERS[:]

    def _leave(self) -> None:
        """Has everyone answered who is connected, or knocks in the next second."""
        start = time.monotonic()
        while self.doors or self.pool:
            seconds = time.monotonic() - start
            if seconds > self.cfg.graceful_timeout:
                self.log.warning("Connections that were not finished: %s", len(self.pool))
                return
            if seconds > LAST_CHANCE or not self.pool:
                self._close_the_doors()
            if seconds > LAST_CHANCE:
                self._hang_up()
            self.notify()
            gevent.sleep(0.05)

    def _hang_up(self) -> None:
        """Ends the connections of who has been silent; what has come after all is answered."""
        now = time.monotonic()
        for client in [each for each, since in self.silent.items() if now - since > LAST_CHANCE]:
            del self.silent[client]
            with contextlib.suppress(OSError):  # the client was faster
                # Not gevent's own shutdown, which would throw away what has come.
                client._sock.shutdown(socket.SHUT_RD)

    def _close_the_doors(self) -> None:
        """Lets in who has knocked; closing would have the system hang up on them."""
        for door in self.doors:
            door.stop_accepting()
            while accepted := door.do_read():
                door.do_handle(*accepted)
            door.close()
        self.doors.clear()


def _received(request: Request, error: Exception) -> str:
    """A little of what the parser could not make out."""
    if isinstance(error, errors.LimitRequestLine | errors.LimitRequestHeaders):
        return "more."
    received = error.args[0]
    if isinstance(error, errors.InvalidHTTPVersion) and isinstance(received, tuple):
        received = "HTTP/{}.{}".format(*received)
    if received in LENGTHS:
        received = ", ".join(f"{name}: {text}" for name, text in request.headers if name in LENGTHS)
    text = str(received)
    return ascii(text[:MOST_SHOWN]) + ("..." if len(text) > MOST_SHOWN else ".")


def _takes_in_the_rest(body: Any) -> bool:
    """Reads what the app has left of a request's body; whether the next request follows it.

    Closing a connection on unread data resets it, and the client might not see its answer.
    """
    if body.failed:
        return False
    try:
        for _ in range(MOST_TAKEN_IN // PIECE):
            if not body.read(PIECE):
                return True
    except (errors.ParseException, OSError):
        pass
    return False
