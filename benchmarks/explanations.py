"""Whether explanations keep the plain answer waiting.

    python -m benchmarks.explanations

The same gunicorn answers POST /predict alone, and while one client more asks for the explanations
that take longest without a pause; in turn, several times over.
"""

from __future__ import annotations

import http.client
import itertools
import json
import multiprocessing
import statistics
import time
from multiprocessing.synchronize import Event
from typing import Any

from benchmarks import results
from benchmarks.servers import Server, running
from benchmarks.serving import CLIENTS, CONTENDERS, WORKERS, load, posted_picture

OURS = CONTENDERS[0]  # POST /predict
PATHS = ("/explain/heat-map", "/explain/snapshots", "/explain/least-changes")
ROUNDS = 4
SECONDS = 3.0  # of each round
HEAD_START = 0.5  # seconds in which the client that asks for explanations gets going


def main() -> None:
    """Measures, prints, and writes what it found to benchmarks/results/explanations.json."""
    with running(workers=WORKERS) as server:
        measured = measure(server, ROUNDS, SECONDS)
    results.write("explanations", measured)
    print(json.dumps(measured, indent=2))


def measure(server: Server, rounds: int, seconds: float) -> dict[str, Any]:
    """Returns the latencies of plain answers, alone and beside explanations."""
    load(server, OURS, seconds / 3)  # not counted
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(rounds):
        alone += load(server, OURS, seconds)
        context = multiprocessing.get_context("spawn")
        enough = context.Event()
        asking = context.Process(target=explain, args=(server.port, enough))
        asking.start()
        time.sleep(HEAD_START)
        beside += load(server, OURS, seconds)
        enough.set()
        asking.join()
        if asking.exitcode != 0:
            raise RuntimeError("Expected explanations, received an error.")
    return {
        "workers": WORKERS,
        "clients": CLIENTS,
        "seconds": rounds * seconds,
        "alone": described(alone),
        "beside": described(beside),
    }


def explain(port: int, enough: Event) -> None:
    """One client: asks for one explanation after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for path in itertools.cycle(PATHS):
        if enough.is_set():
            return
        connection.request("POST", path, posted_picture(), {"Content-Type": "image/png"})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"Expected 200, received {response.status} from {path}.")


def described(latencies: list[float]) -> dict[str, float]:
    """How long answers took, in milliseconds."""
    return {
        "answers": len(latencies),
        "median_ms": statistics.median(latencies) * 1000,
        "p99_ms": statistics.quantiles(latencies, n=100)[98] * 1000,
    }


if __name__ == "__main__":
    main()
