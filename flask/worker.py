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
import functools
import signal
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Any

import gevent
import gevent.socket
from gevent import monkey
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn import util
from gunicorn.workers.ggevent import GeventWorker

if TYPE_CHECKING:
    from intake import Request, Unreader
    from settings import Settings

LAST_CHANCE = 1.0  # seconds that who has been silent may still ask, before we hang up
LINGER_SECONDS, LINGER_BYTES = 2.0, 1024 * 1024  # of what a client still sends when it is refused
# Of so many connections, one address may have one in the midst of a request. Those are what stalls,
# for what has arrived is answered at once: of 400 clients that do not stall, it is a few at a time.
SHARE = 4
LONG_WAIT = 0.05  # seconds: there is much to do
AT_ONCE = 1000  # connections that are then accepted at a time
RETRY_SECONDS = 1.0  # between two attempts to start in the place of a worker that died
RESET = struct.pack("ii", 1, 0)  # for SO_LINGER: what was not taken by now is thrown away


class Worker(GeventWorker):
    """Answers each connection in a greenlet of its own."""

    settings: Settings  # gunicorn.conf.py says which
    sockets: list[Any]

    def init_process(self) -> None:
        """Prepares the process that was just forked, and answers until it shall end."""
        # Gunicorn's process has a handler of its own, which would forget the signal here.
        signal.signal(signal.SIGTERM, self.handle_exit)
        self.pool = Pool(self.worker_connections)
        self.silent: dict[Any, float] = {}  # clients between two requests, and since when
        self.polled = time.monotonic()  # when the event loop last looked for what has arrived
        self.waited = 0.0  # seconds: the longest that a request has waited since
        self.in_hand: dict[str, int] = {}  # requests, by whose they are
        # Through proxies, everyone has the same address.
        self.most_of_one = self.worker_connections // (1 if self.settings.proxies else SHARE)
        self.held = 0  # bytes of large bodies that are in hand
        self.doors: list[StreamServer] = []
        super().init_process()

    def patch(self) -> None:
        """Has whatever waits let other requests go first.

        That is clients, whose sockets are gevent's own here, and a Redis. Without one the standard
        library stays as it is: to patch it takes longer than to import the app.
        """
        if self.settings.asks_redis:
            monkey.patch_all()
        self.sockets = [
            gevent.socket.socket(each.FAMILY, socket.SOCK_STREAM, fileno=each.sock.detach())
            for each in self.sockets
        ]

    def load_wsgi(self) -> None:
        """Loads the app.

        At the start and at a reload it has been tried before: there, gunicorn ends where it fails.
        In the place of a worker that died it is tried again and again, for the others still answer,
        and what is wrong on the disk by now may be mended, or an installation be finished.
        """
        try:
            super().load_wsgi()
        except (Exception, SystemExit) as error:
            if self.age <= self.cfg.workers:
                raise
            self.log.error("a worker could not start; the others go on", exc_info=error)
            time.sleep(RETRY_SECONDS)
            sys.exit(1)  # with any other status than two of gunicorn's own, it makes a new one

    def run(self) -> None:
        """Answers until SIGTERM, and then parts."""
        # Not at the top: this module is imported before the fork, the app and its parts after it.
        # Nor at the first request, which would wait for it.
        import intake
        import refusals

        self.intake, self.refusals = intake, refusals
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
        unreader = self.intake.Unreader(self, client, address)
        try:
            while unreader.comes(self.cfg.keepalive) and self._answer(
                name, client, address, unreader
            ):
                unreader.done()
        except (ConnectionError, StopIteration):  # the client has gone
            pass
        except TimeoutError:  # the client does not take its answer
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        finally:
            unreader.done()
            util.close(client)

    def _answer(self, name: Any, client: Any, address: Any, unreader: Unreader) -> bool:
        """Answers one request; returns whether another may follow."""
        request = unreader.request()
        if request.broken:
            self.handle_error(request, client, address, request.broken)
            if not unreader.is_one_too_many:
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
        if not request.take_in_the_rest():
            util.close_graceful(client, LINGER_SECONDS, LINGER_BYTES)
            return False
        return goes_on

    def _admit(self, request: Request, arrived: float) -> None:
        """Raises a RefusedError where the app shall not answer."""
        waited = time.monotonic() - arrived
        self.waited = max(self.waited, waited)
        if waited > self.settings.max_wait and not request.path.startswith(self.intake.NEVER_SHED):
            raise self.intake.OverloadError
        if request.version >= (1, 1) and not any(name == "HOST" for name, _ in request.headers):
            raise self.intake.RefusedError(400, "Expected a Host header, received none.")

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> bool:
        """Answers in the app's stead; returns whether another request may follow."""
        return bool(self.refusals.answer(self, req, client, addr, exc))

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
