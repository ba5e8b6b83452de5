"""Read handwritten digits in pictures, and print a line for each picture.

python -m classifier seven.png              the file's name, a tab, and the reading: 7
python -m classifier folder                 all pictures in a folder and its subfolders
python -m classifier --json *.png           a JSON object for each picture, with all details
python -m classifier - < seven.png          a picture from standard input
python -m classifier --model my.tflite ...  read with another network

If nothing can be read, the line says "unsure" or "blank" and, after another tab, why. The exit
status is 0 if every picture was read, 1 if one could not be, and 2 if none was tried.
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
from classifier.command.workers import answer_all
from classifier.errors import ClassifierError, PictureError

MODULE = "python -m classifier"
MANY = 100  # pictures: from here on there is a progress bar

NOT_ALL_READ = 1
NOT_TRIED = 2  # argparse's status for a wrong command line
INTERRUPTED = 130  # a shell's status after Ctrl-C
CLOSED_PIPE = 141  # a shell's status when the next command in a pipe stops reading


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
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
    """Return a classifier with `model`, or with the network in models/."""
    # For a Keras file, TensorFlow would first log its search for GPUs.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    classifier = HandwrittenDigitsClassifier()
    with quiet():
        classifier.load_model() if model is None else classifier.load_model(model)
    return classifier


def run(classifier: HandwrittenDigitsClassifier, pictures: list[str], as_json: bool) -> int:
    """Print the answers to `pictures` and return the exit status."""
    status = 0
    answers = answer_all(classifier, tasks(pictures), as_json)
    for some in with_progress_bar(answers, pictures):
        tell(some)
        if any(answer.problem for answer in some):
            status = NOT_ALL_READ
    return status


def tasks(pictures: list[str]) -> Iterator[Task]:
    """Yield the pictures to read; a picture on standard input is read at once."""
    for name, picture in find(pictures):
        yield name, standard_input() if name == STANDARD_INPUT else picture


def standard_input() -> bytes | PictureError:
    """Return the picture on standard input, or why there is none."""
    if sys.stdin is None:
        return PictureError("Expected a picture on standard input, received a closed one.")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:  # a terminal in the background, for example
        return PictureError(f"Expected a picture on standard input, received: {error.strerror}.")


def tell(answers: list[Answer]) -> None:
    """Print the answers and flush, so that the next command in a pipe receives them at once."""
    sys.stdout.buffer.write(b"".join(answer.line for answer in answers))
    sys.stdout.buffer.flush()
    for answer in answers:
        if answer.problem is not None:
            complain(answer.problem)


def complain(problem: str) -> None:
    """Print a problem to standard error."""
    if sys.stderr is not None:  # print() would write to standard output instead
        print(f"{program()}: {problem}", file=sys.stderr)


def program() -> str:
    """Return the command's name: that of the installed script, or of the module."""
    name = Path(sys.argv[0]).name
    return MODULE if name in ("__main__.py", "-c") else name


def drop_output() -> None:
    """Discard what could not be written; Python would try again at exit, and fail loudly."""
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())


def with_progress_bar(
    answers: Iterator[list[Answer]], pictures: list[str]
) -> Iterator[list[Answer]]:
    """Pass on the answers; if they are many, show the progress on a terminal."""
    is_watched = sys.stderr is not None and sys.stderr.isatty()
    total = sum(1 for _ in find(pictures)) if is_watched else 0
    if total < MANY:
        yield from answers
        return
    from tqdm import tqdm  # importing it takes as long as reading thirty pictures

    with tqdm(total=total, unit=" pictures", leave=False) as bar:
        for some in answers:
            with bar.external_write_mode():  # hidden while the answers are printed
                yield some
            bar.update(len(some))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog=program(),
        description=(__doc__ or "").replace(MODULE, program()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("pictures", nargs="+", metavar="picture", help="a file, a folder, or - (standard input)")
    add("--json", action="store_true", help="print what POST /predict answers, and the file's name")
    add("--model", help="a .tflite or .keras file, or a folder that train.py wrote (models)")
    return parser.parse_args(arguments)
