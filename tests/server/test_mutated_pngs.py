"""More than 20,000 broken PNG files, posted to the real server."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.clients import Answer, Clients, post
from benchmarks.servers import Server, processor_seconds, resident_megabytes, running
from tests.server.mutations import WHOLE_PICTURES, large_pictures, mutated_picture

PICTURES = 20_000  # different ones
TOGETHER, BATCHES = 50, 500
CLIENTS = 4
MOST_MEGABYTES = 90  # of a worker
MOST_SECONDS = 1.0  # of an answer
MOST_SECONDS_OF_A_LARGE_ONE = 1.5  # of the processor's: the dearest takes 0.9
LARGE_PICTURES = large_pictures()


def test_whatever_is_broken_is_answered_and_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAX_WAIT", "30")  # on a busy machine, nothing is turned away
    posted: set[int] = set()
    found: Counter[int] = Counter()

    @settings(max_examples=BATCHES, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 10**6))
    def post_a_batch(batch: int) -> None:
        numbers = range(TOGETHER * batch, TOGETHER * (batch + 1))
        pictures = [mutated_picture(number) for number in numbers]
        for answer in ask(pictures):
            check(answer, numbers[answer.number])
            check_speed(answer, pictures[answer.number])
            found[answer.status] += 1
        posted.update(map(hash, pictures))

    def ask(pictures: list[bytes]) -> list[Answer]:
        with Clients(server.port, CLIENTS) as clients:
            answers = clients.ask(post("/predict", picture) for picture in pictures)
        assert len(answers) == len(pictures)
        return answers

    def check_speed(answer: Answer, picture: bytes) -> None:
        """What was slow is so by itself, or because the machine was busy: its work tells."""
        if answer.seconds >= MOST_SECONDS:
            start = sum(map(processor_seconds, workers))
            ask([picture])
            assert sum(map(processor_seconds, workers)) - start < MOST_SECONDS, picture

    with running(workers=2) as server:
        server.be_nice()  # to the tests beside
        workers = server.workers()
        assert {answer.status for answer in ask(WHOLE_PICTURES)} == {200}
        post_a_batch()
        assert server.workers() == workers
        for worker in workers:
            assert resident_megabytes(worker) <= MOST_MEGABYTES
    assert len(posted) >= PICTURES
    # Neither did all of them break in the same place, nor did most of them stay whole.
    assert min(found[200], found[400]) > PICTURES / 5


@pytest.mark.parametrize("name", LARGE_PICTURES)
def test_no_picture_of_the_largest_size_takes_long(large: Server, name: str) -> None:
    """Nor does a broken one, which ends in the middle."""
    picture = LARGE_PICTURES[name]
    (worker,) = large.workers()
    for content, status in ((picture, 200), (picture[: len(picture) // 2], 400)):
        start = processor_seconds(worker)
        with Clients(large.port, 1) as clients:
            (answer,) = clients.ask([post("/predict", content)])
        assert answer.status == status
        assert processor_seconds(worker) - start < MOST_SECONDS_OF_A_LARGE_ONE


@pytest.fixture(scope="module")
def large() -> Iterator[Server]:
    with running(workers=1) as server:
        yield server


def check(answer: Answer, number: int) -> None:
    """A reading, or a refusal that says what was wrong; of mutated_picture(number)."""
    assert answer.status in (200, 400, 413, 415), (number, answer)
    if answer.status == 200:
        return
    head, _, body = answer.content.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    problem = json.loads(body)
    assert problem["status"] == answer.status
    assert problem["request_id"]
    assert "Expected" in problem["detail"], number
