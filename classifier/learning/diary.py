"""What is kept of a training while it runs, to go on from, and what is shown of it."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from classifier.errors import ModelFileError, ParameterError
from classifier.parameters import Parameters

PAGE = "diary.json"
SNAPSHOT_STEPS = (0, 300)  # and at the end of these epochs, and of the last:
SNAPSHOT_EPOCHS = (1, 2, 3, 5, 10, 20, 40)


@dataclass(frozen=True)
class Snapshot:
    """The network as it was at some moment of its training."""

    step: int
    epoch: float  # passes over the training images so far
    weights: list[NDArray[np.float32]]


class Diary(keras.callbacks.Callback):
    """Keeps in a folder, after every epoch, what has happened and all that it takes to go on."""

    def __init__(self, folder: Path, parameters: Parameters) -> None:
        super().__init__()
        self.history: list[dict[str, float]] = []
        self._folder = folder
        self._parameters = json.loads(json.dumps(asdict(parameters)))
        self._epochs = parameters.epochs
        self._step = 0
        self._began = 0.0

    def open(self, network: keras.Model) -> None:
        """Takes up what the folder holds, or begins it with the network as it is."""
        page = self._folder / PAGE
        if not page.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._keep_snapshot(network)
            network.save_weights(self._state(0))
            self._write_page()
            return
        try:
            kept = json.loads(page.read_text())
            parameters, self.history, self._step = (
                kept[name] for name in ("parameters", "history", "step")
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ModelFileError(
                f"Expected a training to go on with in {self._folder}, received a {PAGE} that "
                f"cannot be read: {error!r}."
            ) from error
        if parameters != self._parameters:
            differ = [
                name for name in self._parameters if self._parameters[name] != parameters[name]
            ]
            raise ParameterError(
                f"Expected the parameters that the training in {self._folder} was interrupted "
                f"with, {_some(parameters, differ)}, received {_some(self._parameters, differ)}."
            )
        network.load_weights(self._state(len(self.history)))

    def columns(self) -> dict[str, list[float]]:
        """The history, a list of figures for each name."""
        return {name: [row[name] for row in self.history] for name in self.history[0]}

    def snapshots(self) -> list[Snapshot]:
        """What the network was like on the way, and is now."""
        kept = []
        paths = {int(path.stem[9:]): path for path in self._folder.glob("snapshot-*.npz")}
        for step, path in sorted(paths.items()):
            with np.load(path) as weights:
                kept.append(
                    Snapshot(
                        step=step,
                        epoch=step * len(self.history) / self._step,
                        weights=[weights[name] for name in weights.files],
                    )
                )
        return kept

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Looks at the clock."""
        self._began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Counts."""
        self._step += 1
        if self._step in SNAPSHOT_STEPS:
            self._keep_snapshot(self.model)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Writes everything down, in such an order that it can be interrupted anywhere."""
        done = epoch + 1
        self.history.append({**(logs or {}), "seconds": round(time.monotonic() - self._began, 1)})
        if done in (*SNAPSHOT_EPOCHS, self._epochs):
            self._keep_snapshot(self.model)
        self.model.save_weights(self._state(done))  # Adam's moments among them
        self._write_page()
        self._state(epoch).unlink(missing_ok=True)

    def _write_page(self) -> None:
        content = {"parameters": self._parameters, "step": self._step, "history": self.history}
        unfinished = self._folder / f"{PAGE}.unfinished"
        unfinished.write_text(json.dumps(content))
        unfinished.replace(self._folder / PAGE)

    def _state(self, epoch: int) -> Path:
        return self._folder / f"epoch-{epoch}.weights.h5"

    def _keep_snapshot(self, network: keras.Model) -> None:
        np.savez(self._folder / f"snapshot-{self._step:06}.npz", *network.get_weights())


def _some(parameters: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: parameters[name] for name in names}


class ProgressBar(keras.callbacks.Callback):
    """One bar for the whole of training, with the time that is left."""

    def __init__(self, steps: int, epochs: int, what: str = "Epoch") -> None:
        super().__init__()
        self._steps, self._epochs, self._what = steps, epochs, what
        self._bar: Any = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Says which epoch it is."""
        if self._bar is None:
            self._bar = tqdm(
                total=self._steps * self._epochs,
                initial=self._steps * epoch,
                unit=" steps",
                # Where the bar cannot be drawn anew in place, a line now and then will do.
                mininterval=0.2 if sys.stderr.isatty() else 30,
            )
        self._bar.set_description(f"{self._what} {epoch + 1} of {self._epochs}")

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Moves the bar."""
        self._bar.update(1)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Says how well the validation images are read, if they are."""
        if logs and "val_accuracy" in logs:
            self._bar.set_postfix_str(f"validation {logs['val_accuracy']:.2%}")

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Leaves the bar as it stands."""
        self._bar.close()
