"""One digit explained: its layers, heat map, snapshots and variants."""

from __future__ import annotations

import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

from classifier import (
    DigitError,
    HandwrittenDigitsClassifier,
    ModelFileError,
    ParameterError,
    PictureError,
    Variant,
    WhatIf,
)
from classifier.ink.normalise import CENTRE
from classifier.learning import handwriting
from classifier.learning.handwriting import fit, random_writer, write_digit
from classifier.learning.synthesis import synthesise_digits
from classifier.network.artifact import MODELS_FOLDER
from classifier.network.what_if import PENS, VariantName
from tests.arithmetic import assert_activations_follow_from_the_weights
from tests.handwriting import DIGITS, draw, draw_number

SURE = 0.99  # above it there is no test-time augmentation
SHAPES = {
    "convolution_1": ("convolution", (26, 26, 32)),
    "pooling_1": ("pooling", (13, 13, 32)),
    "convolution_2": ("convolution", (11, 11, 32)),
    "pooling_2": ("pooling", (5, 5, 32)),
    "dense": ("dense", (128,)),
    "probabilities": ("output", (10,)),
}


@pytest.mark.parametrize("digit", DIGITS)
def test_an_explanation_is_of_the_predicted_digit(
    classifier: HandwrittenDigitsClassifier, digit: int
) -> None:
    picture = draw(digit, pen=12)
    explanation = classifier.explain(picture)
    prediction = classifier.predict(picture)
    assert explanation.prediction == prediction
    assert explanation.reading == prediction.digits[0]

    maps = explanation.layers()
    layers = {layer.name: (layer.kind, layer.activations.shape) for layer in maps.layers}
    assert layers == SHAPES
    assert maps.layers[-1].activations.argmax() == digit
    assert maps.is_digit is not None
    assert maps.is_digit > 0.9
    assert_activations_follow_from_the_weights(classifier, picture)

    heat_map = explanation.heat_map()
    assert heat_map.heat.shape == (10, 28, 28)
    assert not heat_map.heat[:, explanation.reading.image == 0].any()
    assert heat_map.heat[digit].sum() > 0

    snapshots = explanation.snapshots()
    assert [each.step for each in snapshots] == sorted(each.step for each in snapshots)
    assert snapshots[0].step == 0
    assert snapshots[0].accuracy < 0.2 < 0.99 < snapshots[-1].accuracy
    assert snapshots[-1].digit == digit
    assert {each.filters.shape for each in snapshots} == {(32, 3, 3)}

    found = explanation.what_if()
    assert [each.name for each in found.variants] == list(get_args(VariantName))
    assert [each.pen for each in found.pens] == list(PENS)
    for variant in (*found.variants, *found.pens):
        assert variant.image.shape == (28, 28)
        assert sum(variant.probabilities) == pytest.approx(1, abs=1e-5)
        assert variant.flips == (variant.digit != digit)
    for variant in (found.variants[2], found.pens[PENS.index(1)]):
        assert variant.name == "centred by mass"
        assert variant.probabilities == explanation.reading.probabilities


def test_each_digit_of_a_number_is_explained(classifier: HandwrittenDigitsClassifier) -> None:
    picture = draw_number("507", "12")
    for number, digit in enumerate((5, 0, 7, 1, 2)):
        explanation = classifier.explain(picture, number)
        assert explanation.reading == classifier.predict(picture).digits[number]
        assert explanation.layers().layers[-1].activations.argmax() == digit
        assert explanation.snapshots()[-1].digit == digit
        assert explanation.what_if().variants[2].digit == digit


@pytest.mark.parametrize("number", [-1, 0.0, "0", True, None])
def test_a_wrong_number_of_a_digit_is_refused(
    classifier: HandwrittenDigitsClassifier, number: Any
) -> None:
    with pytest.raises(ParameterError, match="digit to be a whole number of at least 0, received"):
        classifier.explain(draw(3), number)


def spot() -> Image.Image:
    picture = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(picture).ellipse((100, 100, 140, 140), fill=0)
    return picture


@pytest.mark.parametrize(
    ("picture", "number", "received"),
    [
        (draw_number("41"), 2, "below 2, received 2"),
        (draw(7), 10**30, "below 1, received 1000"),
        (Image.new("L", (50, 50)), 0, "received one that is blank"),
        (spot(), 0, "received one that is unsure"),
        (draw_number("3" * 21), 0, "received one that is unsure"),
    ],
)
def test_a_missing_digit_is_refused(
    classifier: HandwrittenDigitsClassifier, picture: Image.Image, number: int, received: str
) -> None:
    with pytest.raises(DigitError, match=f"Expected .*{received}"):
        classifier.explain(picture, number)


