"""Trains the network that the app loads, and writes it to models/.

python train.py                              the model as it is committed
python train.py --epochs 3 --output /tmp/m   a quick look, elsewhere
TFDS_DATA_DIR=~/data python train.py         MNIST from, or to, a folder of your own
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from classifier import ClassifierError, HandwrittenDigitsClassifier, Parameters

DEFAULTS = Parameters()
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
    classifier = HandwrittenDigitsClassifier(
        filters=tuple(options.filters),
        kernel_size=options.kernel_size,
        dense_units=options.dense_units,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        augmentation=DEFAULTS.augmentation if options.augmentation else None,
        seed=options.seed,
    )
    print("Loading MNIST ...", flush=True)
    data = classifier.load_data()
    print(f"{len(data.train):,} images to train with, {len(data.validation):,} to choose by.")
    classifier.model_outlining().summary()
    try:
        classifier.train_model()
        print("Exporting, and evaluating what was exported ...", flush=True)
        report = classifier.save_model(options.output)
    except KeyboardInterrupt:
        print(f"\nInterrupted. {options.output} is as it was.", file=sys.stderr)
        raise
    for part, score in report["accuracy"].items():
        print(f"{part:>10}: {score['right']:,} of {score['images']:,} = {score['accuracy']:.2%}")
    for name in (*report["files"], "report.json"):
        print(f"   written: {options.output / name}")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Reads the command line; the defaults are those of the library."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--epochs", type=int, default=DEFAULTS.epochs, help="passes over MNIST (%(default)s)")
    add("--batch-size", type=int, default=DEFAULTS.batch_size, help="images a step (%(default)s)")
    add(
        "--learning-rate",
        type=float,
        default=DEFAULTS.learning_rate,
        help="Adam's, at the start (%(default)s)",
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
    add("--output", type=folder, default=Path("models"), help="folder to write to (%(default)s)")
    return parser.parse_args(arguments)


def folder(text: str) -> Path:
    """Makes sure, before hours of training, that there is a folder to write to."""
    path = Path(text)
    if path.suffix in (".keras", ".tflite"):
        raise argparse.ArgumentTypeError(f"expected a folder for three files, received {text}")
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        message = f"expected a folder to write to, received {text}: {error.strerror}"
        raise argparse.ArgumentTypeError(message) from error


if __name__ == "__main__":
    sys.exit(main())
