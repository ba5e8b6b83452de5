"""A trained network -> its files, complete or not at all."""

from __future__ import annotations

import contextlib
import json
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from classifier.errors import ModelFileError
from classifier.ink.normalise import SIDE
from classifier.learning import keras_file
from classifier.learning.answering import answering
from classifier.learning.checkpoint import plain
from classifier.learning.data import Mnist
from classifier.learning.evaluation import score
from classifier.learning.outline import prepare
from classifier.learning.plots import plot
from classifier.learning.report import describe, fingerprint, runs_with, same_but_seed
from classifier.learning.training import Training
from classifier.network.artifact import (
    KERAS_FILE,
    LITERT_FILE,
    PLOTS_FOLDER,
    REPORT_FILE,
    SNAPSHOTS_FOLDER,
    load_network,
    read_report,
)
from classifier.parameters import Parameters


def to_litert(model: keras.Model, half: bool = False) -> bytes:
    """Return `model` as the bytes of a LiteRT file; `half` rounds its weights to 16 bits."""
    options: dict[str, Any] = {}
    if half:
        options["optimizations"] = [tf.lite.Optimize.DEFAULT]
        options["target_spec"] = {"supported_types": [tf.float16]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / LITERT_FILE
        model.export(path, format="litert", verbose=False, **options)
        return path.read_bytes()


def load_keras(path: Path, parameters: Parameters) -> tuple[keras.Model, keras.Model | None]:
    """Return the network at `path`, and its rejection network if it has one.

    A network that was saved without its optimizer is compiled with `parameters`.

    Raises:
        ModelFileError: not a Keras file, or not a network that reads digits.
    """
    model, rejection = keras_file.read(path)
    shapes = (model.input_shape, model.output_shape)
    if shapes != ((None, SIDE, SIDE, 1), (None, 10)):
        raise ModelFileError(
            f"Expected a network from (n, {SIDE}, {SIDE}, 1) to (n, 10), received {path}, which "
            f"goes from {shapes[0]} to {shapes[1]}."
        )
    if not model.compiled:
        prepare(model, parameters)
    return model, rejection


def save_file(content: bytes, path: Path) -> dict[str, Any]:
    """Write a file; return its fingerprint."""
    with _staging(path.parent) as staging:
        (staging / path.name).write_bytes(content)
        (staging / path.name).replace(path)
    return {"files": {path.name: fingerprint(path)}}


def save_keras(model: keras.Model, rejection: keras.Model | None, path: Path) -> dict[str, Any]:
    """Write a Keras file; return its fingerprint."""
    with _staging(path.parent) as staging:
        keras_file.write(staging / path.name, model, rejection)
        (staging / path.name).replace(path)
    return {"files": {path.name: fingerprint(path)}}


def save_artifact(
    folder: Path,
    model: keras.Model,
    rejection: keras.Model | None,
    data: Mnist,
    parameters: Parameters | None,
    training: Training | None,
) -> dict[str, Any]:
    """Write the models, the snapshots, the plots and the report on them into `folder`.

    The figures in the report are those of the files that were written, read back from disk. The
    previous contents of the folder stay until everything is written.

    Args:
        folder: is created if need be.
        model: the trained network.
        rejection: its rejection network, if it has one.
        data: to evaluate on.
        parameters: that the model was built from; None if unknown.
        training: that the model came from; None if unknown.

    Returns:
        The report.
    """
    with _staging(folder) as staging:
        report = _write_models(staging, model, rejection, data, parameters, training)
        report["snapshots"] = _write_snapshots(staging / SNAPSHOTS_FOLDER, model, data, training)
        plot(report, data, staging / PLOTS_FOLDER)
        with _uninterrupted():
            # Read the previous report only now: another run may just have added itself.
            report["runs"] = runs_with(read_report(folder), report)
            _write_report(staging, report)
            for name in (KERAS_FILE, LITERT_FILE, SNAPSHOTS_FOLDER, PLOTS_FOLDER, REPORT_FILE):
                if (folder / name).exists():
                    (folder / name).replace(staging / f"previous-{name}")
                (staging / name).replace(folder / name)
    return report


def check_run(folder: Path, parameters: Parameters) -> None:
    """Raise a ModelFileError unless `folder` reports on parameters that differ in the seed only."""
    reported: dict[str, Any] = (read_report(folder) or {}).get("parameters") or {}
    if not same_but_seed(reported, plain(parameters)) or reported["seed"] == parameters.seed:
        raise ModelFileError(
            f"Expected a report in {folder} on the same parameters with another seed than "
            f"{parameters.seed}, received {reported or 'none'}."
        )


def add_run(
    folder: Path, model: keras.Model, data: Mnist, parameters: Parameters, training: Training
) -> dict[str, Any]:
    """Add the figures of `model` to the report in `folder`; return the report on `model`.

    Raises:
        ModelFileError: there is no report, or one on other parameters, or with the same seed.
    """
    check_run(folder, parameters)
    with _staging(folder) as staging:
        report = _write_models(staging, model, training.rejection, data, parameters, training)
        previous = read_report(folder) or {}  # again: another run may have added itself
        _write_report(staging, {**previous, "runs": runs_with(previous, report)})
        (staging / REPORT_FILE).replace(folder / REPORT_FILE)
    return report


def _write_models(
    folder: Path,
    model: keras.Model,
    rejection: keras.Model | None,
    data: Mnist,
    parameters: Parameters | None,
    training: Training | None,
) -> dict[str, Any]:
    keras_file.write(folder / KERAS_FILE, model, rejection)
    (folder / LITERT_FILE).write_bytes(to_litert(answering(model, rejection)))
    return describe(folder, data, parameters, training)


def _write_snapshots(
    folder: Path, model: keras.Model, data: Mnist, training: Training | None
) -> list[dict[str, Any]]:
    """Write each snapshot as a small LiteRT file, and return how well each one reads."""
    folder.mkdir()
    described = []
    snapshots = training.snapshots if training else []
    copy = keras.models.clone_model(model)
    for snapshot in snapshots:
        is_last = snapshot is snapshots[-1]
        copy.set_weights(model.get_weights() if is_last else snapshot.weights)  # calibrated at last
        path = folder / f"step-{snapshot.step:06}.tflite"
        path.write_bytes(to_litert(copy, half=True))
        described.append(
            {
                "file": f"{SNAPSHOTS_FOLDER}/{path.name}",
                "step": snapshot.step,
                "epoch": snapshot.epoch,
                "validation": score(load_network(path), data.validation).as_dict(),
                **fingerprint(path),
            }
        )
    return described


def _write_report(folder: Path, report: dict[str, Any]) -> None:
    (folder / REPORT_FILE).write_text(json.dumps(report, indent=2) + "\n")


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Create a temporary folder on the disk of `folder`, from where files move in one step."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as staging:
            yield Path(staging)
    except OSError as error:
        raise ModelFileError(f"Expected to write into {folder}, received: {error}") from error


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Delay Ctrl-C until the block ends; only the main thread receives it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if received:
        raise KeyboardInterrupt
