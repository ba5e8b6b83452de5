"""The app beside an empty Flask route and beside the way most demos do it, all in one run.

    python -m benchmarks.serving

Each runs under gunicorn as gunicorn.conf.py describes it, a core for each worker; the clients have
the other cores. They are loaded in turn, several times over, so that a machine that slows down
slows down all of them; what is kept is the median of the rounds. Figures of one run can be compared
with each other; those of different machines or days cannot.
"""

from __future__ import annotations

import contextlib
import itertools
import statistics
from dataclasses import dataclass, field
from typing import Any

from benchmarks import results
from benchmarks.clients import Answer, Crowd, described, get, post
from benchmarks.servers import ROOT, Server, cores_apart, resident_megabytes, running
from benchmarks.steps import as_png

WORKERS = 2
CLIENTS = 8  # each with one connection, asking as fast as it is answered
DRAWINGS = 64  # different ones, so that none is answered out of some cache
ROUNDS = 9
SECONDS = 3.0  # of each round
WARM_UP = 1.0  # seconds, not counted

OURS, EMPTY = "ours: POST /predict", "an empty Flask route"
LIVE, NAIVE = "ours: GET /health/live", "Keras predict on a 28x28 resize"


@dataclass
class Contender:
    """One of the servers that are compared, and what it is asked."""

    gunicorn: tuple[str, ...]
    ready: str
    requests: list[bytes]
    rounds: list[dict[str, Any]] = field(default_factory=list)


def contenders() -> dict[str, Contender]:
    """Those that are compared, by their names."""
    drawings = posted_drawings()
    empty = ("--chdir", str(ROOT), "benchmarks.rivals:empty()")
    # Under gevent's workers, Keras predict fails when two requests come at once.
    naive = ("--chdir", str(ROOT), "--worker-class", "sync", "benchmarks.rivals:naive()")
    return {
        OURS: Contender((), "/health/ready", drawings),
        # A route as empty, with all that goes with each of our answers.
        LIVE: Contender((), "/health/ready", [get("/health/live")]),
        EMPTY: Contender(empty, "/", [get("/")]),
        NAIVE: Contender(naive, "/", drawings),
    }


def posted_drawings() -> list[bytes]:
    """Requests such as the page makes, each with a digit that another hand wrote."""
    return [post("/predict", as_png(number)) for number in range(DRAWINGS)]


def main() -> None:
    """Measures, prints, and writes what it found to benchmarks/results/serving.json."""
    measured = measure(contenders(), ROUNDS, SECONDS)
    results.write("serving", measured)
    show(measured)


def measure(compared: dict[str, Contender], rounds: int, seconds: float) -> dict[str, Any]:
    """Returns the figures of all contenders, and ours in units of the others'."""
    server_cores, client_cores = cores_apart(WORKERS)
    with contextlib.ExitStack() as stack:
        crowd = stack.enter_context(Crowd(client_cores))
        servers = {
            name: stack.enter_context(
                running(*each.gunicorn, ready=each.ready, workers=WORKERS, cores=server_cores)
            )
            for name, each in compared.items()
        }
        for name, each in compared.items():
            crowd.ask(servers[name].port, each.requests, CLIENTS, WARM_UP)
        for _, (name, each) in itertools.product(range(rounds), compared.items()):
            answers = crowd.ask(servers[name].port, each.requests, CLIENTS, seconds)
            each.rounds.append(all_answered(answers, seconds))
        figures = {
            name: {**medians(each.rounds), **resources(servers[name])}
            for name, each in compared.items()
        }
    rates = {name: each["requests_per_second"] for name, each in figures.items()}
    return {
        "workers": WORKERS,
        "clients": CLIENTS,
        "drawings": DRAWINGS,
        "server_cores": len(server_cores),
        "clients_on_other_cores": not set(server_cores) & set(client_cores),
        "rounds": rounds,
        "seconds_a_round": seconds,
        "figures": figures,
        "ours_to_empty": rates[OURS] / rates[EMPTY],
        "ours_to_naive": rates[OURS] / rates[NAIVE],
        "p99_to_median": figures[OURS]["p99_ms"] / figures[OURS]["median_ms"],
    }


def all_answered(answers: list[Answer], seconds: float) -> dict[str, Any]:
    """The figures of a round, in which everybody got what they asked for."""
    for answer in answers:
        if answer.status != 200:
            raise RuntimeError(f"Expected 200, received {answer.status}: {answer.content!r}.")
    return described(answers, seconds)


def medians(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """The usual round."""
    names = ("requests_per_second", "median_ms", "p99_ms")
    return {name: statistics.median(each[name] for each in rounds) for name in names}


def resources(server: Server) -> dict[str, float]:
    """What a server takes: the memory of its largest worker, in MB, and the time to get going."""
    return {
        "memory_mb_per_worker": max(map(resident_megabytes, server.workers())),
        "seconds_to_ready": server.seconds_to_ready,
    }


def show(measured: dict[str, Any]) -> None:
    """Prints the table."""
    print(f"{'':34}{'req/s':>9}{'median':>10}{'p99':>10}{'MB/worker':>11}{'ready':>9}")
    for name, each in measured["figures"].items():
        print(
            f"{name:34}{each['requests_per_second']:9.1f}{each['median_ms']:7.2f} ms"
            f"{each['p99_ms']:7.2f} ms{each['memory_mb_per_worker']:11.1f}"
            f"{each['seconds_to_ready']:7.2f} s"
        )
    print(f"Ours answers {measured['ours_to_naive']:.0f} times as many requests as Keras predict,")
    print(f"and {measured['ours_to_empty']:.0%} of what an empty route answers; one answer in a")
    print(f"hundred takes {measured['p99_to_median']:.1f} times as long as the usual one.")


if __name__ == "__main__":
    main()
