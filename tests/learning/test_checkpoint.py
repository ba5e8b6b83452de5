from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from classifier import ModelFileError, ParameterError, Parameters
from classifier.learning.checkpoint import Checkpoint
from classifier.learning.outline import build

STEPS = 10


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return build(Parameters(filters=(1, 1), dense_units=1))


@pytest.fixture
def begun(tmp_path: Path, network: keras.Model) -> Path:
    """The folder of a training that was interrupted in its first epoch."""
    assert Checkpoint(tmp_path, Parameters(), STEPS).restore(network) == 0
    return tmp_path


def test_a_training_interrupted_in_its_first_epoch_starts_with_the_same_weights(
    begun: Path, network: keras.Model
) -> None:
    before = network.get_weights()
    network.set_weights([weights + 1 for weights in before])
    assert Checkpoint(begun, Parameters(), STEPS).restore(network) == 0
    for weights, expected in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weights, expected)


def test_other_parameters_are_refused(begun: Path, network: keras.Model) -> None:
    with pytest.raises(ParameterError, match=r"Expected seed 0, .* received 1"):
        Checkpoint(begun, Parameters(seed=1), STEPS).restore(network)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "parameters.json").write_text('{"seed"'),
        lambda folder: (folder / "parameters.json").unlink(),
        lambda folder: (folder / "latest.weights.h5").write_bytes(b"no weights"),
    ],
)
def test_a_broken_checkpoint_is_reported(
    begun: Path, network: keras.Model, spoil: Callable[[Path], object]
) -> None:
    spoil(begun)
    with pytest.raises(ModelFileError, match="Expected a training checkpoint in"):
        Checkpoint(begun, Parameters(), STEPS).restore(network)
