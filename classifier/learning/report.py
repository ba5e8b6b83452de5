"""A trained network -> the report on it, as plain numbers and strings."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import platform
import statistics
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from classifier.learning import keras_file
from classifier.learning.answering import CONFIDENT, VIEWS, answering, first_view
from classifier.learning.checkpoint import plain
from classifier.learning.data import DATASET, Mnist
from classifier.learning.evaluation import (
    held_out_digits,
    keras_probabilities,
    keras_score,
    measure,
    measure_non_digits,
    same_answers,
)
from classifier.learning.training import Training
from classifier.network.artifact import KERAS_FILE, LITERT_FILE, NAME, load_network
from classifier.network.reading import MIN_CONFIDENCE
from classifier.network.runtime import Network
from classifier.parameters import Parameters

VERSIONS = ("tensorflow", "keras", "tensorflow-datasets", "ai-edge-litert", "numpy", "pillow")
HARDEST = 24  # test images to show
TIMED = {"litert": 1000, "keras": 20}  # answers, for the median time of one


def describe(
    folder: Path, data: Mnist, parameters: Parameters | None, training: Training | None
) -> dict[str, Any]:
    """Return the report on the Keras and the LiteRT file in `folder`."""
    network = load_network(folder / LITERT_FILE)
    model, rejection = keras_file.read(folder / KERAS_FILE)
    augmented, first = answering(model, rejection), first_view(model, rejection)
    digits = held_out_digits()
    mnist = {"validation": data.validation, "test": data.test}
    answers = {
        name: (network.probabilities(examples.images), examples.labels)
        for name, examples in {**mnist, "synthetic": digits}.items()
    }
    return {
        "name": NAME,
        "made": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "data": {
            "dataset": DATASET,
            "train": len(data.train),
            "validation": len(data.validation),
            "test": len(data.test),
            "synthetic": len(digits),
        },
        "network": {
            "parameters": model.count_params(),
            "layers": _layers(model),
            "rejection_parameters": rejection.count_params() if rejection else 0,
            "milliseconds": _milliseconds(network, augmented, data.test.images[:1]),
        },
        "parameters": plain(parameters) if parameters else None,
        "min_confidence": MIN_CONFIDENCE,
        "training": {
            "history": training.history if training else {},
            "temperature": training.temperature if training else None,
        },
        "measured": {name: measure(*answer) for name, answer in answers.items()},
        "others": measure_non_digits(network, answers["synthetic"][0]),
        "hardest": _hardest(*answers["test"]),
        "looks": len(VIEWS),
        "sure": CONFIDENT,
        "one_look_is_sure": {
            name: float((keras_probabilities(first, examples).max(axis=1) >= CONFIDENT).mean())
            for name, examples in mnist.items()
        },
        "one_look": {
            name: keras_score(model, examples).as_dict() for name, examples in mnist.items()
        },
        "litert_and_keras_agree": {
            name: same_answers(network, augmented, examples).as_dict()
            for name, examples in mnist.items()
        },
        "files": {name: fingerprint(folder / name) for name in (KERAS_FILE, LITERT_FILE)},
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in VERSIONS},
        },
    }


def runs_with(previous: dict[str, Any] | None, report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return this run and those of `previous` that differ only in the seed, sorted by seed."""
    if report["parameters"] is None:
        return []
    seed = report["parameters"]["seed"]
    runs = []
    if previous and same_but_seed(previous.get("parameters"), report["parameters"]):
        runs = [run for run in previous.get("runs", []) if run["seed"] != seed]
    runs.append(
        {
            "seed": seed,
            "seconds": sum(report["training"]["history"]["seconds"]),
            **{name: _summary(measured) for name, measured in report["measured"].items()},
            "others": {"auroc": report["others"]["auroc"]},
            "one_look": report["one_look"]["test"],
            "sure": report["sure"],
        }
    )
    return sorted(runs, key=lambda run: run["seed"])


def same_but_seed(one: dict[str, Any] | None, other: dict[str, Any]) -> bool:
    """Tell whether two sets of parameters are equal except for the seed."""
    return one is not None and {**one, "seed": 0} == {**other, "seed": 0}


def fingerprint(path: Path) -> dict[str, Any]:
    """Return a file's SHA-256 and its size in bytes."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _summary(measured: dict[str, Any]) -> dict[str, Any]:
    names = ("images", "right", "accuracy", "log_loss", "unsure")
    return {
        **{name: measured[name] for name in names},
        "calibration_error": measured["calibration"]["error"],
    }


def _milliseconds(
    network: Network, model: keras.Model, image: NDArray[np.float32]
) -> dict[str, float]:
    """Return the median time of an answer; Keras' serves for comparison between machines."""

    def median(answer: Callable[[], object], times: int) -> float:
        return 1000 * statistics.median(timeit.repeat(answer, number=1, repeat=times))

    return {
        "litert": median(lambda: network.probabilities(image), TIMED["litert"]),
        "keras": median(lambda: model.predict(image, verbose=0), TIMED["keras"]),
    }


def _layers(model: keras.Model) -> list[dict[str, Any]]:
    return [
        {
            "name": layer.name,
            "kind": type(layer).__name__,
            "shape": list(layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
    ]


def _hardest(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return the test images whose label the network found least likely, the worst first."""
    of_label = probabilities[np.arange(len(labels)), labels]
    return [
        {
            "image": int(number),  # its index among the test images
            "label": int(labels[number]),
            "answer": int(probabilities[number].argmax()),
            "confidence": float(probabilities[number].max()),
        }
        for number in np.argsort(of_label, kind="stable")[:HARDEST]
    ]
