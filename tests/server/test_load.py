"""Under load: nobody waits for those who stall, and workers end without losing requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.clients import Crowd
from benchmarks.load import WORKERS, killed, reloaded, steady, stopped
from benchmarks.servers import Server, cores_apart, running


@pytest.fixture(scope="module", autouse=True)
def patient() -> Iterator[None]:
    """On a busy machine, nothing is turned away for that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAX_WAIT", "30")
        yield


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    with Crowd(cores_apart(WORKERS)[1][:1]) as crowd:
        yield crowd


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(workers=WORKERS) as server:
        yield server


def test_clients_that_stall_keep_the_others_waiting_no_longer(crowd: Crowd, server: Server) -> None:
    alone, beside = steady(crowd, server, clients=[8], stalled=[0, 50], rounds=3, seconds=1.0)
    for each in (alone, beside):
        assert each["answered"] > 100
        assert (each["lost"], each["refused"], each["other_statuses"]) == (0, 0, {})
    assert beside["median_ms"] < 3 * alone["median_ms"]  # on a busy machine, too
    assert beside["max_ms"] < 2000  # each that waits for one that stalls would take longer


def test_a_killed_worker_loses_what_it_had_in_hand_and_is_replaced(
    crowd: Crowd, server: Server
) -> None:
    # On a busy machine, too, there is still load when the other worker is ready for it.
    found = killed(crowd, server, seconds_under_load=15.0)
    assert found["lost"] <= found["in_hand"]
    assert (found["refused"], found["other_statuses"]) == (0, {})
    assert found["answered"] > 100
    assert found["seconds"] < 5
    assert len(server.workers()) == WORKERS


def test_a_reload_loses_no_request(crowd: Crowd, server: Server) -> None:
    found = reloaded(crowd, server)
    assert (found["lost"], found["refused"], found["other_statuses"]) == (0, 0, {})
    assert found["answered"] > 100
    assert len(server.workers()) == WORKERS


@pytest.mark.parametrize("time", range(3))
def test_a_stop_loses_no_request(crowd: Crowd, time: int) -> None:
    found = stopped(crowd)
    assert (found["lost"], found["other_statuses"]) == (0, {})
    assert found["answered"] > 20
    assert found["exit_status"] == 0
    assert found["seconds"] < 10
