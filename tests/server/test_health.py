"""What the production server says of its own health."""

from __future__ import annotations

import http.client
import os
import signal

from benchmarks.servers import running


def ask(connection: http.client.HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    return response.status


def test_a_worker_that_is_told_to_stop_is_live_but_no_longer_ready() -> None:
    """On a connection that it has, as a load balancer's; a new one goes to another worker."""
    for path, status in (("/health/live", 200), ("/health/ready", 503)):
        with running(workers=1) as server:
            (worker,) = server.workers()
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            assert ask(connection, path) == 200
            os.kill(worker, signal.SIGTERM)
            assert ask(connection, path) == status
            connection.close()
