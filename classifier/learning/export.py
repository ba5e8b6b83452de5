"""Write a trained network to files."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from classifier.errors import ModelFileError
from classifier.learning import keras_file
from classifier.learning.answering import answering
from classifier.learning.data import Mnist
from classifier.learning.evaluation import score
from classifier.learning.plots import plot
from classifier.learning.report import describe, fingerprint
from classifier.learning.runs import as_json, runs_with
from classifier.learning.training import Trained
from classifier.network.artifact import (
    KERAS_FILE,
    LITERT_FILE,
    PLOTS_FOLDER,
    REPORT_FILE,
    SNAPSHOTS_FOLDER,
    load_network,
    read_report,
)


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


def save_file(path: Path, write: Callable[[Path], object]) -> dict[str, Any]:
    """Call `write` to make a file, move it to `path`, and return its fingerprint."""
    with _staging(path.parent) as staging:
        write(staging / path.name)
        (staging / path.name).replace(path)
    return {"files": {path.name: fingerprint(path)}}


def save_artifact(folder: Path, trained: Trained, data: Mnist) -> dict[str, Any]:
    """Write the models, the snapshots, the plots and the report on them; return the report.

    The figures in the report are those of the files that were written, read back from disk. The
    previous files stay until all new ones are written. The report is replaced last: a folder whose
    files do not match its report is refused when it is loaded.
    """
    with _staging(folder) as staging:
        keras_file.write(staging / KERAS_FILE, trained.model, trained.rejection)
        (staging / LITERT_FILE).write_bytes(to_litert(answering(trained.model, trained.rejection)))
        report = describe(staging, trained, data)
        report["snapshots"] = _write_snapshots(staging / SNAPSHOTS_FOLDER, trained, data)
        plot(report, data, staging / PLOTS_FOLDER)
        # Read the previous report only now: another run may just have added itself.
        report["runs"] = runs_with(read_report(folder), report)
        (staging / REPORT_FILE).write_text(as_json(report))
        for name in (KERAS_FILE, LITERT_FILE, SNAPSHOTS_FOLDER, PLOTS_FOLDER, REPORT_FILE):
            if (folder / name).exists():
                (folder / name).replace(staging / f"previous-{name}")
            (staging / name).replace(folder / name)
    return report


def _write_snapshots(folder: Path, trained: Trained, data: Mnist) -> list[dict[str, Any]]:
    """Write each snapshot as a small LiteRT file, and return the report on them."""
    folder.mkdir()
    described = []
    copy = keras.models.clone_model(trained.model)
    for snapshot in trained.snapshots:
        is_last = snapshot is trained.snapshots[-1]  # and calibrated
        copy.set_weights(trained.model.get_weights() if is_last else snapshot.weights)
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


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Create a temporary folder in `folder`, from which files can be moved atomically."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as staging:
            yield Path(staging)
    except OSError as error:
        raise ModelFileError(f"Expected to write into {folder}, received: {error}") from error
