"""The programs of the system that the server works with: nginx in front, Redis behind it."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import ROOT, free_port

# That tests run, and the Debian packages that bring them.
PROGRAMS = {
    "nginx": "nginx-light",
    "openssl": "openssl",
    "redis-server": "redis-server",
    "systemd-analyze": "systemd",
}
NAME = "digits.example.org"  # in deploy/nginx.conf


def find(program: str) -> str | None:
    """Where a program lies; those of daemons are often in no user's PATH."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def missing() -> list[str]:
    """Debian's names of the packages that are not there."""
    return [package for program, package in PROGRAMS.items() if find(program) is None]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Front:
    """nginx in front of the app, as deploy/nginx.conf has it, on ports of its own."""

    folder: Path
    http: int  # port
    https: int
    app: int  # port of gunicorn
    tls: ssl.SSLContext = field(repr=False)

    def connect(self, source: str = "127.0.0.1") -> ssl.SSLSocket:
        """A connection over TLS from one of this machine's addresses, 127.*.*.*."""
        plain = socket.create_connection(("127.0.0.1", self.https), 20, (source, 0))
        return self.tls.wrap_socket(plain, server_hostname=NAME)

    def ask(
        self,
        path: str = "/",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        """Gets, or posts a PNG if there is a body, over TLS."""
        connection = http.client.HTTPConnection(NAME, self.https)
        connection.sock = self.connect(source)
        kind = {"Content-Type": "image/png"} if body is not None else {}
        method = "GET" if body is None else "POST"
        return answer(connection, method, path, body, {"Host": NAME, **kind, **(headers or {})})

    def ask_without_tls(self, path: str = "/") -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=20)
        return answer(connection, "GET", path, None, {"Host": NAME})


def answer(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
) -> Answer:
    """Asks once, and closes the connection."""
    with contextlib.closing(connection):
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


@contextlib.contextmanager
def front(folder: Path, app: int) -> Iterator[Front]:
    """Runs nginx, as deploy/nginx.conf configures it, in front of what listens on the port `app`.

    What differs is what a person edits, the ports, and that files are kept in `folder`.
    """
    tls = _certificate(folder)
    nginx = Front(folder, free_port(), free_port(), app, tls)
    _configure(nginx)
    process = subprocess.Popen([*command(nginx), "-g", "daemon off;"])
    try:
        _wait_for_port(nginx.https, process)
        yield nginx
    finally:
        process.terminate()
        process.wait(timeout=20)


def command(nginx: Front) -> list[str]:
    """nginx with its configuration."""
    return [find("nginx") or "nginx", "-e", "stderr", "-c", str(nginx.folder / "nginx.conf")]


def _certificate(folder: Path) -> ssl.SSLContext:
    openssl = [find("openssl") or "openssl", "req", "-x509", "-newkey", "ec"]
    subprocess.run(
        [
            *openssl,
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
            *("-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")),
        ],
        check=True,
        capture_output=True,
    )
    tls = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    tls.set_alpn_protocols(["http/1.1"])
    return tls


def _configure(nginx: Front) -> None:
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    # Not every machine has IPv6.
    site = "".join(line for line in site.splitlines(keepends=True) if "listen [::]" not in line)
    for ours, there in (
        ("listen 80;", f"listen 127.0.0.1:{nginx.http};"),
        ("listen 443 ", f"listen 127.0.0.1:{nginx.https} "),
        ("127.0.0.1:8000", f"127.0.0.1:{nginx.app}"),
        (f"/etc/letsencrypt/live/{NAME}", str(nginx.folder)),
    ):
        assert ours in site
        site = site.replace(ours, there)
    (nginx.folder / "site.conf").write_text(site)
    kept = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {nginx.folder}/{kind};\n" for kind in kept)
    (nginx.folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        f"pid {nginx.folder}/nginx.pid;\n"
        "events { worker_connections 512; }\n"
        "http {\n"
        f"{paths}access_log {nginx.folder}/access.log;\n"
        f"include {nginx.folder}/site.conf;\n"
        "}\n"
    )


@contextlib.contextmanager
def redis(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a Redis that keeps nothing."""
    process = subprocess.Popen(
        [
            find("redis-server") or "redis-server",
            *("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--save", "", "--appendonly", "no", "--loglevel", "warning"),
        ]
    )
    try:
        _wait_for_port(port, process)
        yield process
    finally:
        process.kill()
        process.wait(timeout=20)


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    def is_open() -> bool:
        assert process.poll() is None, "it has ended"
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    wait_until(is_open)


def wait_until(condition: Callable[[], bool], patience: float = 20) -> None:
    """Waits for what another process brings about."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"Expected it within {patience} s."
        time.sleep(0.02)
