"""Run the production server, and the programs around it: nginx in front, Redis behind."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil

from tests.server.raw_http import Target, wait_until

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = [sys.executable, "-m", "gunicorn"]


class Server(Target):
    """A server that runs as a process of these tests."""

    def __init__(self, command: list[str], port: int, **options: Any) -> None:
        super().__init__(port)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, **{"cwd": ROOT, **quiet, **options})

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def reload(self) -> None:
        """Replace all workers (SIGHUP) and wait until the old ones have ended."""
        old = set(self.workers())
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not old & set(self.workers()), 60)

    def kill_worker(self) -> int:
        """Kill a worker, and return its process ID once another has replaced it."""
        old = self.workers()
        old[0].kill()
        wait_until(lambda: len(self.workers()) == len(old) and old[0] not in self.workers())
        return int(old[0].pid)

    def stop(self) -> int:
        """Stop the server (SIGTERM) and return its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=60)

    def is_ready(self) -> bool:
        """Return whether the model answers; fail if the server has ended."""
        assert self.process.poll() is None, f"It ended with status {self.process.returncode}."
        try:
            return self.get("/health/ready").status == 200
        except OSError:
            return False


@contextlib.contextmanager
def running(workers: int = 1, log: IO[bytes] | None = None, **settings: str) -> Iterator[Server]:
    """Run gunicorn until the end of the block; its output goes to `log`, or nowhere.

    All requests of a test come from one address, so the rate limit is out of reach by default.
    """
    port = free_port()
    settings = {"WEB_CONCURRENCY": str(workers), "RATE_LIMIT": "1000000/second", **settings}
    command = [*GUNICORN, "--bind", f"127.0.0.1:{port}"]
    output = {"stdout": log, "stderr": log} if log else {}
    server = Server(command, port, env={**os.environ, **settings}, **output)
    try:
        wait_until(server.is_ready, 120)
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """Return a free port below those that the system gives to clients."""
    while True:
        port = random.randrange(10_000, 32_768)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("", port))
            return port


# The programs that tests run, and the Debian packages that bring them.
PROGRAMS = {
    "nginx": "nginx-light",
    "openssl": "openssl",
    "redis-server": "redis-server",
    "systemd-analyze": "systemd",
}
NAME = "digits.example.org"  # in deploy/nginx.conf


def find(program: str) -> str | None:
    """Return the path of a program; daemons are often outside a user's PATH."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def missing() -> list[str]:
    """Return Debian's names of the packages that are not installed."""
    return [package for program, package in PROGRAMS.items() if find(program) is None]


@contextlib.contextmanager
def listening(program: str, *arguments: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program that listens on a port, until the end of the block."""
    process = subprocess.Popen([find(program) or program, *arguments])

    def is_listening() -> bool:
        assert process.poll() is None, f"{program} has ended."
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(is_listening)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def redis(folder: Path, port: int) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """Run a Redis that keeps nothing."""
    options = f"--port {port} --bind 127.0.0.1 --appendonly no --loglevel warning --dir {folder}"
    return listening("redis-server", *options.split(), "--save", "", port=port)


class Nginx(Target):
    """nginx, which answers HTTPS."""

    def __init__(self, http: int, https: int, tls: ssl.SSLContext) -> None:
        super().__init__(https, NAME, tls)
        self.plain = Target(http)


@contextlib.contextmanager
def nginx(folder: Path, app: int, changes: dict[str, str] | None = None) -> Iterator[Nginx]:
    """Run nginx with deploy/nginx.conf in front of what listens on the port `app`.

    Only the ports, the paths of files and `changes` differ from the file.
    """
    tls = _certificate(folder)
    http, https = free_port(), free_port()
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    # Not every machine has IPv6.
    site = "".join(line for line in site.splitlines(keepends=True) if "listen [::]" not in line)
    for written, here in {
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ": f"listen 127.0.0.1:{https} ",
        "127.0.0.1:8000": f"127.0.0.1:{app}",
        f"/etc/letsencrypt/live/{NAME}": str(folder),
        **(changes or {}),
    }.items():
        assert written in site, written
        site = site.replace(written, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\npid {folder}/nginx.pid;\ndaemon off;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\n{temporary}access_log off;\n{site}}}\n"
    )
    with listening("nginx", "-e", "stderr", "-c", f"{folder}/nginx.conf", port=https):
        yield Nginx(http, https, tls)


def _certificate(folder: Path) -> ssl.SSLContext:
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    command += f" -keyout privkey.pem -out fullchain.pem -subj /CN={NAME}"
    command += f" -addext subjectAltName=DNS:{NAME}"
    openssl = find("openssl") or "openssl"
    subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True)
    tls = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    tls.set_alpn_protocols(["http/1.1"])
    return tls
