"""Measure the server under load, and count requests lost while workers end.

    python -m benchmarks.load

wrk posts drawings as the page does, straight to gunicorn or to nginx in front of it. A request is
lost if its connection ends without a response. Needs wrk and nginx (Debian: wrk, nginx-light).
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageOps

from benchmarks import results
from benchmarks.servers import ROOT, Server, free_port, running
from classifier.learning.handwriting import draw, fit, random_writer, write_digit

WORKERS = 2
DRAWINGS = 64
INK, MARGIN = 80, 4  # pixels of a drawing that the page posts, and around it
CLIENTS = (1, 8, 64)
STALLED = 50
SECONDS = 5.0
UNDER_LOAD = 8  # clients while workers end
REPEATS = 5


def main() -> None:
    """Measure, print and write benchmarks/results/load.json."""
    with tempfile.TemporaryDirectory() as folder, running(workers=WORKERS) as server:
        front = nginx(Path(folder), server.port)
        with front as port:
            places = {"gunicorn": server.port, "nginx": port}
            steady = [
                {
                    "clients": clients,
                    "to": to,
                    "stalled": stalled,
                    **beside(places[to], stalled, clients),
                }
                for clients, to, stalled in itertools.product(CLIENTS, places, (0, STALLED))
                if to == "nginx" or not stalled  # without nginx, stalled clients take all threads
            ]
            events = [
                {"event": name, "to": to, **during(place, event, server)}
                for (name, event), (to, place), _ in itertools.product(
                    {"reload": reload, "killed worker": kill}.items(),
                    places.items(),
                    range(REPEATS),
                )
            ]
    measured = {
        "workers": WORKERS,
        "seconds": SECONDS,
        "steady": steady,
        "clients_under_load": UNDER_LOAD,
        "events": events + [restarted() for _ in range(REPEATS)],
    }
    results.write("load", measured)
    print(json.dumps(measured, indent=2))


def start_wrk(
    address: str, clients: int, seconds: float, *paths: str, cores: list[int] | None = None
) -> Callable[[], dict[str, Any]]:
    """Post the drawings to these paths, or send GET requests if there are none.

    Returns:
        A function that waits for the end, and returns what load.lua prints.
    """
    wrk = ["wrk", "-t1", f"-c{clients}", f"-d{seconds:.0f}", "--timeout", "30"]
    script = ["-s", str(ROOT / "benchmarks" / "load.lua"), address, "--"]
    process = subprocess.Popen(
        [*wrk, *script, *([drawings(), *paths] if paths else [])],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores or os.sched_getaffinity(0)),
    )

    def finish() -> dict[str, Any]:
        output, _ = process.communicate()
        found: dict[str, Any] = json.loads(output.splitlines()[-1])
        return found

    return finish


@functools.cache
def drawings() -> str:
    """Return a folder of drawings by different hands, as the page posts them."""
    folder = Path(tempfile.mkdtemp(prefix="drawings-"))
    for number in range(DRAWINGS):
        (folder / f"{number:02}.png").write_bytes(drawing(number))
    return str(folder)


def drawing(number: int) -> bytes:
    """Return a drawing of the last digit of `number`: its ink and a margin, black on white."""
    random = np.random.default_rng(number)
    strokes = fit(write_digit(number % 10, random_writer(random), random), INK, MARGIN)
    size = np.ceil(np.concatenate(strokes).max(axis=0) + MARGIN).astype(int)
    picture = ImageOps.invert(draw(strokes, (int(size[0]), int(size[1])), random.uniform(3, 12)))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def beside(port: int, stalled: int, clients: int) -> dict[str, Any]:
    """Measure clients beside others that stop in the middle of their request."""
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(stalled):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(head + b"Content-Length: 5000\r\n\r\nonly this")
        return start_wrk(f"http://127.0.0.1:{port}", clients, SECONDS, "/predict")()


def during(port: int, event: Callable[[Server], None], server: Server) -> dict[str, Any]:
    """Measure clients while something happens to the server."""
    finish = start_wrk(f"http://127.0.0.1:{port}", UNDER_LOAD, SECONDS, "/predict")
    time.sleep(SECONDS / 5)
    event(server)
    return finish()


def reload(server: Server) -> None:
    """Replace all workers."""
    server.process.send_signal(signal.SIGHUP)


def kill(server: Server) -> None:
    """Kill a worker."""
    server.workers()[0].kill()


def restarted() -> dict[str, Any]:
    """Measure clients while the server is restarted on a socket that systemd would hold."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        with running(workers=WORKERS, listener=listener) as server:
            finish = start_wrk(server.address, UNDER_LOAD, 2 * SECONDS, "/predict")
            time.sleep(SECONDS / 5)
        with running(workers=WORKERS, listener=listener):
            return {"event": "restart", "to": "gunicorn", **finish()}


@contextlib.contextmanager
def nginx(folder: Path, app: int) -> Iterator[int]:
    """Run nginx with deploy/nginx.conf, without TLS, on the port that is returned."""
    port = free_port()
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    site = re.sub(r"(?m)^ *(ssl_|listen +\[|limit_).*\n", "", site)
    site = site.replace("listen 443 ssl http2", f"listen 127.0.0.1:{port}")
    site = site.replace("listen 80", f"listen 127.0.0.1:{free_port()}")
    (folder / "site.conf").write_text(site.replace("127.0.0.1:8000", f"127.0.0.1:{app}"))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid;\nevents {{ worker_connections 1024; }}\nhttp {{\naccess_log off;\n"
        + "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        + f"include {folder}/site.conf;\n}}\n"
    )
    command = ["/usr/sbin/nginx", "-e", "stderr", "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    time.sleep(1)
    yield port
    process.terminate()
    process.wait()


if __name__ == "__main__":
    main()
