"""A trained network -> the files of an artifact, all of them or none."""

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
    """Returns `model` as the bytes of a LiteRT file; `half` rounds its weights to 16 bits each."""
    smaller: dict[str, Any] = {}
    if half:
        smaller["optimizations"] = [tf.lite.Optimize.DEFAULT]
        smaller["target_spec"] = {"supported_types": [tf.float16]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / LITERT_FILE
        model.export(path, format="litert", verbose=False, **smaller)
        return path.read_bytes()


def load_keras(path: Path, parameters: Parameters) -> tuple[keras.Model, keras.Model | None]:
    """Returns the network at `path`, and the one that tells what is no digit if it has one.

    A network that was saved without what it learns by gets that from `parameters`.

    Raises:
        ModelFileError: there is none to be had.
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
    """Writes a file whole or not at all; returns what identifies it."""
    with _staging(path.parent) as staging:
        (staging / path.name).write_bytes(content)
        (staging / path.name).replace(path)
    return {"files": {path.name: fingerprint(path)}}


def save_keras(model: keras.Model, rejection: keras.Model | None, path: Path) -> dict[str, Any]:
    """Writes a Keras file whole or not at all; returns what identifies it."""
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
    """Writes the models, the snapshots, the plots and the report of them all into `folder`.

    `parameters` and `training` are those that the model came from, where that is known.

    The figures in the report are those of the very files that end up in the folder, read back from
    disk. Until all is there, whatever the folder held before stays as it was. Returns the report.
    """
    with _staging(folder) as staging:
        keras_file.write(staging / KERAS_FILE, model, rejection)
        (staging / LITERT_FILE).write_bytes(to_litert(answering(model, rejection)))
        snapshots = _save_snapshots(staging / SNAPSHOTS_FOLDER, model, data, training)
        report = describe(staging, data, parameters, training)
        report["snapshots"] = snapshots
        plot(report, data, staging / PLOTS_FOLDER)
        with _uninterrupted():
            # Not before: another run may have added itself in the meantime.
            report["runs"] = runs_with(read_report(folder), report)
            _write_report(staging, report)
            for name in (KERAS_FILE, LITERT_FILE, SNAPSHOTS_FOLDER, PLOTS_FOLDER, REPORT_FILE):
                if (folder / name).exists():
                    (folder / name).replace(staging / f"previous-{name}")
                (staging / name).replace(folder / name)
    return report


def check_run(folder: Path, parameters: Parameters) -> None:
    """Raises a ModelFileError unless `folder` reports on a network that differs in its seed."""
    standing: dict[str, Any] = (read_report(folder) or {}).get("parameters") or {}
    if not same_but_seed(standing, parameters) or standing["seed"] == parameters.seed:
        raise ModelFileError(
            f"Expected a report in {folder} on the same parameters with another seed than "
            f"{parameters.seed}, received {standing or 'none'}."
        )


def add_run(
    folder: Path, model: keras.Model, data: Mnist, parameters: Parameters, training: Training
) -> dict[str, Any]:
    """Adds how well `model` reads to the report in `folder`, and leaves the rest as it is.

    Returns the report on `model`.

    Raises:
        ModelFileError: there is no report, or one on other parameters, or with the same seed.
    """
    check_run(folder, parameters)
    with _staging(folder) as staging:
        keras_file.write(staging / KERAS_FILE, model, training.rejection)
        (staging / LITERT_FILE).write_bytes(to_litert(answering(model, training.rejection)))
        report = describe(staging, data, parameters, training)
        standing = read_report(folder) or {}  # as it is by now
        _write_report(staging, {**standing, "runs": runs_with(standing, report)})
        (staging / REPORT_FILE).replace(folder / REPORT_FILE)
    return report


def _save_snapshots(
    folder: Path, model: keras.Model, data: Mnist, training: Training | None
) -> list[dict[str, Any]]:
    """Writes each snapshot as a small LiteRT file, and returns how well each one read."""
    folder.mkdir()
    described = []
    finished = model.get_weights()  # calibrated, unlike the last snapshot
    snapshots = training.snapshots if training else []
    for snapshot in snapshots:
        path = folder / f"step-{snapshot.step:06}.tflite"
        try:
            model.set_weights(finished if snapshot is snapshots[-1] else snapshot.weights)
            path.write_bytes(to_litert(model, half=True))
        finally:
            model.set_weights(finished)
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
    """A folder beside the final place, so that moving there is one step; gone afterwards."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as staging:
            yield Path(staging)
    except OSError as error:
        raise ModelFileError(f"Expected to write into {folder}, received: {error}") from error


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Lets Ctrl-C wait for the few moves that must all happen; only the main thread hears it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if heard:
        raise KeyboardInterrupt
