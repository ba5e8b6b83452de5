"""The production server, over a real socket."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.servers import ROOT, Server, free_port, processor_seconds, running
from benchmarks.serving import resident_megabytes
from benchmarks.strokes import post
from tests.handwriting import DIGITS, draw

MOST_MEGABYTES = 90  # of a worker, at any time between two answers
MOST_SECONDS = 1.0  # of the processor's, to start a worker and to give a hundred answers


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(workers=2) as server:
        yield server


def as_png(digit: int) -> bytes:
    file = io.BytesIO()
    draw(digit).save(file, "PNG")
    return file.getvalue()


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def test_many_clients_at_once_get_their_own_answers(server: Server) -> None:
    digits = list(DIGITS) * 20
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda digit: post(server.address, as_png(digit)), digits)
    assert [answer["text"] for answer in answers] == [str(digit) for digit in digits]


def test_each_worker_starts_small_and_never_meets_tensorflow(server: Server) -> None:
    assert server.seconds_to_ready < 2
    assert len(server.workers()) == 2
    for pid in server.workers():
        assert processor_seconds(pid) < MOST_SECONDS
        maps = Path(f"/proc/{pid}/maps")
        if maps.exists():
            assert "tensorflow/" not in maps.read_text()
        assert resident_megabytes(pid) < MOST_MEGABYTES


def test_a_worker_stays_small_whatever_it_reads() -> None:
    """Drawings and photographs of 4 megapixels, in turn."""
    random = np.random.default_rng(0)
    light = np.linspace(0.9, 0.6, 2000) + random.normal(0, 0.01, (2000, 2000))
    with running(workers=1) as server:
        (worker,) = server.workers()
        assert resident_megabytes(worker) < MOST_MEGABYTES
        for digit in DIGITS:
            drawing = draw(digit, side=2000, pen=140, mode="RGB", ink=(0, 0, 90), paper=(255,) * 3)
            photograph = Image.fromarray((np.asarray(drawing) * light[..., None]).astype(np.uint8))
            for picture in (drawing.convert("RGBA"), photograph):
                file = io.BytesIO()
                picture.save(file, "PNG", compress_level=1)
                assert post(server.address, file.getvalue())["text"] == str(digit)
                # Whatever it still does after an answer, it has done once it answers the next one.
                urllib.request.urlopen(f"{server.address}/health/live").close()
                assert resident_megabytes(worker) < MOST_MEGABYTES


EXPLANATIONS = ("layers", "heat-map", "snapshots", "what-if?turn=180", "least-changes")


def explain(server: Server, question: str, png: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "image/png"}
    request = urllib.request.Request(f"{server.address}/explain/{question}", png, headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def test_a_worker_stays_small_whatever_it_explains() -> None:
    """To several at once, who get what one alone gets."""
    drawings = [as_png(digit) for digit in DIGITS]
    questions = [(question, drawing) for question in EXPLANATIONS for drawing in drawings]
    with running(workers=1) as server, ThreadPoolExecutor(8) as pool:
        alone = [explain(server, *each) for each in questions]
        together = list(pool.map(lambda each: explain(server, *each), questions))
        assert together == alone
        assert explain(server, "what-if?turn=180", drawings[6])["digit"] == 9
        (worker,) = server.workers()
        assert resident_megabytes(worker) < MOST_MEGABYTES


def test_an_explanation_keeps_no_answer_waiting() -> None:
    """The only worker, which has one thread, answers in the middle of explanations."""
    in_the_middle = 0
    with running(workers=1) as server, ThreadPoolExecutor(1) as pool:
        for digit in range(5):
            explanation = pool.submit(explain, server, "least-changes", as_png(digit))
            time.sleep(0.01)
            while not explanation.done():
                assert post(server.address, as_png(digit))["text"] == str(digit)
                in_the_middle += not explanation.done()
    assert in_the_middle > 10


def test_a_worker_has_one_thread(server: Server) -> None:
    """There is a worker for each processor; and what is forked must have no threads to lose."""
    tasks = [Path(f"/proc/{pid}/task") for pid in (server.process.pid, *server.workers())]
    assert [len(list(task.iterdir())) for task in tasks if task.exists()] in ([], [1, 1, 1])


MEGABYTE = as_png(7).ljust(1024 * 1024, b"\0")
CHUNKED = (b"Transfer-Encoding: chunked", [f"{len(MEGABYTE):x}\r\n".encode(), MEGABYTE, b"\r\n"])
WHOLE = (f"Content-Length: {20 * len(MEGABYTE)}".encode(), [MEGABYTE])


@pytest.mark.parametrize(("length", "piece"), [CHUNKED, WHOLE], ids=["chunked", "whole"])
def test_a_body_over_the_limit_is_refused_and_the_answer_arrives(
    server: Server, length: bytes, piece: list[bytes]
) -> None:
    """Not cut at the limit and answered, nor the connection reset before the answer is read."""
    with connect(server) as client:
        client.sendall(
            b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            b"Connection: close\r\n" + length + b"\r\n\r\n"
        )
        for _ in range(20):
            client.sendall(b"".join(piece))
        if b"chunked" in length:
            client.sendall(b"0\r\n\r\n")
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 413


@pytest.mark.parametrize("body", [b"zz\r\nabc\r\n0\r\n\r\n", b"3\r\nabcdef\r\n0\r\n\r\n"])
def test_a_body_of_broken_chunks_is_refused(server: Server, body: bytes) -> None:
    with connect(server) as client:
        client.sendall(
            b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + body
        )
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer


def test_the_development_server_prints_its_address_and_answers() -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-u", "flask/app.py"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        address = f"http://127.0.0.1:{port}"
        assert any(address in line for line in process.stderr)
        assert post(address, as_png(2))["text"] == "2"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
