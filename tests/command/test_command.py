"""`python -m classifier`, as a person and as a shell meet it."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from classifier import HandwrittenDigitsClassifier, Prediction
from classifier.command.answer import answer
from classifier.command.main import CLOSED_PIPE, INTERRUPTED, MANY, main
from tests.command.conftest import ROOT, Ended
from tests.handwriting import draw

Command = Callable[..., Ended]

# The same command, on two cores whatever the machine has, and with workers from the second picture.
WITH_WORKERS = """
import sys
import classifier.command.workers as workers
from classifier.command.main import main
workers.ALONE, workers.cores = 0, lambda: 2
sys.exit(main())
"""
BOTH = pytest.mark.parametrize("program", ["", WITH_WORKERS], ids=["one process", "workers"])


def test_a_line_says_what_is_in_a_picture_or_why_nothing_is(command: Command) -> None:
    ended = command("7.png", "further/blank.gif", "3.png")
    assert ended.stdout.decode().splitlines() == [
        "7.png\t7",
        "further/blank.gif\tblank\tThere is no ink here that I can find.",
        "3.png\t3",
    ]
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_folder_is_every_picture_below_it(command: Command) -> None:
    ended = command(".")
    assert [line.split(b"\t")[0] for line in ended.stdout.splitlines()] == [
        b"./3.png",
        b"./7.png",
        b"./further/blank.gif",
    ]
    assert ended.returncode == 0


def test_a_dash_is_standard_input(command: Command, folder: Path) -> None:
    ended = command("-", "3.png", stdin=(folder / "7.png").read_bytes())
    assert ended.stdout == b"-\t7\n3.png\t3\n"


def test_json_is_what_the_api_answers_and_the_file(
    command: Command, folder: Path, classifier: HandwrittenDigitsClassifier
) -> None:
    ended = command("--json", "7.png", "nothing.png")
    seven, nothing = map(json.loads, ended.stdout.splitlines())
    expected = json.loads(json.dumps(classifier.answer(folder / "7.png")))
    assert list(seven) == ["file", *expected]
    assert {**seven, "elapsed_ms": 0} == {"file": "7.png", **expected, "elapsed_ms": 0}
    assert list(nothing) == ["file", "error"]
    assert nothing["error"].startswith("Expected a picture at nothing.png, received: No such file")
    assert ended.returncode == 1
    assert nothing["error"] in ended.stderr.decode()


@BOTH
def test_what_cannot_be_read_is_named_and_the_rest_is_answered(
    command: Command, folder: Path, program: str
) -> None:
    whole = (folder / "7.png").read_bytes()
    (folder / "half.png").write_bytes(whole[: len(whole) // 2])
    (folder / "text.png").write_text("no picture")
    ended = command("half.png", "7.png", "text.png", "no.png", "empty", "3.png", program=program)
    assert ended.stdout == b"7.png\t7\n3.png\t3\n"
    assert ended.returncode == 1
    problems = ended.stderr.decode().splitlines()
    for name, received in [
        ("half.png", "received a broken one"),
        ("text.png", "received 10 bytes of something else"),
        ("no.png", "received: No such file or directory"),
        ("empty", "a folder with pictures in it (.png, .jpg, "),
    ]:
        problem = problems.pop(0)
        assert problem.startswith(f"python -m classifier: {name}: Expected a")
        assert received in problem
    assert problems == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: picture"),
        (("--jso", "7.png"), "unrecognized arguments: --jso"),
        (("--model", "none.tflite", "7.png"), "Expected a model at none.tflite, received: No such"),
        (("--model", "empty", "7.png"), "`python train.py` makes one"),
        (("--model", "7.png", "7.png"), "Expected a name ending in .keras or .tflite, or a folder"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(
    command: Command, arguments: tuple[str, ...], message: str
) -> None:
    ended = command(*arguments)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert message in ended.stderr.decode()
    assert "Traceback" not in ended.stderr.decode()


def test_another_network_answers_where_one_is_named(command: Command) -> None:
    untrained = ROOT / "models" / "snapshots" / "step-000000.tflite"
    ended = command("--json", "--model", str(untrained), "7.png")
    assert json.loads(ended.stdout)["model"]["name"] == "step-000000"


ODD_NAMES = {
    b"a b 'c' $d \\.png": b"a b 'c' $d \\.png",
    "sieben-七.png".encode(): "sieben-七.png".encode(),
    b"not \xff\xfe Unicode.png": b"not \xff\xfe Unicode.png",
    b"two\nlines\tand \x1b[31mred.png": rb"two\nlines\tand \x1b[31mred.png",
}


@BOTH
def test_a_name_may_hold_anything(command: Command, folder: Path, program: str) -> None:
    for name in ODD_NAMES:
        draw(3, side=60, pen=5).save(folder / os.fsdecode(name))
    ended = command(*ODD_NAMES, program=program)
    assert ended.stdout == b"".join(printed + b"\t3\n" for printed in ODD_NAMES.values())
    ended = command("--json", *ODD_NAMES, program=program)
    files = [json.loads(line)["file"] for line in ended.stdout.splitlines()]
    assert [os.fsencode(file) for file in files] == list(ODD_NAMES)
    for name in ODD_NAMES:
        (folder / os.fsdecode(name)).unlink()
    ended = command(*ODD_NAMES, program=program)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == len(ODD_NAMES)


@pytest.mark.parametrize(
    ("text", "printed"), [("42", b"42"), ("4\n2", rb"4\n2"), ("1\t2\r\n", rb"1\t2\r\n")]
)
def test_a_reading_of_several_lines_stays_on_one(
    classifier: HandwrittenDigitsClassifier,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    printed: bytes,
) -> None:
    number = Prediction("digit", text, None, ())
    monkeypatch.setattr(classifier, "predict", lambda picture: number)
    assert answer(classifier, ("n.png", "n.png"), False).line == b"n.png\t" + printed + b"\n"


def test_many_pictures_get_the_answers_of_one_process(command: Command, folder: Path) -> None:
    names = [f"{digit}.png" for digit in (3, 7)] * 100
    ended = command(*names, "no.png", program=WITH_WORKERS)
    assert ended.stdout.decode() == "".join(f"{name}\t{name[0]}\n" for name in names)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1  # LiteRT's announcements are not among them


def started(folder: Path, program: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """The command at work on pictures without end, in a process group of its own."""
    how = ["-c", program] if program else ["-m", "classifier"]
    return subprocess.Popen(
        [sys.executable, *how, *["3.png", "7.png"] * 20_000],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def nobody_is_left(group: int) -> bool:
    """Whether a process group dies out, within a few seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    ("program", "lines"),
    [("", 3), (WITH_WORKERS, 2), (WITH_WORKERS, 200)],
    ids=["one process", "as workers start", "workers"],
)
def test_ctrl_c_ends_it_without_a_traceback(folder: Path, program: str, lines: int) -> None:
    process = started(folder, program)
    assert process.stdout is not None
    for _ in range(lines):
        assert process.stdout.readline().endswith(b"\n")
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to the workers too
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (INTERRUPTED, b"")
    assert nobody_is_left(process.pid)


