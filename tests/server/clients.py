"""Clients that send many requests."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.handwriting import as_png, draw
from tests.server.raw_http import Answer, Target, receive, request, wait_until

SEVEN = as_png(draw(7))
CLIENTS = 8
MANY = 50  # answers


class Crowd:
    """Clients that post the same drawing again and again.

    Args:
        close: whether they use a new connection each time.

    Attributes:
        answered: the number of right answers.
        lost: the requests without a right answer. A refused connection loses none: the client
            tries again.
    """

    def __init__(self, target: Target, close: bool) -> None:
        self.answered = 0
        self.lost: list[str] = []
        self.is_over = threading.Event()
        self._target = target
        self._lock = threading.Lock()
        self._content = request(body=SEVEN, host=target.host, close=close, Content_Type="image/png")

    def run_client(self) -> None:
        """Post until it is over."""
        while not self.is_over.is_set():
            try:
                connection = self._target.connect()
            except ConnectionRefusedError:
                time.sleep(0.02)
                continue
            with connection:
                while not self.is_over.is_set() and self._post(connection):
                    pass

    def wait_for_answers(self) -> None:
        """Wait until all clients are certainly at work."""
        before = self.answered
        wait_until(lambda: self.answered > before + MANY, 60)

    def _post(self, connection: socket.socket) -> bool:
        """Post once, and return whether the connection can be used again."""
        with contextlib.suppress(OSError):
            connection.sendall(self._content)
        answer = receive(connection)
        is_right = answer is not None and answer.status == 200 and answer.json["text"] == "7"
        with self._lock:
            self.answered += is_right
            self.lost += [] if is_right else [repr(answer)]
        return is_right and answer is not None and answer.headers["Connection"] != "close"


@contextlib.contextmanager
def clients(target: Target, close: bool = False) -> Iterator[Crowd]:
    """Let clients post during the block, and for some answers before and after it."""
    crowd = Crowd(target, close)
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(crowd.run_client) for _ in range(CLIENTS)]
        try:
            crowd.wait_for_answers()
            yield crowd
            crowd.wait_for_answers()
        finally:
            crowd.is_over.set()
        for client in running:
            client.result()


def send_all(target: Target, contents: Iterable[bytes]) -> list[Answer]:
    """Send requests from several clients, and return the answers in order."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(target.send, contents))
