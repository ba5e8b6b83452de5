"""The app beside an empty Flask route and beside the way most demos do it, all in one run.

    python -m benchmarks.serving

Each of the three runs under gunicorn as gunicorn.conf.py describes it; they are loaded in turn,
several times over, so that a machine that slows down slows down all three. Figures of one run can
be compared with each other; those of different machines or days cannot.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import itertools
import multiprocessing
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import ImageOps

from benchmarks import results
from benchmarks.servers import ROOT, Server, running
from classifier.learning.handwriting import draw

WORKERS = 2
CLIENTS = 4  # each a process with one connection, asking as fast as it is answered
ROUNDS = 5
SECONDS = 3.0  # of each round
WARM_UP = 1.0  # seconds, not counted


@dataclass
class Contender:
    """One of the servers that are compared."""

    name: str
    gunicorn: tuple[str, ...]
    ready: str
    method: str
    path: str
    rates: list[float] = field(default_factory=list)  # requests a second, one for each round
    latencies: list[float] = field(default_factory=list)  # seconds, of all rounds
    memory: float = 0.0  # MB: the largest worker's resident set, shared pages included
    seconds_to_ready: float = 0.0


CONTENDERS = (
    Contender("ours: POST /predict", (), "/health/ready", "POST", "/predict"),
    Contender(
        "an empty Flask route",
        ("--chdir", str(ROOT), "benchmarks.rivals:empty()"),
        "/",
        "GET",
        "/",
    ),
    Contender(
        "Keras predict on a 28x28 resize",
        # Under gevent's workers, Keras predict fails when two requests come at once.
        ("--chdir", str(ROOT), "--worker-class", "sync", "benchmarks.rivals:naive()"),
        "/",
        "POST",
        "/predict",
    ),
)


def main() -> None:
    """Measures, prints, and writes what it found to benchmarks/results/serving.json."""
    with contextlib.ExitStack() as stack:
        servers = []
        for contender in CONTENDERS:
            server = stack.enter_context(
                running(*contender.gunicorn, ready=contender.ready, workers=WORKERS)
            )
            contender.seconds_to_ready = server.seconds_to_ready
            load(server, contender, WARM_UP)
            servers.append(server)
        for _ in range(ROUNDS):
            for server, contender in zip(servers, CONTENDERS, strict=True):
                latencies = load(server, contender, SECONDS)
                contender.rates.append(len(latencies) / SECONDS)
                contender.latencies += latencies
        for server, contender in zip(servers, CONTENDERS, strict=True):
            contender.memory = max(map(resident_megabytes, server.workers()))
    measured = summary()
    results.write("serving", measured)
    show(measured)


def load(server: Server, contender: Contender, seconds: float) -> list[float]:
    """Has all clients ask for `seconds`; returns how long each answer took, in seconds."""
    with multiprocessing.get_context("spawn").Pool(CLIENTS) as pool:
        asked = (server.port, contender.method, contender.path, seconds)
        return list(itertools.chain.from_iterable(pool.starmap(ask, [asked] * CLIENTS)))


def ask(port: int, method: str, path: str, seconds: float) -> list[float]:
    """One client: asks again and again over one connection."""
    body = posted_picture() if method == "POST" else None
    headers = {"Content-Type": "image/png"} if body else {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    latencies = []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"Expected 200, received {response.status} from {path}.")
        latencies.append(time.perf_counter() - start)
    connection.close()
    return latencies


def posted_picture() -> bytes:
    """A 4 of the size and kind that the page posts: 8-bit RGB, 88 pixels tall."""
    strokes = [np.array([(20, 10), (10, 50), (58, 50)]), np.array([(48, 15), (45, 80)])]
    file = io.BytesIO()
    ImageOps.invert(draw(strokes, (68, 88), 9)).convert("RGB").save(file, "PNG")
    return file.getvalue()


def resident_megabytes(pid: int) -> float:
    """The memory of a process, in MB of 1,000,000 bytes, the pages that it shares included."""
    listing = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
    return int(listing.stdout) * 1024 / 1e6


def summary() -> dict[str, Any]:
    """The figures of all contenders, and ours in units of the others'."""
    figures = {
        contender.name: {
            "requests_per_second": statistics.median(contender.rates),
            "median_ms": statistics.median(contender.latencies) * 1000,
            "p99_ms": statistics.quantiles(contender.latencies, n=100)[98] * 1000,
            "memory_mb_per_worker": contender.memory,
            "seconds_to_ready": contender.seconds_to_ready,
        }
        for contender in CONTENDERS
    }
    ours, empty, naive = (each["requests_per_second"] for each in figures.values())
    return {
        "workers": WORKERS,
        "clients": CLIENTS,
        "rounds": ROUNDS,
        "seconds_a_round": SECONDS,
        "figures": figures,
        "ours_to_empty": ours / empty,
        "ours_to_naive": ours / naive,
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
    print(f"and {measured['ours_to_empty']:.0%} of what an empty route answers.")


if __name__ == "__main__":
    main()