def test_a_batch_or_a_broken_picture_is_refused(classifier: HandwrittenDigitsClassifier) -> None:
    for picture in ([draw(3)], np.zeros((2, 28, 28)), b""):
        with pytest.raises(PictureError, match=r"Expected .* received"):
            classifier.explain(picture)  # type: ignore[arg-type]


def test_the_preparation_shows_each_step(classifier: HandwrittenDigitsClassifier) -> None:
    picture = draw(4, side=400, pen=12, box=(200, 30, 160))
    explanation = classifier.explain(picture)
    steps, reading = explanation.preparation, explanation.reading
    drawn = np.asarray(ImageOps.invert(picture).crop(reading.box)) / 255
    np.testing.assert_allclose(steps.ink, drawn, atol=0.11)  # the faintest ink does not count
    assert max(steps.fitted.shape) == 20
    np.testing.assert_array_equal(steps.image, reading.image)
    for axis in (0, 1):
        across = steps.fitted.sum(axis=axis)
        middle = (across * (np.arange(len(across)) + 0.5)).sum() / across.sum()
        assert middle == pytest.approx(steps.centre_of_mass[axis], abs=0.3)
        assert steps.offset[axis] + steps.centre_of_mass[axis] == pytest.approx(CENTRE)


@pytest.mark.parametrize(
    ("picture", "is_sure"),
    [(draw(7, pen=8), True), (draw(1, pen=20).rotate(40, fillcolor=255), False)],
)
def test_an_unsure_answer_is_the_mean_of_five_shifted_images(
    classifier: HandwrittenDigitsClassifier, picture: Image.Image, is_sure: bool
) -> None:
    (reading,) = classifier.predict(picture).digits
    assert (reading.confidence >= SURE) == is_sure
    answers = []
    for shift in [(0, 0)] if is_sure else [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)]:
        image = np.roll(reading.image, shift, axis=(0, 1))
        layers, is_digit = classifier.network.layers().outputs(image)
        assert is_digit is not None
        answers.append(is_digit * layers[-1].activations + (1 - is_digit) / 10)
    np.testing.assert_allclose(np.mean(answers, axis=0), reading.probabilities, atol=1e-5)


def test_a_scribble_is_a_non_digit(classifier: HandwrittenDigitsClassifier) -> None:
    picture = Image.new("L", (280, 280), 255)
    points = [tuple(point) for point in np.random.default_rng(1).integers(20, 260, (25, 2))]
    ImageDraw.Draw(picture).line(points, fill=0, width=8)
    is_digit = classifier.explain(picture).layers().is_digit
    assert is_digit is not None
    assert is_digit < 0.1


def test_the_weights_are_all_of_the_network(classifier: HandwrittenDigitsClassifier) -> None:
    weights = classifier.weights()
    assert sum(each.weights.size + each.biases.size for each in weights) == 113_386
    finished = weights[0].weights[..., 0]
    first, *_, last = classifier.explain(draw(3)).snapshots()
    np.testing.assert_allclose(last.filters, finished, rtol=1e-3, atol=1e-4)  # 16 bits each
    assert np.abs(first.filters - finished).max() > 0.1


@pytest.mark.parametrize("step", ["000000", "000300"])
def test_a_network_without_test_time_augmentation_is_explained(step: str) -> None:
    """Before the first step all biases are 0, and LiteRT does not name them."""
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(MODELS_FOLDER / "snapshots" / f"step-{step}.tflite")
    assert_activations_follow_from_the_weights(classifier, draw(2))
    assert classifier.explain(draw(2)).layers().is_digit is None


@pytest.mark.parametrize("name", [b"convolution_1", b"pooling_2", b"dense", b"probabilities"])
def test_a_network_with_other_layers_predicts_but_cannot_be_explained(
    classifier: HandwrittenDigitsClassifier, tmp_path: Path, name: bytes
) -> None:
    path = tmp_path / "other.tflite"
    path.write_bytes(classifier.network.content.replace(b"/" + name, b"/" + name[::-1]))
    other = HandwrittenDigitsClassifier()
    other.load_model(path)
    assert other.predict(draw(3)).text == "3"
    with pytest.raises(ModelFileError, match=f"a layer called {name.decode()}, .* received other"):
        other.explain(draw(3)).layers()


def erased(
    image: NDArray[np.float32], order: NDArray[np.int64], share: float = 0.15
) -> NDArray[np.float32]:
    """Return `image` without the first pixels in `order` that hold this share of its ink."""
    pixels = image.ravel().copy()
    so_far = np.cumsum(pixels[order])
    pixels[order[: np.searchsorted(so_far, share * so_far[-1]) + 1]] = 0
    return pixels.reshape(image.shape)


