"""A trained network -> all that there is to tell about it, as plain numbers and words."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from classifier.learning import keras_file
from classifier.learning.answering import LOOKS, SURE, answering, looking_once
from classifier.learning.data import DATASET, Examples, Mnist
from classifier.learning.evaluation import (
    held_out_digits,
    measure,
    measure_others,
    one_look,
    same_answers,
    share_of_sure,
)
from classifier.learning.training import Training
from classifier.network.artifact import KERAS_FILE, LITERT_FILE, NAME, load_network
from classifier.network.reading import MIN_CONFIDENCE
from classifier.network.runtime import Network
from classifier.parameters import Parameters

VERSIONS = ("tensorflow", "keras", "tensorflow-datasets", "ai-edge-litert", "numpy", "pillow")
HARDEST = 24  # test images to show
TIMED = {"litert": 1000, "keras": 20}  # answers each, for how long one takes


def describe(
    folder: Path, data: Mnist, parameters: Parameters | None, training: Training | None
) -> dict[str, Any]:
    """Returns what there is to tell of the Keras and the LiteRT file in `folder`."""
    network = load_network(folder / LITERT_FILE)
    model, rejection = keras_file.read(folder / KERAS_FILE)
    reader, once = answering(model, rejection), looking_once(model, rejection)
    digits = held_out_digits()
    watched = {"validation": data.validation, "test": data.test}
    answers = {
        "validation": (network.probabilities(data.validation.images), data.validation.labels),
        "test": (network.probabilities(data.test.images), data.test.labels),
        "synthetic": (network.probabilities(digits.images), digits.labels),
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
            "milliseconds": _milliseconds(network, reader, data.test.images[:1]),
        },
        "parameters": _plain(parameters) if parameters else None,
        "min_confidence": MIN_CONFIDENCE,
        "training": {
            "history": training.history if training else {},
            "temperature": training.temperature if training else None,
        },
        "measured": {name: measure(*answer) for name, answer in answers.items()},
        "others": measure_others(network, answers["synthetic"][0]),
        "hardest": _hardest(answers["test"][0], data.test),
        "looks": len(LOOKS),
        "sure": SURE,
        "one_look_is_sure": {
            name: share_of_sure(once, examples) for name, examples in watched.items()
        },
        "one_look": {
            name: one_look(model, examples).as_dict() for name, examples in watched.items()
        },
        "litert_and_keras_agree": {
            name: same_answers(network, reader, examples).as_dict()
            for name, examples in watched.items()
        },
        "files": {name: fingerprint(folder / name) for name in (KERAS_FILE, LITERT_FILE)},
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in VERSIONS},
        },
    }


def runs_with(previous: dict[str, Any] | None, report: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs of `previous` that differ from this one in nothing but the seed, and this one."""
    if report["parameters"] is None:
        return []
    seed = report["parameters"]["seed"]
    runs = []
    if previous and same_but_seed(previous.get("parameters"), report["parameters"]):
        runs = [run for run in previous.get("runs", []) if run["seed"] != seed]
    kept = {name: _summary(measured) for name, measured in report["measured"].items()}
    kept["others"] = {"auroc": report["others"]["auroc"]}
    kept["one_look"] = report["one_look"]["test"]
    kept["sure"] = report["sure"]
    seconds = sum(report["training"]["history"]["seconds"])
    runs.append({"seed": seed, "seconds": seconds, **kept})
    return sorted(runs, key=lambda run: run["seed"])


def same_but_seed(one: dict[str, Any] | None, other: dict[str, Any] | Parameters) -> bool:
    """Whether two sets of parameters ask for the same, were it not for the seed."""
    if isinstance(other, Parameters):
        other = _plain(other)
    return one is not None and {**one, "seed": 0} == {**other, "seed": 0}


def fingerprint(path: Path) -> dict[str, Any]:
    """What tells a file from every other."""
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
    """How long one answer takes, in the middle of many; Keras beside it, for machines differ."""

    def median(answer: Callable[[], object], times: int) -> float:
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            answer()
            taken.append(time.perf_counter() - began)
        return 1000 * statistics.median(taken)

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


def _hardest(probabilities: NDArray[np.float32], examples: Examples) -> list[dict[str, Any]]:
    """The images whose label the network found least likely, the worst first."""
    of_label = probabilities[np.arange(len(examples)), examples.labels]
    return [
        {
            "image": int(number),  # its place among the test images
            "label": int(examples.labels[number]),
            "answer": int(probabilities[number].argmax()),
            "confidence": float(probabilities[number].max()),
        }
        for number in np.argsort(of_label, kind="stable")[:HARDEST]
    ]


def _plain(parameters: Parameters) -> dict[str, Any]:
    """As they come back from a JSON file."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(parameters)))
    return plain
