"""One digit's way through the network."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from classifier import DigitError, HandwrittenDigitsClassifier, ModelFileError, ParameterError
from classifier.ink.normalise import CENTRE
from classifier.network.artifact import MODELS_FOLDER
from tests.arithmetic import assert_activations_follow_from_the_weights
from tests.handwriting import DIGITS, draw, draw_number

SURE = 0.99  # as classifier/learning/answering.py has it, which brings TensorFlow
SHAPES = {
    "convolution_1": ("convolution", (26, 26, 32)),
    "pooling_1": ("pooling", (13, 13, 32)),
    "convolution_2": ("convolution", (11, 11, 32)),
    "pooling_2": ("pooling", (5, 5, 32)),
    "dense": ("dense", (128,)),
    "probabilities": ("output", (10,)),
}


@pytest.mark.parametrize("digit", DIGITS)
def test_it_tells_what_each_layer_answered(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    maps = classifier.explain(draw(digit)).layers()
    (reading,) = classifier.predict(draw(digit)).digits
    assert maps.reading == reading
    layers = {layer.name: (layer.kind, layer.activations.shape) for layer in maps.layers}
    assert layers == SHAPES
    assert all(layer.activations.dtype == np.float32 for layer in maps.layers)
    assert maps.layers[-1].activations.argmax() == digit
    assert maps.is_digit is not None
    assert maps.is_digit > 0.9


@pytest.mark.parametrize("digit", DIGITS)
def test_the_layers_are_those_of_the_network_that_answers(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    assert_activations_follow_from_the_weights(classifier, draw(digit, pen=12))


def test_a_sure_answer_is_the_first_look(classifier: HandwrittenDigitsClassifier) -> None:
    (reading,) = classifier.predict(draw(7, pen=8)).digits
    assert reading.confidence >= SURE
    layers, is_digit = classifier.network.layers().outputs(reading.image)
    assert is_digit is not None
    answer = is_digit * layers[-1].activations + (1 - is_digit) / 10
    np.testing.assert_allclose(answer, reading.probabilities, atol=1e-5)


def test_another_is_the_mean_of_the_five_looks(classifier: HandwrittenDigitsClassifier) -> None:
    (reading,) = classifier.predict(draw(1, pen=20).rotate(40, fillcolor=255)).digits
    assert reading.confidence < SURE
    looks = []
    for down, right in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)):
        moved = np.roll(reading.image, (down, right), axis=(0, 1))  # its margins are empty
        layers, is_digit = classifier.network.layers().outputs(moved)
        assert is_digit is not None
        looks.append(is_digit * layers[-1].activations + (1 - is_digit) / 10)
    np.testing.assert_allclose(np.mean(looks, axis=0), reading.probabilities, atol=1e-5)


def test_what_is_no_digit_is_told_from_one(classifier: HandwrittenDigitsClassifier) -> None:
    picture = Image.new("L", (280, 280), 255)
    points = [tuple(point) for point in np.random.default_rng(1).integers(20, 260, (25, 2))]
    ImageDraw.Draw(picture).line(points, fill=0, width=8)
    is_digit = classifier.explain(picture).layers().is_digit
    assert is_digit is not None
    assert is_digit < 0.1


@pytest.mark.parametrize("digit", DIGITS)
def test_the_preparation_is_told_step_by_step(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    picture = draw(digit, side=400, pen=12, box=(200, 30, 160))
    steps = classifier.explain(picture).layers().preparation
    (reading,) = classifier.predict(picture).digits

    left, top, right, bottom = reading.box
    assert steps.ink.shape == (bottom - top, right - left)
    drawn = np.asarray(ImageOps.invert(picture).crop(reading.box)) / 255
    np.testing.assert_allclose(steps.ink, drawn, atol=0.11)  # the faintest ink is none
    assert max(steps.fitted.shape) == 20
    np.testing.assert_array_equal(steps.image, reading.image)
    for step in (steps.ink, steps.fitted, steps.image):
        assert step.dtype == np.float32
        assert step.min() >= 0
        assert step.max() == 1
    for axis in (0, 1):
        across = steps.fitted.sum(axis=axis)
        middle = (across * (np.arange(len(across)) + 0.5)).sum() / across.sum()
        assert middle == pytest.approx(steps.centre_of_mass[axis], abs=0.3)
        assert steps.offset[axis] + steps.centre_of_mass[axis] == pytest.approx(CENTRE)
    x, y = (round(offset) for offset in steps.offset)
    height, width = steps.fitted.shape
    found = steps.image[y : y + height, x : x + width]
    assert np.corrcoef(found.ravel(), steps.fitted.ravel())[0, 1] > 0.6  # half a pixel off


def test_each_digit_of_a_number_has_its_own_way(classifier: HandwrittenDigitsClassifier) -> None:
    picture = draw_number("507", "12")
    for number, digit in enumerate((5, 0, 7, 1, 2)):
        maps = classifier.explain(picture, number).layers()
        assert maps.reading == classifier.predict(picture).digits[number]
        assert maps.layers[-1].activations.argmax() == digit


@pytest.mark.parametrize("number", [-1, 0.0, "0", True, None])
def test_a_number_of_a_digit_that_is_none_is_named(
    classifier: HandwrittenDigitsClassifier, number: object
) -> None:
    with pytest.raises(ParameterError, match="digit to be a whole number of at least 0, received"):
        classifier.explain(draw(3), number).layers()  # type: ignore[arg-type]


def spot() -> Image.Image:
    picture = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(picture).ellipse((100, 100, 140, 140), fill=0)
    return picture


@pytest.mark.parametrize(
    ("picture", "number", "message"),
    [
        (draw_number("41"), 2, "Expected digit to be below 2, received 2."),
        (draw(7), 10**30, "Expected digit to be below 1, received 1000"),
        (Image.new("L", (50, 50)), 0, "with a digit, received one that is blank: There is no ink"),
        (spot(), 0, "with a digit, received one that is unsure: So far this is a spot"),
        (draw_number("3" * 21), 0, "that is unsure: There are 21 digits here or more"),
    ],
    ids=["of two", "of one", "blank", "spot", "too many"],
)
def test_a_digit_that_is_not_there_is_named(
    classifier: HandwrittenDigitsClassifier, picture: Image.Image, number: int, message: str
) -> None:
    with pytest.raises(DigitError, match=message):
        classifier.explain(picture, number)


def test_the_weights_are_told_as_the_network_has_them(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    shapes = {each.name: (each.weights.shape, each.biases.shape) for each in classifier.weights()}
    assert shapes == {
        "convolution_1": ((32, 3, 3, 1), (32,)),
        "convolution_2": ((32, 3, 3, 32), (32,)),
        "dense": ((128, 800), (128,)),
        "probabilities": ((10, 128), (10,)),
    }
    assert sum(each.weights.size + each.biases.size for each in classifier.weights()) == 113_386


@pytest.mark.parametrize("step", ["000000", "000300"])
def test_a_network_that_takes_one_look_explains_itself_too(step: str) -> None:
    """Its weights are of 16 bits; before the first step all biases are 0, and bear no name."""
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(MODELS_FOLDER / "snapshots" / f"step-{step}.tflite")
    assert_activations_follow_from_the_weights(classifier, draw(2))
    assert classifier.explain(draw(2)).layers().is_digit is None


@pytest.mark.parametrize("name", [b"convolution_1", b"pooling_2", b"dense", b"probabilities"])
def test_a_network_of_other_layers_is_named(
    classifier: HandwrittenDigitsClassifier,
    tmp_path: Path,
    name: bytes,
) -> None:
    path = tmp_path / "other.tflite"
    path.write_bytes(classifier.network.content.replace(b"/" + name, b"/" + name[::-1]))
    other = HandwrittenDigitsClassifier()
    other.load_model(path)
    assert other.predict(draw(3)).text == "3"
    expected = f"with a layer called {name.decode()}, .* received other, which has none"
    with pytest.raises(ModelFileError, match=expected):
        other.explain(draw(3)).layers()
    if not name.startswith(b"pooling"):
        with pytest.raises(ModelFileError, match=expected):
            other.weights()


def test_many_threads_get_the_feature_maps_of_one(classifier: HandwrittenDigitsClassifier) -> None:
    def dense(digit: int) -> list[float]:
        layer = classifier.explain(draw(digit, side=60, pen=5)).layers().layers[4]
        return [float(each) for each in layer.activations]

    expected = [dense(digit) for digit in DIGITS]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(dense, [*DIGITS] * 10)) == expected * 10
