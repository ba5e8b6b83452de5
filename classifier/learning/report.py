"""Describe a trained network in numbers and strings: the contents of report.json."""

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
from classifier.learning.data import DATASET, Mnist
from classifier.learning.evaluation import (
    count_right,
    held_out_digits,
    measure,
    measure_non_digits,
)
from classifier.learning.runs import plain
from classifier.learning.training import Trained
from classifier.network.artifact import KERAS_FILE, LITERT_FILE, NAME, load_network
from classifier.network.reading import MIN_CONFIDENCE
from classifier.network.runtime import Network

VERSIONS = ("tensorflow", "keras", "tensorflow-datasets", "ai-edge-litert", "numpy", "pillow")
HARDEST = 24  # test images to show
TIMED = {"litert": 1000, "keras": 20}  # answers, for the median time of one


def describe(folder: Path, trained: Trained, data: Mnist) -> dict[str, Any]:
    """Return the report on the Keras and the LiteRT file in `folder`."""
    network = load_network(folder / LITERT_FILE)
    model, rejection = keras_file.read(folder / KERAS_FILE)
    augmented = answering(model, rejection)
    digits = held_out_digits()
    answers = {
        name: (network.probabilities(examples.images), examples.labels)
        for name, examples in {**vars(data), "synthetic": digits}.items()
        if name != "train"
    }
    by_keras = _by_keras(augmented, data)
    first = _by_keras(first_view(model, rejection), data)
    return {
        "name": NAME,
        "made": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "data": {
            "dataset": DATASET,
            **{name: len(examples) for name, examples in vars(data).items()},
            "synthetic": len(digits),
        },
        "network": {
            "parameters": model.count_params(),
            "layers": _layers(model),
            "rejection_parameters": rejection.count_params() if rejection else 0,
            "milliseconds": _milliseconds(network, augmented, data.test.images[:1]),
        },
        "parameters": plain(trained.parameters) if trained.parameters else None,
        "min_confidence": MIN_CONFIDENCE,
        "training": {"history": trained.history, "temperature": trained.temperature},
        "measured": {name: measure(*answer) for name, answer in answers.items()},
        "others": measure_non_digits(network, answers["synthetic"][0]),
        "hardest": _hardest(*answers["test"]),
        "looks": len(VIEWS),
        "sure": CONFIDENT,
        "one_look_is_sure": {
            name: float((each.max(axis=1) >= CONFIDENT).mean()) for name, each in first.items()
        },
        "one_look": {
            name: count_right(each, answers[name][1]).as_dict()
            for name, each in _by_keras(model, data).items()
        },
        "litert_and_keras_agree": {
            name: count_right(answers[name][0], each.argmax(axis=1)).as_dict()
            for name, each in by_keras.items()
        },
        "files": {name: fingerprint(folder / name) for name in (KERAS_FILE, LITERT_FILE)},
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in VERSIONS},
        },
    }


def _by_keras(model: keras.Model, data: Mnist) -> dict[str, NDArray[np.float32]]:
    """Return a Keras model's probabilities for the validation and the test images."""
    parts = {"validation": data.validation, "test": data.test}
    return {
        name: model.predict(examples.images, batch_size=1000, verbose=0)
        for name, examples in parts.items()
    }


def fingerprint(path: Path) -> dict[str, Any]:
    """Return a file's SHA-256 and its size in bytes."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _milliseconds(
    network: Network, model: keras.Model, image: NDArray[np.float32]
) -> dict[str, float]:
    """Return the median times of an answer. Keras' time allows machines to be compared."""

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
