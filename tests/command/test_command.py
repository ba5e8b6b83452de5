"""The command in one process and, where it matters, with workers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from classifier import HandwrittenDigitsClassifier
from classifier.command import workers
from classifier.command.main import main
from tests.command.conftest import Command
from tests.handwriting import draw, draw_number

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["one process", "workers"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a test twice, the second time with workers from the second picture on."""
    if request.param == "workers":
        monkeypatch.setattr(workers, "ALONE", 0)
        monkeypatch.setattr(workers, "cores", lambda: 2)


def test_a_line_gives_the_reading_or_the_verdict_and_why(command: Command, folder: Path) -> None:
    """A folder stands for its pictures, and a dash for standard input."""
    ended = command(".", "-", stdin=(folder / "7.png").read_bytes())
    assert ended.stdout.decode().splitlines() == [
        "./3.png\t3",
        "./7.png\t7",
        "./further/blank.gif\tblank\tThere is no ink here that I can find.",
        "-\t7",
    ]
    assert (ended.status, ended.stderr) == (0, b"")


def test_json_is_the_answer_of_the_api_with_the_file(
    command: Command, classifier: HandwrittenDigitsClassifier
) -> None:
    ended = command("--json", "7.png", "nothing.png")
    seven, nothing = map(json.loads, ended.stdout.splitlines())
    network = classifier.network
    assert 0 < seven["elapsed_ms"] < 60_000
    assert seven == {
        "file": "7.png",
        **json.loads(json.dumps(classifier.predict("7.png").as_dict())),
        "model": {"name": network.name, "sha256": network.sha256},
        "elapsed_ms": seven["elapsed_ms"],
    }
    assert list(nothing) == ["file", "error"]
    assert "received: No such file" in nothing["error"]
    assert nothing["error"] in ended.stderr.decode()
    assert ended.status == 1


@pytest.mark.usefixtures("either")
def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_read(
    command: Command, folder: Path
) -> None:
    whole = (folder / "7.png").read_bytes()
    (folder / "half.png").write_bytes(whole[: len(whole) // 2])
    (folder / "text.png").write_text("no picture")
    ended = command("half.png", "7.png", "text.png", "no.png", "empty", "3.png")
    assert (ended.status, ended.stdout) == (1, b"7.png\t7\n3.png\t3\n")
    problems = ended.stderr.decode().splitlines()
    for name, problem in zip(("half.png", "text.png", "no.png", "empty"), problems, strict=True):
        assert f": {name}: Expected a" in problem
        assert "received" in problem


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: picture"),
        (("--jso", "7.png"), "unrecognized arguments: --jso"),
        (("--model", "none.tflite", "7.png"), "Expected a model at none.tflite, received: No such"),
        (("--model", "empty", "7.png"), "Expected a model at empty"),
        (("--model", "7.png", "7.png"), "Expected a name ending in .keras or .tflite, or a folder"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_wrong_command_line_is_refused(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    try:
        status: object = main(list(arguments))
    except SystemExit as error:  # as argparse ends
        status = error.code
    printed = capfd.readouterr()
    assert (status, printed.out) == (2, "")
    assert message in printed.err


def test_another_network_reads_when_named(command: Command) -> None:
    untrained = ROOT / "models" / "snapshots" / "step-000000.tflite"
    ended = command("--json", "--model", str(untrained), "7.png")
    assert json.loads(ended.stdout)["model"]["name"] == "step-000000"


@pytest.mark.usefixtures("either")
def test_a_file_name_may_hold_any_bytes(command: Command, folder: Path) -> None:
    names = {
        "sieben '七' \\.png".encode(): "sieben '七' \\.png".encode(),
        b"not \xff\xfe Unicode.png": b"not \xff\xfe Unicode.png",
        b"two\nlines\tand \x1b[31mred.png": rb"two\nlines\tand \x1b[31mred.png",
    }
    arguments = [os.fsdecode(name) for name in names]
    for name in arguments:
        draw(3, side=60, pen=5).save(folder / name)
    ended = command(*arguments)
    assert ended.stdout == b"".join(printed + b"\t3\n" for printed in names.values())
    ended = command("--json", *arguments)
    assert [json.loads(line)["file"] for line in ended.stdout.splitlines()] == arguments


def test_a_reading_of_several_lines_is_printed_on_one(command: Command) -> None:
    draw_number("12", "34").save("n.png")
    assert command("n.png").stdout == b"n.png\t12\\n34\n"


@pytest.mark.usefixtures("either")
def test_many_pictures_are_answered_in_order(command: Command) -> None:
    names = [f"{digit}.png" for digit in (3, 7)] * 100
    ended = command(*names, "no.png")
    assert ended.stdout.decode() == "".join(f"{name}\t{name[0]}\n" for name in names)
    assert ended.status == 1
    assert len(ended.stderr.splitlines()) == 1  # LiteRT's announcements are not among them
