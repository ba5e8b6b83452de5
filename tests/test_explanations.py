"""That the benchmark on explanations measures."""

from __future__ import annotations

from benchmarks.explanations import measure
from benchmarks.servers import cores_apart, running


def test_plain_answers_go_on_beside_explanations() -> None:
    with running(workers=1) as server:
        measured = measure(server, rounds=1, seconds=1.0, cores=cores_apart(1)[1][:1])
    for name in ("alone", "beside"):
        found = measured[name]
        assert found["answered"] > 50
        assert 0 < found["median_ms"] <= found["p99_ms"]
    # On a busy machine, too: waiting for one whole explanation would be 50 times as long.
    assert measured["beside"]["median_ms"] < 10 * measured["alone"]["median_ms"]
