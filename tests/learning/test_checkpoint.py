from __future__ import annotations

from pathlib import Path

import keras
import pytest

from classifier import ModelFileError, ParameterError, Parameters
from classifier.learning.checkpoint import Checkpoint
from classifier.learning.outline import build


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return build(Parameters(filters=(1, 1), dense_units=1))


def test_other_parameters_are_refused(tmp_path: Path, network: keras.Model) -> None:
    Checkpoint(tmp_path, Parameters(), steps=10).restore(network)
    with pytest.raises(ParameterError, match=r"Expected seed 0, .* received 1"):
        Checkpoint(tmp_path, Parameters(seed=1), steps=10).restore(network)


@pytest.mark.parametrize("file", ["parameters.json", "latest.weights.h5"])
def test_a_broken_checkpoint_is_reported(tmp_path: Path, network: keras.Model, file: str) -> None:
    checkpoint = Checkpoint(tmp_path, Parameters(), steps=10)
    checkpoint.restore(network)
    (tmp_path / file).write_text('{"seed"')
    with pytest.raises(ModelFileError, match="Expected a training checkpoint in"):
        checkpoint.restore(network)
