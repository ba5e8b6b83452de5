"""A trained network -> the files of an artifact, all of them or none."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import importlib.metadata
import json
import platform
import signal
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras

from classifier.errors import ModelFileError
from classifier.learning.data import DATASET, Mnist
from classifier.learning.evaluation import Score, same_answers, score
from classifier.learning.outline import prepare
from classifier.network.artifact import (
    KERAS_FILE,
    LITERT_FILE,
    NAME,
    REPORT_FILE,
    load_network,
)
from classifier.parameters import Parameters

VERSIONS = ("tensorflow", "keras", "tensorflow-datasets", "ai-edge-litert", "numpy", "pillow")


def to_litert(model: keras.Model) -> bytes:
    """Returns `model` as the bytes of a LiteRT file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / LITERT_FILE
        model.export(path, format="litert", verbose=False)
        return path.read_bytes()


def load_keras(path: Path, parameters: Parameters | None = None) -> keras.Model:
    """Returns the Keras model at `path`; raises a ModelFileError where there is none to be had.

    A model that was saved without what it learns by gets that from `parameters`.
    """
    try:
        model = keras.saving.load_model(path)
    # What a foreign file makes Keras raise depends on how far into it Keras comes.
    except Exception as error:
        raise ModelFileError(
            f"Expected a Keras model at {path}, received another kind of file: {error}"
        ) from error
    if parameters and not model.compiled:
        prepare(model, parameters)
    return model


def save_file(content: bytes, path: Path) -> dict[str, Any]:
    """Writes a file whole or not at all; returns what identifies it."""
    with _staging(path.parent) as staging:
        (staging / path.name).write_bytes(content)
        (staging / path.name).replace(path)
    return {"files": {path.name: _fingerprint(path)}}


def save_keras(model: keras.Model, path: Path) -> dict[str, Any]:
    """Writes a Keras model whole or not at all; returns what identifies its file."""
    with _staging(path.parent) as staging:
        model.save(staging / path.name)
        (staging / path.name).replace(path)
    return {"files": {path.name: _fingerprint(path)}}


def save_artifact(
    folder: Path,
    model: keras.Model,
    data: Mnist,
    parameters: Parameters | None,
    history: dict[str, list[float]],
) -> dict[str, Any]:
    """Writes the Keras model, the LiteRT model and their report into `folder`; returns the report.

    `parameters` are those that the model was outlined with, where that is known.

    The figures in the report are those of the very files that end up in the folder, read back from
    disk. Until all three are there, whatever the folder held before stays as it was.
    """
    with _staging(folder) as staging:
        model.save(staging / KERAS_FILE)
        (staging / LITERT_FILE).write_bytes(to_litert(model))
        report = _report(staging, data, parameters, history)
        (staging / REPORT_FILE).write_text(json.dumps(report, indent=2) + "\n")
        with _uninterrupted():
            for name in (KERAS_FILE, LITERT_FILE, REPORT_FILE):
                (staging / name).replace(folder / name)
    return report


def _report(
    folder: Path, data: Mnist, parameters: Parameters | None, history: dict[str, list[float]]
) -> dict[str, Any]:
    network = load_network(folder / LITERT_FILE)
    model = load_keras(folder / KERAS_FILE)
    losses = history.get("val_loss", [])
    return {
        "name": NAME,
        "made": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "data": {
            "dataset": DATASET,
            "train": len(data.train),
            "validation": len(data.validation),
            "test": len(data.test),
        },
        "network": {"parameters": model.count_params()},
        "parameters": asdict(parameters) if parameters else None,
        "training": {
            "chosen_epoch": losses.index(min(losses)) + 1 if losses else None,
            "history": history,
        },
        "accuracy": {
            "validation": _as_dict(score(network, data.validation)),
            "test": _as_dict(score(network, data.test)),
        },
        "litert_and_keras_agree": {
            "validation": _as_dict(same_answers(network, model, data.validation)),
            "test": _as_dict(same_answers(network, model, data.test)),
        },
        "files": {name: _fingerprint(folder / name) for name in (KERAS_FILE, LITERT_FILE)},
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in VERSIONS},
        },
    }


def _as_dict(score: Score) -> dict[str, float]:
    return {"images": score.images, "right": score.right, "accuracy": score.accuracy}


def _fingerprint(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


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
