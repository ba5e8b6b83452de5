"""Whether explanations keep the plain answer waiting.

    python -m benchmarks.explanations

The same gunicorn answers POST /predict alone, and while one client more asks for the explanations
that take longest without a pause; in turn, several times over.
"""

from __future__ import annotations

import json
import time
from typing import Any

from benchmarks import results
from benchmarks.clients import Answer, Crowd, post
from benchmarks.servers import Server, cores_apart, running
from benchmarks.serving import CLIENTS, DRAWINGS, WORKERS, all_answered, posted_drawings
from benchmarks.steps import as_png

PATHS = ("/explain/heat-map", "/explain/snapshots", "/explain/least-changes")
ROUNDS = 4
SECONDS = 3.0  # of each round
HEAD_START = 0.5  # seconds in which the client that asks for explanations gets going


def main() -> None:
    """Measures, prints, and writes what it found to benchmarks/results/explanations.json."""
    server_cores, client_cores = cores_apart(WORKERS)
    with running(workers=WORKERS, cores=server_cores) as server:
        measured = measure(server, ROUNDS, SECONDS, client_cores)
    results.write("explanations", measured)
    print(json.dumps(measured, indent=2))


def measure(server: Server, rounds: int, seconds: float, cores: list[int]) -> dict[str, Any]:
    """Returns the latencies of plain answers, alone and beside explanations."""
    drawings = posted_drawings()
    questions = [post(path, as_png(number)) for number in range(DRAWINGS) for path in PATHS]
    alone: list[Answer] = []
    beside: list[Answer] = []
    with Crowd(cores) as crowd, Crowd(cores[-1:]) as curious:
        crowd.ask(server.port, drawings, CLIENTS, seconds / 3)  # not counted
        for _ in range(rounds):
            alone += crowd.ask(server.port, drawings, CLIENTS, seconds)
            explained = curious.begin(server.port, questions, 1, HEAD_START + seconds)
            time.sleep(HEAD_START)
            beside += crowd.ask(server.port, drawings, CLIENTS, seconds)
            all_answered(explained(), seconds)
    return {
        "workers": WORKERS,
        "clients": CLIENTS,
        "seconds": rounds * seconds,
        "alone": all_answered(alone, rounds * seconds),
        "beside": all_answered(beside, rounds * seconds),
    }


if __name__ == "__main__":
    main()
