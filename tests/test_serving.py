"""That the benchmark beside other servers measures."""

from __future__ import annotations

from benchmarks.serving import EMPTY, LIVE, NAIVE, OURS, contenders, measure


def test_all_contenders_answer_and_ours_is_in_between() -> None:
    measured = measure(contenders(), rounds=1, seconds=1.0)
    figures = measured["figures"]
    assert list(figures) == [OURS, LIVE, EMPTY, NAIVE]
    for each in figures.values():
        assert 0 < each["median_ms"] <= each["p99_ms"]
        assert each["requests_per_second"] > 1
        assert 10 < each["memory_mb_per_worker"] < 2000
        assert 0.1 < each["seconds_to_ready"] < 60
    # Loosely, for what else runs here slows down one more than the other.
    assert measured["ours_to_naive"] > 5
    assert 0.05 < measured["ours_to_empty"] < 2
