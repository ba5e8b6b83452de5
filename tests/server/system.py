"""Run the programs of the system that the server works with: nginx in front, Redis behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
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
    """Return the path of a program; daemons are often outside a user's PATH."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def missing() -> list[str]:
    """Return Debian's names of the packages that are not installed."""
    return [package for program, package in PROGRAMS.items() if find(program) is None]


@contextlib.contextmanager
def running(program: str, *arguments: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
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
    return running("redis-server", *options.split(), "--save", "", port=port)


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
    with running("nginx", "-e", "stderr", "-c", f"{folder}/nginx.conf", port=https):
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