def test_the_answer_depends_on_the_hottest_ink(classifier: HandwrittenDigitsClassifier) -> None:
    """Erasing as much of other ink lowers the probability of the answer less."""
    random = np.random.default_rng(0)
    left = {"hottest": 0.0, "random": 0.0, "coldest": 0.0}
    images, labels = synthesise_digits(30, seed=7)
    for image, label in zip(images[..., 0], labels, strict=True):
        found = classifier.explain(np.pad(image, 10)).heat_map()
        heat = found.heat[label].ravel()
        ink = np.flatnonzero(found.reading.image)
        hottest = ink[np.argsort(-heat[ink], kind="stable")]
        orders = {"hottest": hottest, "random": random.permutation(ink), "coldest": hottest[::-1]}
        for name, order in orders.items():
            without = erased(found.reading.image, order)
            left[name] += float(classifier.network.probabilities(without[None])[0, label]) / 30
    assert left["hottest"] < 0.8 * left["random"]
    assert left["random"] < 0.9 * left["coldest"]


def test_a_single_file_has_no_snapshots() -> None:
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(MODELS_FOLDER)
    classifier.load_model(MODELS_FOLDER / "mnist-cnn.tflite")
    with pytest.raises(ModelFileError, match=r"with snapshots .* received mnist-cnn without any"):
        classifier.explain(draw(3)).snapshots()


def test_missing_or_changed_snapshots_are_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(MODELS_FOLDER, tmp_path / "models")
    classifier = HandwrittenDigitsClassifier()
    classifier.load_model(folder)
    explanation = classifier.explain(draw(3))
    shutil.copy(folder / "mnist-cnn.tflite", folder / "snapshots" / "step-000300.tflite")
    with pytest.raises(ModelFileError, match=r"step-000300\.tflite to have the SHA-256"):
        explanation.snapshots()
    shutil.rmtree(folder / "snapshots")
    with pytest.raises(ModelFileError, match=r"Expected a model at .*step-000000\.tflite"):
        explanation.snapshots()


def test_the_answer_flips_at_the_pen_closest_to_the_real_one() -> None:
    image = np.zeros((28, 28), np.float32)
    flipping = {0.25: True, 0.5: True, 0.7: False, 1.0: False, 1.4: False, 2.0: True, 4.0: False}
    found = WhatIf(
        (), tuple(Variant(1, (0.1,) * 10, image, "thinner", *pen) for pen in flipping.items())
    )
    assert (found.flips_at_thinner, found.flips_at_thicker) == (0.5, 2.0)
    assert WhatIf((), ()).flips_at_thinner is WhatIf((), ()).flips_at_thicker is None


@pytest.mark.parametrize("shape", [(1, 300), (300, 1), (2400, 2400)])
def test_any_ink_has_its_variants(
    classifier: HandwrittenDigitsClassifier, shape: tuple[int, int]
) -> None:
    picture = np.zeros(shape, np.uint8)
    picture[0, -1] = 255
    for digit in range(len(classifier.predict(picture).digits)):
        assert len(classifier.explain(picture, digit).what_if().variants) == 5


def test_small_digits_are_misread_if_scaled_straight_and_not_if_prepared(
    classifier: HandwrittenDigitsClassifier,
) -> None:
    random = np.random.default_rng(0)
    misread = dict.fromkeys(get_args(VariantName), 0)
    for k in range(100):
        writer = random_writer(random)
        strokes = fit(write_digit(k % 10, writer, random), side=70, margin=15)
        picture = handwriting.draw(strokes, (280, 280), max(70 * writer.pen, 2))
        for variant in classifier.explain(picture).what_if().variants:
            misread[variant.name] += variant.digit != k % 10
    assert misread["scaled straight"] >= 75
    assert misread["centred by mass"] <= 2
    assert misread["thinner"] <= 5


def test_threads_and_pickled_copies_explain_alike(classifier: HandwrittenDigitsClassifier) -> None:
    def dense(digit: int) -> list[float]:
        layer = classifier.explain(draw(digit, side=60, pen=5)).layers().layers[4]
        return [float(each) for each in layer.activations]

    expected = [dense(digit) for digit in DIGITS]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(dense, [*DIGITS] * 5)) == expected * 5
    copy = pickle.loads(pickle.dumps(classifier))
    assert copy.explain(draw(3)).snapshots() == classifier.explain(draw(3)).snapshots()
