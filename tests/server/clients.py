"""Clients that send many requests."""

from __future__ import annotations

import contextlib
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
    """Clients that post the same 7 again and again, each time over a new connection if `close`.

    A refused connection loses no request: the client tries again.
    """

    def __init__(self, target: Target, close: bool) -> None:
        self.answers: list[Answer] = []
        self.is_over = threading.Event()
        self._target = target
        self._content = request(body=SEVEN, host=target.host, close=close, Content_Type="image/png")

    def lost(self) -> list[Answer]:
        """Return the answers that are not a 7."""
        return [each for each in self.answers if each.status != 200 or each.json["text"] != "7"]

    def run_client(self) -> None:
        while not self.is_over.is_set():
            with contextlib.suppress(ConnectionRefusedError), self._target.connect() as connection:
                is_open = True
                while is_open and not self.is_over.is_set():
                    with contextlib.suppress(OSError):
                        connection.sendall(self._content)
                    answer = receive(connection)
                    self.answers.append(answer)
                    is_open = answer.status == 200 and answer.headers["Connection"] != "close"
            time.sleep(0.002)

    def wait_for_answers(self) -> None:
        """Wait until all clients are certainly at work."""
        before = len(self.answers)
        wait_until(lambda: len(self.answers) > before + MANY, 60)


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
