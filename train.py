"""Trains the network that the app loads, and writes it to models/ with a report on it.

python train.py                              the model as it is committed
python train.py --quick                      a good one in minutes, to models-quick/
python train.py --resume                     goes on where training was interrupted
python train.py --seed 1 --figures-only      adds another seed's figures to the report in models/
TFDS_DATA_DIR=~/data python train.py         MNIST from, or to, a folder of your own
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from classifier import ClassifierError, HandwrittenDigitsClassifier, Parameters

ROOT = Path(__file__).resolve().parent
DEFAULTS = Parameters()
QUICK = {"epochs": 3, "synthetic_digits": 4_000, "synthetic_others": 1_000}
INTERRUPTED = 130  # what shells report after Ctrl-C


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns its exit status."""
    options = parse(arguments)
    # Else TensorFlow prefaces every run with its search for GPUs and instruction sets.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        train(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except ClassifierError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    return 0


def train(options: argparse.Namespace) -> None:
    """From MNIST to an artifact in the folder asked for."""
    names = [name for name in vars(DEFAULTS) if name != "augmentation"]
    given = {name: getattr(options, name) for name in names}
    augmentation = DEFAULTS.augmentation if options.augmentation else None
    classifier = HandwrittenDigitsClassifier(**given, augmentation=augmentation)
    diary = options.output / f"unfinished-{options.seed}"
    check(diary, options.resume)
    if options.figures_only:
        classifier.trainer.check_run(options.output)
    print("Loading MNIST ...", flush=True)
    data = classifier.load_data()
    print(f"{len(data.train):,} images to train with, {len(data.validation):,} to watch it by.")
    classifier.model_outlining().summary()
    try:
        classifier.train_model(checkpoint=diary)
        print("Exporting, and evaluating what was exported ...", flush=True)
        save = classifier.trainer.add_run if options.figures_only else classifier.save_model
        report = save(options.output)
    except KeyboardInterrupt:
        print(
            "\nInterrupted. With --resume, the same command goes on from the last whole epoch.",
            file=sys.stderr,
        )
        raise
    shutil.rmtree(diary)
    tell(report)
    print(f"Written to {options.output}.")


def check(diary: Path, resume: bool) -> None:
    """Neither throws an unfinished training away, nor begins one where one was to be resumed."""
    if diary.exists() and not resume:
        raise ClassifierError(
            f"Expected no unfinished training, received one in {diary}. With --resume it is gone "
            "on with; to begin anew, remove that folder."
        )
    if resume and not diary.exists():
        raise ClassifierError(
            f"Expected an unfinished training in {diary}, received none. --resume wants the same "
            "--output and --seed as the command that was interrupted."
        )


def tell(report: dict[str, Any]) -> None:
    """Prints what matters most."""
    for part, measured in report["measured"].items():
        low, high = measured["interval"]
        print(
            f"{part:>10}: {measured['right']:,} of {measured['images']:,} right = "
            f"{measured['accuracy']:.2%} (95 % interval {low:.2%} to {high:.2%}), "
            f"calibration error {measured['calibration']['error']:.2%}, "
            f"unsure of {measured['unsure']:,}"
        )
    for kind, found in report["others"]["kinds"].items():
        print(
            f"{kind:>10}: unsure of {found['unsure']:,} of {found['drawings']:,}, "
            f"AUROC {found['auroc']:.4f} against digits"
        )


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Reads the command line; the defaults are those of the library."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # --qui would be taken for --quick, but without what that stands for
    )
    add = parser.add_argument
    add("--quick", action="store_true", help=f"fewer epochs and drawings: {QUICK}")
    add(
        "--epochs",
        type=int,
        default=DEFAULTS.epochs,
        help="passes over the training images (%(default)s)",
    )
    add("--batch-size", type=int, default=DEFAULTS.batch_size, help="images a step (%(default)s)")
    add(
        "--learning-rate",
        type=float,
        default=DEFAULTS.learning_rate,
        help="Adam's, at its highest (%(default)s)",
    )
    add(
        "--synthetic-digits",
        type=int,
        default=DEFAULTS.synthetic_digits,
        help="synthesised digits to learn beside MNIST's (%(default)s)",
    )
    add(
        "--synthetic-others",
        type=int,
        default=DEFAULTS.synthetic_others,
        help="drawings to learn as no digits (%(default)s)",
    )
    add(
        "--filters",
        type=int,
        nargs=2,
        default=DEFAULTS.filters,
        help="filters of the two convolutions (32 32)",
    )
    add("--kernel-size", type=int, default=DEFAULTS.kernel_size, help="pixels (%(default)s)")
    add("--dense-units", type=int, default=DEFAULTS.dense_units, help="neurons (%(default)s)")
    add("--seed", type=int, default=DEFAULTS.seed, help="of everything random (%(default)s)")
    add(
        "--augmentation",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="deform the training images",
    )
    add("--resume", action="store_true", help="go on where training with this seed stopped")
    add("--figures-only", action="store_true", help="add to the report, leave the model")
    add(
        "--output",
        type=folder,
        default=str(ROOT / "models"),
        help="folder to write to (models; with --quick, models-quick)",
    )
    if "--quick" in (sys.argv[1:] if arguments is None else arguments):
        parser.set_defaults(output=str(ROOT / "models-quick"), **QUICK)
    options = parser.parse_args(arguments)
    options.filters = tuple(options.filters)
    return options


def folder(text: str) -> Path:
    """Makes sure, before hours of training, that there is a folder to write to."""
    path = Path(text)
    if path.suffix in (".keras", ".tflite"):
        raise argparse.ArgumentTypeError(f"expected a folder for several files, received {text}")
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        message = f"expected a folder to write to, received {text}: {error.strerror}"
        raise argparse.ArgumentTypeError(message) from error


if __name__ == "__main__":
    status = main()
    if status == INTERRUPTED:
        # TensorFlow's threads are still at work, and the interpreter, ending beneath them, has
        # been seen to crash. All that is to be kept is on disk by now.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
