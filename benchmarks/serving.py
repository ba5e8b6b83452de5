"""Compare the app with an empty Flask route and with Keras `predict`, all in one run.

    python -m benchmarks.serving

Every server runs under gunicorn with the same number of workers, and is loaded in turn, several
times over, so that a machine that slows down slows down all of them. The results are medians over
the rounds. Only ratios can be compared between machines or days. Needs wrk (Debian: wrk).
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import requests
from PIL import Image

from benchmarks import results
from benchmarks.load import DRAWINGS, WORKERS, drawing, start_wrk
from benchmarks.servers import ROOT, Server, running

CLIENTS = 8
ROUNDS = 9
SECONDS = 3.0  # of each round
THREADS = 4  # that post large pictures at once
EXPLANATIONS = ("/explain/heat-map", "/explain/snapshots", "/explain/least-changes")
OURS, EMPTY = "ours: POST /predict", "an empty Flask route"
LIVE, NAIVE = "ours: GET /health/live", "Keras predict on a 28x28 resize"

RIVALS = ("--chdir", str(ROOT))
# Keras `predict` fails when two threads call it at once.
ONE_THREAD = (*RIVALS, "--worker-class", "sync", "--threads", "1")
# For each server: arguments of gunicorn, the path that is ready, and the paths that are measured.
COMPARED: dict[str, tuple[tuple[str, ...], str, str, tuple[str, ...]]] = {
    OURS: ((), "/health/ready", "", ("/predict",)),
    LIVE: ((), "/health/ready", "/health/live", ()),
    EMPTY: ((*RIVALS, "benchmarks.rivals:empty()"), "/", "/", ()),
    NAIVE: ((*ONE_THREAD, "benchmarks.rivals:naive()"), "/", "", ("/predict",)),
}


def main() -> None:
    """Measure, print and write benchmarks/results/serving.json."""
    measured = {**measure(), "memory_mb_after_large_pictures": megabytes_after_large_pictures()}
    results.write("serving", measured)
    show(measured)


def measure() -> dict[str, Any]:
    """Return the results of all servers, and ours in relation to the others."""
    cores = sorted(os.sched_getaffinity(0))
    client_cores = cores[:-WORKERS] or cores
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in COMPARED}
    beside: list[dict[str, Any]] = []
    with contextlib.ExitStack() as stack:
        servers = {
            name: stack.enter_context(running(*arguments, ready=ready, workers=WORKERS))
            for name, (arguments, ready, _, _) in COMPARED.items()
        }
        address = servers[OURS].address
        for number in range(ROUNDS + 1):
            for name, (_, _, path, posted) in COMPARED.items():
                place = servers[name].address + path
                found = start_wrk(place, CLIENTS, SECONDS, *posted, cores=client_cores)()
                if found["lost"] or found["refused"]:
                    raise RuntimeError(f"Expected only answers from {name}, received {found}.")
                rounds[name] += [found] if number else []  # the first round is not counted
            explained = start_wrk(address, 1, SECONDS + 1, *EXPLANATIONS, cores=client_cores)
            beside.append(start_wrk(address, CLIENTS, SECONDS, "/predict", cores=client_cores)())
            if not explained()["answered"]:
                raise RuntimeError("Expected explanations to be answered, received none.")
        figures = {
            name: {
                **medians(each),
                "memory_mb_per_worker": megabytes(servers[name]),
                "seconds_to_ready": servers[name].seconds_to_ready,
            }
            for name, each in rounds.items()
        }
    rates = {name: each["requests_per_second"] for name, each in figures.items()}
    return {
        "workers": WORKERS,
        "clients": CLIENTS,
        "drawings": DRAWINGS,
        "server_cores": min(WORKERS, len(cores)),
        "clients_on_other_cores": len(cores) > WORKERS,
        "rounds": ROUNDS,
        "seconds_a_round": SECONDS,
        "figures": figures,
        "beside_explanations": medians(beside),
        "ours_to_empty": rates[OURS] / rates[EMPTY],
        "ours_to_naive": rates[OURS] / rates[NAIVE],
        "p99_to_median": statistics.median(
            each["p99_ms"] / each["median_ms"] for each in rounds[OURS]
        ),
    }


def medians(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """Return the median over the rounds."""
    names = ("requests_per_second", "median_ms", "p99_ms")
    return {name: statistics.median(each[name] for each in rounds) for name in names}


def megabytes(server: Server) -> float:
    """Return the memory of the largest worker, in MB, shared pages included."""
    return max(float(worker.memory_info().rss) for worker in server.workers()) / 1e6


def megabytes_after_large_pictures() -> float:
    """Return the memory of a worker that has read large pictures in several threads."""
    with running() as server, ThreadPoolExecutor(THREADS) as pool:

        def post(path: str, picture: bytes) -> None:
            headers = {"Content-Type": "image/png"}
            requests.post(
                server.address + path, picture, headers=headers, timeout=300
            ).raise_for_status()

        for _ in range(2):
            list(pool.map(lambda picture: post("/predict", picture), large_pictures()))
            list(pool.map(lambda path: post(path, drawing(7)), ("/predict", *EXPLANATIONS) * 20))
        return megabytes(server)


def large_pictures() -> list[bytes]:
    """Return pictures of 20 megapixels in several modes, and a photograph of 4."""
    seven = Image.open(io.BytesIO(drawing(7)))
    large = seven.resize((4000, 5000))
    light = np.linspace(0.9, 0.6, 2000)[:, None]
    photograph = np.asarray(seven.resize((2000, 2000))) * light
    pictures = [large.convert(mode) for mode in ("1", "L", "RGB", "RGBA", "P")]
    pictures.append(Image.fromarray(photograph.astype(np.uint8)))
    return [as_png(picture) for picture in pictures]


def as_png(picture: Image.Image) -> bytes:
    """Return a picture as a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def show(measured: dict[str, Any]) -> None:
    """Print the results as a table."""
    print(f"{'':34}{'req/s':>9}{'median':>10}{'p99':>10}{'MB/worker':>11}{'ready':>9}")
    for name, each in measured["figures"].items():
        print(
            f"{name:34}{each['requests_per_second']:9.1f}{each['median_ms']:7.2f} ms"
            f"{each['p99_ms']:7.2f} ms{each['memory_mb_per_worker']:11.1f}"
            f"{each['seconds_to_ready']:7.2f} s"
        )
    beside = measured["beside_explanations"]
    print(
        f"Ours beside explanations: median {beside['median_ms']:.2f} ms, p99 {beside['p99_ms']:.2f}"
    )
    print(f"Ours answers {measured['ours_to_naive']:.0f} times as many requests as Keras predict,")
    print(f"and {measured['ours_to_empty']:.0%} of those that an empty Flask route answers.")
    print(f"Its 99th percentile is {measured['p99_to_median']:.1f} times its median.")
    print(f"A worker has {measured['memory_mb_after_large_pictures']:.0f} MB after large pictures.")


if __name__ == "__main__":
    main()
