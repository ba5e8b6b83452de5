"""The load report: what becomes of requests when many come, when clients stall, when workers end.

    python -m benchmarks.load

The server has a core for each worker, the clients have the other cores. A request is lost if its
connection ends without a whole answer; a client that is refused a connection knocks again.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import statistics
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from benchmarks import results
from benchmarks.clients import LOST, REFUSED, Answer, Crowd, described, get, post
from benchmarks.servers import Server, cores_apart, running
from benchmarks.serving import WORKERS, posted_drawings
from benchmarks.steps import as_png

CLIENTS = (1, 8, 64)
STALLED = (0, 50)
ROUNDS = 6
SECONDS = 1.5  # of each round: the server may hang up on those who stall for longer
SETTLING = 0.2  # seconds: workers that do nothing for so long have nothing left to do
TOO_MANY = 400  # clients
UNDER_LOAD = 8  # clients, while the server is stopped, reloaded, or loses a worker
SECONDS_UNDER_LOAD = 4.0
TURNS = 20  # requests that these make over one connection
EXPLAINED = 16  # every so many-th of these asks for an explanation
REPEATS = 10


def main() -> None:
    """Measures, prints, and writes what it found to benchmarks/results/load.json."""
    server_cores, client_cores = cores_apart(WORKERS)
    with Crowd(client_cores) as crowd:
        with running(workers=WORKERS, cores=server_cores) as server:
            crowd.ask(server.port, posted_drawings(), UNDER_LOAD, SECONDS)  # not counted
            measured = {
                "workers": WORKERS,
                "server_cores": len(server_cores),
                "clients_on_other_cores": not set(server_cores) & set(client_cores),
                "seconds": ROUNDS * SECONDS,
                "steady": steady(crowd, server, CLIENTS, STALLED, ROUNDS, SECONDS),
                "overload": overload(crowd, server, TOO_MANY, ROUNDS * SECONDS),
                "clients_under_load": UNDER_LOAD,
                "killed": [killed(crowd, server) for _ in range(REPEATS)],
                "reloaded": [reloaded(crowd, server) for _ in range(REPEATS)],
            }
        measured["stopped"] = [stopped(crowd, server_cores) for _ in range(REPEATS)]
    results.write("load", measured)
    print(json.dumps(measured, indent=2))


def steady(
    crowd: Crowd,
    server: Server,
    clients: Iterable[int],
    stalled: Iterable[int],
    rounds: int,
    seconds: float,
) -> list[dict[str, Any]]:
    """So many clients, beside so many that stall; all combinations in turn."""
    drawings = posted_drawings()
    cases = list(itertools.product(clients, stalled))
    answers: dict[tuple[int, int], list[Answer]] = {case: [] for case in cases}
    for _, (asking, stalling) in itertools.product(range(rounds), cases):
        with stalling_clients(server, stalling):
            answers[asking, stalling] += crowd.ask(server.port, drawings, asking, seconds)
    return [
        {
            "clients": asking,
            "stalled": stalling,
            **described(answers[asking, stalling], rounds * seconds),
        }
        for asking, stalling in cases
    ]


@contextlib.contextmanager
def stalling_clients(server: Server, count: int) -> Iterator[None]:
    """Clients that stop in the middle: of sending a body, of sending a head, of reading.

    They have stopped when the workers rest: until then, what is sent to those who do not read still
    finds room on its way, and making it is work as any other.
    """
    weights = get("/explain/weights") * 100  # 5 MB of answers: more than any buffer takes
    starts = (post("/predict", as_png(7))[:500], b"POST /predict HTTP/1.1\r\nHost: loc", weights)
    with contextlib.ExitStack() as stack:
        for start in itertools.islice(itertools.cycle(starts), count):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", server.port))
            client.sendall(start)
        wait_for(lambda: server.rests(SETTLING))
        yield


def overload(crowd: Crowd, server: Server, clients: int, seconds: float) -> dict[str, Any]:
    """More than can be served, who all ask again at once whatever they are answered."""
    answers = crowd.ask(server.port, posted_drawings(), clients, seconds)
    shed = [answer.seconds * 1000 for answer in answers if answer.status == 503]
    return {
        "clients": clients,
        **described(answers, seconds),
        "shed": len(shed),
        "median_ms_of_shed": statistics.median(shed) if shed else None,
    }


def stopped(crowd: Crowd, cores: Collection[int] = ()) -> dict[str, Any]:
    """SIGTERM: the server ends, and whoever was let in is answered."""
    with running(workers=WORKERS, cores=cores) as server:
        answers = under_load(crowd, server)
        start = time.monotonic()
        server.process.terminate()
        server.process.wait(timeout=60)
        seconds = time.monotonic() - start
        return {**fates(answers()), "seconds": seconds, "exit_status": server.process.returncode}


def reloaded(crowd: Crowd, server: Server) -> dict[str, Any]:
    """SIGHUP: all workers are replaced, and nobody notices."""
    old = set(server.workers())
    answers = under_load(crowd, server)
    start = time.monotonic()
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: not old & set(server.workers()))
    seconds = time.monotonic() - start
    return {**fates(answers()), "seconds": seconds}


def killed(
    crowd: Crowd, server: Server, seconds_under_load: float = SECONDS_UNDER_LOAD
) -> dict[str, Any]:
    """SIGKILL: a worker is gone with what it had in hand, and another takes its place."""
    old = server.workers()
    answers = under_load(crowd, server, seconds_under_load)
    os.kill(old[0], signal.SIGSTOP)  # what it has in hand now is what it loses
    in_hand = server.connections(old[0])
    start = time.monotonic()
    os.kill(old[0], signal.SIGKILL)
    wait_for(lambda: any(map(server.connections, set(server.workers()) - set(old))))
    seconds = time.monotonic() - start
    return {**fates(answers()), "in_hand": in_hand, "seconds": seconds}


def under_load(
    crowd: Crowd, server: Server, seconds: float = SECONDS_UNDER_LOAD
) -> Callable[[], list[Answer]]:
    """Has clients ask for drawings and now and then for an explanation; returns in the midst."""
    requests = posted_drawings()
    requests[::EXPLAINED] = [
        post("/explain/heat-map", as_png(number)) for number in range(0, len(requests), EXPLAINED)
    ]
    answers = crowd.begin(server.port, requests, UNDER_LOAD, seconds, TURNS)
    time.sleep(SECONDS_UNDER_LOAD / 8)
    return answers


def fates(answers: list[Answer]) -> dict[str, Any]:
    """What became of all requests."""
    statuses = Counter(answer.status for answer in answers)
    return {
        "answered": statuses.pop(200, 0),
        "lost": statuses.pop(LOST, 0),
        "refused": statuses.pop(REFUSED, 0),
        "other_statuses": {str(status): count for status, count in statuses.items()},
        "longest_ms": max(1000 * answer.seconds for answer in answers if answer.status == 200),
    }


def wait_for(event: Callable[[], bool], patience: float = 30.0) -> None:
    """Returns when it has happened."""
    end = time.monotonic() + patience
    while not event():
        if time.monotonic() > end:
            raise TimeoutError(f"Expected it to happen within {patience:.0f} s.")
        time.sleep(0.01)


if __name__ == "__main__":
    main()
