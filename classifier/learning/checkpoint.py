"""The training checkpoint, from which an interrupted training continues."""

from __future__ import annotations

import csv
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelFileError, ParameterError
from classifier.learning.runs import plain
from classifier.parameters import Parameters

PARAMETERS_FILE = "parameters.json"
HISTORY_FILE = "history.csv"
WEIGHTS_FILE = "latest.weights.h5"
SNAPSHOT_STEPS = (0, 300)
SNAPSHOT_EPOCHS = (1, 2, 3, 5, 10, 20, 40)  # the last epoch has one too


@dataclass(frozen=True)
class Snapshot:
    """The network at one moment of its training."""

    step: int
    epoch: float  # passes over the training images so far
    weights: list[NDArray[np.float32]]


class Checkpoint(keras.callbacks.CSVLogger):
    """Write the history, the snapshots, the weights and the optimizer's state to a folder.

    Keras' `BackupAndRestore` does not fit. It restores the epoch inside `fit`, but the batches of
    that epoch are chosen before; and it overwrites its two files in place, so that an interruption
    can leave a broken file or files of different epochs.
    """

    def __init__(self, folder: Path, parameters: Parameters, steps: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / HISTORY_FILE, append=True)
        self._folder = folder
        self._parameters = parameters
        self._steps = steps
        self._began = 0.0

    def restore(self, network: keras.Model) -> int:
        """Load the state of `network`, or save it if there is none; return the finished epochs.

        Raises:
            ParameterError: the checkpoint belongs to a training with other parameters.
            ModelFileError: the checkpoint cannot be read.
        """
        weights, parameters = self._folder / WEIGHTS_FILE, self._folder / PARAMETERS_FILE
        if not weights.exists():
            parameters.write_text(json.dumps(plain(self._parameters)))
            self._save_snapshot(network, 0)
            self._save_weights(network)
            return 0
        try:
            self._check_parameters(json.loads(parameters.read_text()))
            network.load_weights(weights)
        except ParameterError:
            raise
        # Keras raises many kinds of errors, depending on how much of a broken file it can read.
        except Exception as error:
            raise ModelFileError(
                f"Expected a training checkpoint in {self._folder}, received files that cannot be "
                f"read: {error}"
            ) from error
        return int(network.optimizer.iterations) // self._steps

    def history(self) -> dict[str, list[float]]:
        """Return the metrics of all finished epochs."""
        with Path(self.filename).open(newline="") as file:
            # An interruption between a row and the weights repeats the epoch: its last row counts.
            rows = list({row.pop("epoch"): row for row in csv.DictReader(file)}.values())
        return {name: [float(row[name]) for row in rows] for name in rows[0]}

    def snapshots(self) -> list[Snapshot]:
        """Return the snapshots in the order of their steps."""
        snapshots = []
        for path in self._folder.glob("snapshot-*.npz"):
            step = int(path.stem.removeprefix("snapshot-"))
            with np.load(path) as weights:
                snapshots.append(Snapshot(step, step / self._steps, list(weights.values())))
        return sorted(snapshots, key=lambda snapshot: snapshot.step)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start the clock."""
        self._began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Write a snapshot at some early steps."""
        step = int(self.model.optimizer.iterations)
        if step in SNAPSHOT_STEPS:
            self._save_snapshot(self.model, step)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the epoch's row, its snapshot if it has one, and last the weights."""
        seconds = round(time.monotonic() - self._began, 1)
        super().on_epoch_end(epoch, {**(logs or {}), "seconds": seconds})
        if epoch + 1 in (*SNAPSHOT_EPOCHS, self._parameters.epochs):
            self._save_snapshot(self.model, (epoch + 1) * self._steps)
        self._save_weights(self.model)

    def _check_parameters(self, previous: dict[str, Any]) -> None:
        for name, given in plain(self._parameters).items():
            if given != previous.get(name):
                raise ParameterError(
                    f"Expected {name} {previous.get(name)}, as in the interrupted training in "
                    f"{self._folder}, received {given}."
                )

    def _save_weights(self, network: keras.Model) -> None:
        """Replace the weights in one step: an interruption leaves the old or the new ones."""
        unfinished = self._folder / f"unfinished-{WEIGHTS_FILE}"
        network.save_weights(unfinished)  # the optimizer's state is included
        unfinished.replace(self._folder / WEIGHTS_FILE)

    def _save_snapshot(self, network: keras.Model, step: int) -> None:
        np.savez(self._folder / f"snapshot-{step:06}.npz", *network.get_weights())
