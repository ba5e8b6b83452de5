"""Reads handwritten digits in pictures, and prints a line for each.

python -m classifier seven.png              the file's name, a tab, and what it reads: 7
python -m classifier folder                 every picture in a folder and in those below it
python -m classifier --json *.png           a JSON object a line, with all there is to say
python -m classifier - < seven.png          the picture that comes on standard input
python -m classifier --model my.tflite ...  reads with a network of your own

Where there is nothing to name, "unsure" or "blank" stands in its place and, after another tab, why.
The exit status is 0 if every picture was read, 1 if one could not be, 2 if none was tried.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from classifier.classifier import HandwrittenDigitsClassifier
from classifier.command.answer import Answer, Task
from classifier.command.find import STANDARD_INPUT, find
from classifier.command.quiet import quiet
from classifier.command.workers import read_all
from classifier.errors import ClassifierError, PictureError

PROGRAM = "python -m classifier"
MANY = 100  # pictures, from which on a progress bar is worth while

NOT_ALL_READ = 1
NOT_TRIED = 2  # as argparse has it for a wrong command line
INTERRUPTED = 130  # what shells report after Ctrl-C
CLOSED_PIPE = 141  # what they report where the next command in a pipe wants no more


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns its exit status."""
    options = parse(arguments)
    status = NOT_TRIED
    try:
        classifier = load(options.model)
        status = NOT_ALL_READ
        return run(classifier, options.pictures, options.json)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        drop_output()
        return CLOSED_PIPE
    except OSError as error:
        drop_output()
        complain(f"Expected standard output to take the answers, received: {error.strerror}.")
        return status
    except ClassifierError as error:
        complain(str(error))
        return status


def load(model: str | None) -> HandwrittenDigitsClassifier:
    """Returns a classifier with the network asked for, else with the one that comes along."""
    # A Keras file takes TensorFlow, which would preface its work with a search for GPUs.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    classifier = HandwrittenDigitsClassifier()
    with quiet():
        classifier.load_model() if model is None else classifier.load_model(model)
    return classifier


def run(classifier: HandwrittenDigitsClassifier, pictures: list[str], as_json: bool) -> int:
    """Prints the answers to `pictures`, and returns the exit status."""
    status = 0
    answers = read_all(classifier, tasks(pictures), as_json)
    for some in with_progress_bar(answers, pictures):
        tell(some)
        if any(answer.problem for answer in some):
            status = NOT_ALL_READ
    return status


def tasks(pictures: list[str]) -> Iterator[Task]:
    """Yields what there is to read, with the picture itself where it comes on standard input."""
    for name, picture in find(pictures):
        yield name, standard_input() if name == STANDARD_INPUT else picture


def standard_input() -> bytes | PictureError:
    """Returns the picture on standard input, or why there is none."""
    if sys.stdin is None:
        return PictureError("Expected a picture on standard input, received a closed one.")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:  # a terminal in the background, say
        return PictureError(f"Expected a picture on standard input, received: {error.strerror}.")


def tell(answers: list[Answer]) -> None:
    """Prints at once, for a command that reads along."""
    sys.stdout.buffer.write(b"".join(answer.line for answer in answers))
    sys.stdout.buffer.flush()
    for answer in answers:
        if answer.problem is not None:
            complain(answer.problem)


def complain(problem: str) -> None:
    """Prints what went wrong."""
    if sys.stderr is not None:  # it may have been closed, and print would take to standard output
        print(f"{PROGRAM}: {problem}", file=sys.stderr)


def drop_output() -> None:
    """Keeps Python from trying, at its end, to write what could not be written, and complaining."""
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())


def with_progress_bar(
    answers: Iterator[list[Answer]], pictures: list[str]
) -> Iterator[list[Answer]]:
    """Passes the answers on; where they are many and somebody watches, shows how far it is."""
    is_watched = sys.stderr is not None and sys.stderr.isatty()
    total = sum(1 for _ in find(pictures)) if is_watched else 0
    if total < MANY:
        yield from answers
        return
    from tqdm import tqdm  # takes as long to import as thirty pictures take to read

    with tqdm(total=total, unit=" pictures", leave=False) as bar:
        for some in answers:
            with bar.external_write_mode():  # off the screen while the answers are printed
                yield some
            bar.update(len(some))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("pictures", nargs="+", metavar="picture", help="a file, a folder, or - (standard input)")
    add("--json", action="store_true", help="print what POST /predict answers, and the file's name")
    add("--model", help="a .tflite or .keras file, or a folder that train.py wrote (models)")
    return parser.parse_args(arguments)
