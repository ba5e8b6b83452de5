"""Run the programs of the system that the server works with: nginx in front, Redis behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.server.raw_http import Target, wait_until
from tests.server.servers import ROOT, free_port

# The programs that tests run, and the Debian packages that bring them.
PROGRAMS = {
    "nginx": "nginx-light",
    "openssl": "openssl",
    "redis-server": "redis-server",
    "systemd-analyze": "systemd",
}
NAME = "digits.example.org"  # in deploy/nginx.conf


def find(program: str) -> str | None:
    """Return where a program lies; daemons are often outside a user's PATH."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def missing() -> list[str]:
    """Return Debian's names of the packages that are not installed."""
    return [package for program, package in PROGRAMS.items() if find(program) is None]


@dataclass
class Nginx(Target):
    """A running nginx with deploy/nginx.conf, on ports of its own."""

    folder: Path
    http: int  # port
    https: int  # port
    tls: ssl.SSLContext = field(repr=False)

    host = NAME

    def connect(self, source: str = "127.0.0.1") -> ssl.SSLSocket:
        """Connect over TLS from one of this machine's addresses, 127.*.*.*."""
        return self.tls.wrap_socket(
            self.connect_without_tls(self.https, source), server_hostname=NAME
        )

    def connect_without_tls(self, port: int = 0, source: str = "127.0.0.1") -> socket.socket:
        """Connect to the port for HTTP, or to another one."""
        return socket.create_connection(("127.0.0.1", port or self.http), 30, (source, 0))

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs nginx with its configuration."""
        return [
            *(find("nginx") or "nginx", "-e", "stderr"),
            *("-c", str(self.folder / "nginx.conf"), *arguments),
        ]


@contextlib.contextmanager
def nginx(folder: Path, app: int, changes: dict[str, str] | None = None) -> Iterator[Nginx]:
    """Run nginx with deploy/nginx.conf in front of what listens on the port `app`.

    Only the ports, the paths of files and `changes` differ from the file.
    """
    front = Nginx(folder, free_port(), free_port(), _certificate(folder))
    _configure(front, app, changes or {})
    process = subprocess.Popen(front.command("-g", "daemon off;"))
    try:
        _wait_for_port(front.https, process)
        yield front
    finally:
        process.terminate()
        process.wait(timeout=20)


def _certificate(folder: Path) -> ssl.SSLContext:
    subprocess.run(
        [
            *(find("openssl") or "openssl", "req", "-x509", "-newkey", "ec", "-nodes"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"),
            *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
            *("-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")),
        ],
        check=True,
        capture_output=True,
    )
    tls = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    tls.set_alpn_protocols(["http/1.1"])
    return tls


def _configure(front: Nginx, app: int, changes: dict[str, str]) -> None:
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    # Not every machine has IPv6.
    site = "".join(line for line in site.splitlines(keepends=True) if "listen [::]" not in line)
    for written, here in {
        "listen 80;": f"listen 127.0.0.1:{front.http};",
        "listen 443 ": f"listen 127.0.0.1:{front.https} ",
        "127.0.0.1:8000": f"127.0.0.1:{app}",
        f"/etc/letsencrypt/live/{NAME}": str(front.folder),
        **changes,
    }.items():
        assert written in site, written
        site = site.replace(written, here)
    (front.folder / "site.conf").write_text(site)
    temporary = "".join(
        f"{kind}_temp_path {front.folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (front.folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        f"pid {front.folder}/nginx.pid;\n"
        "events { worker_connections 1024; }\n"
        f"http {{\n{temporary}access_log off;\ninclude {front.folder}/site.conf;\n}}\n"
    )


@contextlib.contextmanager
def redis(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Redis that keeps nothing."""
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
        assert process.poll() is None, "The process has ended."
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    wait_until(is_open)
