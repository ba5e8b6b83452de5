"""Starting, serving, reloading, restarting and stopping the production server."""

from __future__ import annotations

import contextlib
import html
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from webapp import CANNOT_START

from tests.handwriting import as_png, draw
from tests.server.raw_http import CLIENTS, SEVEN, Target, clients, receive, request
from tests.server.system import ROOT, Server, free_port, running

BROWSERS = 30


def run(*command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    options = {"cwd": ROOT, "env": {**os.environ, **settings}, "timeout": 60}
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, **options)


@pytest.mark.parametrize(
    ("command", "setting", "value", "told"),
    [
        ("-m gunicorn", "WEB_CONCURRENCY", "0", "Expected WEB_CONCURRENCY to be"),
        ("flask/app.py", "PORT", "http", "Expected PORT to be"),
        ("flask/app.py", "MODEL", "/nowhere", "train.py"),
        ("flask/app.py", "MODEL_SHA256", "0" * 64, "0" * 64),
    ],
)
def test_an_invalid_setting_ends_the_start(
    command: str, setting: str, value: str, told: str
) -> None:
    ended = run(*command.split(), **{setting: value})
    assert ended.returncode == CANNOT_START
    assert re.fullmatch(rf"The app cannot start\. .*{told}.*\n", ended.stderr)
    assert ended.stdout == ""


@pytest.mark.parametrize("option", ["--check-config", "--workers=1"])
def test_a_wrong_model_ends_the_start_and_the_check(tmp_path: Path, option: str) -> None:
    shutil.copy(ROOT / "models" / "report.json", tmp_path)
    model = (ROOT / "models" / "mnist-cnn.tflite").read_bytes()
    (tmp_path / "mnist-cnn.tflite").write_bytes(model + b"\0")
    command = ("-m", "gunicorn", "--bind", f"127.0.0.1:{free_port()}", option)
    ended = run(*command, MODEL=str(tmp_path))
    assert ended.returncode != 0
    assert re.search(r"The app cannot start\. Expected .* to have the SHA-256 .*\n", ended.stderr)
    assert option == "--workers=1" or run(*command).returncode == 0


def test_a_reload_replaces_the_workers_and_loses_no_request(
    server: Target, gunicorn: Server
) -> None:
    old = gunicorn.workers()
    with clients(server, close=server is gunicorn) as crowd:
        gunicorn.reload()
    assert crowd.lost() == []
    assert not set(old) & set(gunicorn.workers())


def test_a_killed_worker_loses_what_it_had_in_hand_and_is_replaced(gunicorn: Server) -> None:
    _, other = gunicorn.workers()
    with clients(gunicorn) as crowd:
        gunicorn.kill_worker()
    assert len(crowd.lost()) <= CLIENTS
    assert other in gunicorn.workers()


# As systemd passes on a socket: as file 3, to the process with this number.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])
"""


@contextlib.contextmanager
def serving(listener: socket.socket) -> Iterator[Server]:
    """Run the server on a socket that outlives it."""
    descriptor = listener.fileno()
    command = [sys.executable, "-c", HAND_OVER, str(descriptor)]
    settings = {"LISTEN_FDS": "1", "WEB_CONCURRENCY": "2", "RATE_LIMIT": ""}
    port = listener.getsockname()[1]
    server = Server(command, port, env={**os.environ, **settings}, pass_fds=[descriptor])
    try:
        yield server
    finally:
        assert server.stop() == 0


def test_a_restart_loses_no_request_while_the_socket_is_held() -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100))
        first = stack.enter_context(contextlib.ExitStack())
        crowd = stack.enter_context(clients(first.enter_context(serving(listener))))
        first.close()
        first.enter_context(serving(listener))
        crowd.wait_for_answers()
    assert crowd.lost() == []


def test_a_stop_finishes_what_is_in_progress_and_waits_for_no_idle_connection() -> None:
    explain = request(path="/explain/least-changes", body=SEVEN, Content_Type="image/png")
    predict = request(body=SEVEN, close=False, Content_Type="image/png")
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(running())
        first, second, *_ = [stack.enter_context(server.connect()) for _ in range(4)]
        first.sendall(explain)
        second.sendall(predict[:-1])
        time.sleep(0.1)
        server.process.terminate()
        start = time.monotonic()
        assert receive(first).json["changes"]
        second.sendall(predict[-1:])
        assert receive(second).json["text"] == "7"
        assert second.recv(1) == b""
        assert server.process.wait(20) == 0
        assert time.monotonic() - start < 10


def test_the_development_server_answers_and_so_do_the_commands_on_its_page(tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-u", "flask/app.py"]
    environment = {**os.environ, "PORT": str(port)}
    server = Server(command, port, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert any(address in line for line in server.process.stderr)
        page = subprocess.run(["curl", "-s", f"{address}/api"], capture_output=True, text=True)
        commands = re.findall(r"<code>(curl .*?)</code>", page.stdout, re.DOTALL)
        assert len(commands) == 14
        for each in commands:
            words = [*shlex.split(html.unescape(each)), "--silent", "--fail"]
            assert subprocess.run(words, cwd=tmp_path).returncode == 0, each
        assert (tmp_path / "seven.png").read_bytes().startswith(b"\x89PNG")
    finally:
        server.process.send_signal(signal.SIGINT)
        server.process.communicate(timeout=20)


def test_many_clients_at_once_get_their_own_answers(gunicorn: Server) -> None:
    def ask(path: str, digit: int) -> object:
        answer = gunicorn.post(path, as_png(draw(digit))).json
        return answer["text"] if path == "/predict" else answer

    explained = ("layers", "heat-map", "snapshots", "what-if?turn=180", "least-changes")
    paths = ["/predict"] * 5 + [f"/explain/{question}" for question in explained]
    questions = [(path, digit) for path in paths for digit in (2, 6, 7)]
    alone = [ask(*question) for question in questions]
    assert alone[:3] == ["2", "6", "7"]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda question: ask(*question), questions)) == alone


def test_thirty_browsers_are_served_without_a_proxy(gunicorn: Server) -> None:
    """Each loads the page and its files, and opens a spare connection, as browsers do."""
    page = gunicorn.get("/").body.decode()
    files = sorted(set(re.findall(r'(?:href|src)="(/static[^"]+)"', page)))
    assert len(files) > 20

    def load(_: int) -> float:
        start = time.monotonic()
        with gunicorn.connect(), gunicorn.connect() as client:
            for path in ("/", *files):
                client.sendall(request("GET", path, close=False))
                assert receive(client).status == 200
            return time.monotonic() - start

    with ThreadPoolExecutor(BROWSERS) as pool:
        seconds = sorted(pool.map(load, range(BROWSERS)))
    assert seconds[-1] < 10  # it takes two; with eight threads it takes sixteen
