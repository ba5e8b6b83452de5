"""Train the network that the app loads, and write it to models/ with a report on it.

python train.py                              the committed model
python train.py --quick                      a good one in minutes, in models-quick/
python train.py --resume                     continue an interrupted training
python train.py --seed 1 --figures-only      add another seed's figures to the report in models/
TFDS_DATA_DIR=~/data python train.py         load MNIST from a folder, or download it there
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
from classifier.learning.runs import add_run, check_run

ROOT = Path(__file__).resolve().parent
DEFAULTS = Parameters()
QUICK = {"epochs": 3, "synthetic_digits": 4_000, "synthetic_others": 1_000}
PARAMETERS = {  # and their descriptions in --help
    "epochs": "passes over the training images (%(default)s)",
    "batch_size": "images in a step (%(default)s)",
    "learning_rate": "the highest of Adam's learning rates (%(default)s)",
    "synthetic_digits": "synthesised digits beside MNIST's (%(default)s)",
    "synthetic_others": "synthesised non-digits (%(default)s)",
    "filters": "filters of the two convolutions (32 32)",
    "kernel_size": "pixels (%(default)s)",
    "dense_units": "neurons (%(default)s)",
    "seed": "of everything random (%(default)s)",
}
INTERRUPTED = 130  # a shell's status after Ctrl-C


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = parse(arguments)
    # Otherwise TensorFlow first logs its search for GPUs and instruction sets.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        train(options)
    except KeyboardInterrupt:
        print("\nInterrupted. --resume continues after the last finished epoch.", file=sys.stderr)
        return INTERRUPTED
    except ClassifierError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    return 0


def train(options: argparse.Namespace) -> None:
    """Train, evaluate and save a network."""
    parameters = {name: getattr(options, name) for name in PARAMETERS}
    augmentation = DEFAULTS.augmentation if options.augmentation else None
    classifier = HandwrittenDigitsClassifier(**parameters, augmentation=augmentation)
    checkpoint = options.output / f"unfinished-{options.seed}"
    check(checkpoint, options.resume)
    if options.figures_only:
        check_run(options.output, classifier.parameters)
    print("Loading MNIST ...", flush=True)
    data = classifier.load_data()
    print(f"{len(data.train):,} images for training, {len(data.validation):,} for validation.")
    classifier.model_outlining().summary()
    classifier.train_model(checkpoint=checkpoint)
    print("Exporting and evaluating ...", flush=True)
    with tempfile.TemporaryDirectory() as elsewhere:
        report = classifier.save_model(elsewhere if options.figures_only else options.output)
    if options.figures_only:
        add_run(options.output, report)
    shutil.rmtree(checkpoint)
    tell(report)
    print(f"Written to {options.output}.")


def check(checkpoint: Path, resume: bool) -> None:
    """Refuse to start over an unfinished training, and to resume where there is none."""
    if checkpoint.exists() and not resume:
        raise ClassifierError(
            f"Expected no unfinished training, received one in {checkpoint}. Continue it with "
            "--resume, or remove that folder to start again."
        )
    if resume and not checkpoint.exists():
        raise ClassifierError(
            f"Expected an unfinished training in {checkpoint}, received none. --resume needs the "
            "--output and --seed of the interrupted command."
        )


def tell(report: dict[str, Any]) -> None:
    """Print the main figures of a report."""
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
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # --qui would be read as --quick, but without its defaults
    )
    add = parser.add_argument
    add("--quick", action="store_true", help=f"fewer epochs and drawings: {QUICK}")
    for name, text in PARAMETERS.items():
        default = getattr(DEFAULTS, name)
        several: dict[str, Any] = {"nargs": 2, "type": int} if name == "filters" else {}
        option = f"--{name.replace('_', '-')}"
        add(option, **{"type": type(default), "default": default, "help": text, **several})
    add(
        "--augmentation",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="deform the training images",
    )
    add("--resume", action="store_true", help="continue the interrupted training with this seed")
    add("--figures-only", action="store_true", help="add to the report, and keep its model")
    output = ROOT / "models"
    if "--quick" in (sys.argv[1:] if arguments is None else arguments):
        parser.set_defaults(**QUICK)
        output = ROOT / "models-quick"
    help_output = "folder to write to (models; with --quick, models-quick)"
    add("--output", type=folder, default=str(output), help=help_output)
    return parser.parse_args(arguments)


def folder(text: str) -> Path:
    """Return a folder that can be written to, or fail before hours of training."""
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
        # TensorFlow's threads are still running, and the interpreter has been seen to crash when it
        # ends before them. Everything worth keeping is on disk.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