@BOTH
def test_it_ends_quietly_when_nobody_reads_on(folder: Path, program: str) -> None:
    process = started(folder, program)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (CLOSED_PIPE, b"")
    assert nobody_is_left(process.pid)


def test_a_full_disk_is_named(folder: Path, tmp_path: Path) -> None:
    """Or one that takes no more of this process, which needs no device of Linux's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with (tmp_path / "answers").open("wb") as full:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # handed on to the process
        try:
            process = started(folder, "", stdout=full.fileno())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith(b"python -m classifier: Expected standard output to take the answers")
    assert len(errors.splitlines()) == 1


def test_workers_do_not_outlive_it(folder: Path) -> None:
    process = started(folder, WITH_WORKERS)
    assert process.stdout is not None
    for _ in range(50):
        process.stdout.readline()
    process.kill()
    process.communicate(timeout=60)
    assert nobody_is_left(process.pid)


@pytest.mark.parametrize(("pictures", "shown"), [(MANY, True), (MANY - 1, False)])
def test_a_terminal_sees_how_far_it_is_when_there_are_many(
    folder: Path, pictures: int, shown: bool
) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = subprocess.Popen(
        [sys.executable, "-m", "classifier", *["7.png"] * pictures],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # which is how the end is told
        while content := os.read(ours, 10_000):
            seen += content
    os.close(ours)
    printed, _ = process.communicate(timeout=60)
    assert printed == b"7.png\t7\n" * pictures
    assert (f"/{pictures} [".encode() in seen) is shown
    assert seen.rpartition(b"\r")[2].strip() == b""  # it leaves nothing behind


def test_it_needs_nothing_that_only_training_does() -> None:
    program = """
import sys
import classifier.command.main
heavy = {"tensorflow", "keras", "flask", "tqdm", "classifier.learning"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "python -m classifier --json" in capsys.readouterr().out


def test_drawings_of_every_digit_are_read(command: Command, folder: Path) -> None:
    for digit in range(10):
        draw(digit).save(folder / f"{digit}.webp", lossless=True)
    ended = command(*(f"{digit}.webp" for digit in range(10)))
    assert ended.stdout.decode() == "".join(f"{digit}.webp\t{digit}\n" for digit in range(10))
