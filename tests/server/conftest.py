"""The servers that the tests share. Starting them is what takes time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server import system
from tests.server.system import NAME, Nginx, Server, running

LIMIT = 1024 * 1024  # bytes in a body; a tenth of the default, so that tests send less


@pytest.fixture(scope="session")
def gunicorn() -> Iterator[Server]:
    """The production server, with two workers."""
    settings = {"MAX_BYTES": str(LIMIT), "PROXIES": "1", "TRUSTED_HOSTS": f"{NAME},localhost"}
    with running(workers=2, **settings) as server:
        yield server


@pytest.fixture(scope="session")
def nginx(gunicorn: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx in front of `gunicorn`, as deploy/nginx.conf configures it."""
    limit = {"client_max_body_size    10m;": "client_max_body_size 1m;"}
    with system.nginx(tmp_path_factory.mktemp("nginx"), gunicorn.port, limit) as nginx:
        yield nginx


@pytest.fixture(params=["gunicorn", pytest.param("nginx", marks=pytest.mark.system_packages)])
def server(request: pytest.FixtureRequest) -> Server | Nginx:
    """Gunicorn itself, or nginx in front of it."""
    target: Server | Nginx = request.getfixturevalue(request.param)
    return target
