"""The synthesis: legible, various, repeatable, and without a trace of MNIST."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier import HandwrittenDigitsClassifier
from classifier.learning.handwriting import (
    Writer,
    draw,
    fit,
    parse,
    random_writer,
    scribble,
    write,
    write_digit,
    write_pair,
    write_sign,
)
from classifier.learning.shapes import DIGITS, SIGNS
from classifier.learning.synthesis import image_of, synthesise_digits, synthesise_others
from tests.handwriting import CAREFUL

# To whoever knows digits alone, these may be several: 1111, 010 and 00.
NUMBERS_TOO = {name: {"number"} for name in ("w", "percent", "infinity")}
ALL_SHAPES = [(digit, number) for digit, shapes in DIGITS.items() for number in range(len(shapes))]


def by_the_book(strokes: str) -> list[np.ndarray]:
    return write(parse(strokes), CAREFUL, np.random.default_rng(0))


@pytest.mark.parametrize(("digit", "number"), ALL_SHAPES)
def test_every_shape_stays_on_its_sheet_and_is_read_as_what_it_is(
    classifier: HandwrittenDigitsClassifier, digit: int, number: int
) -> None:
    strokes = by_the_book(DIGITS[digit][number].strokes)
    every = np.concatenate(strokes)
    assert every.min() > 0
    assert every.max() < 100
    probabilities = classifier.network.probabilities(image_of(strokes, 100, 10)[None])[0]
    assert probabilities.argmax() == digit


@pytest.mark.parametrize("name", SIGNS)
def test_no_sign_is_taken_for_a_digit(classifier: HandwrittenDigitsClassifier, name: str) -> None:
    picture = draw(fit(by_the_book(SIGNS[name]), 100, 10), (120, 120), 9)
    assert classifier.predict(picture).verdict in {"unsure"} | NUMBERS_TOO.get(name, set())


def test_the_pen_passes_through_the_points_and_turns_sharply_where_told() -> None:
    (stroke,) = by_the_book("10,10 90,10! 90,90")
    corner = np.flatnonzero((stroke == (90, 10)).all(axis=1))
    assert corner.size == 1
    before, after = stroke[: corner[0] + 1], stroke[corner[0] :]
    np.testing.assert_allclose(before[:, 1], 10, atol=1e-9)
    np.testing.assert_allclose(after[:, 0], 90, atol=1e-9)

    (smooth,) = by_the_book("10,10 90,10 90,90")
    assert (smooth[:, 1] < 9).any()  # a curve cannot turn on the spot: it swings out


def test_a_seed_repeats_and_writers_differ() -> None:
    def written(seed: int) -> list[np.ndarray]:
        random = np.random.default_rng(seed)
        return write_digit(4, random_writer(random), random)

    first, again, other = written(1), written(1), written(2)
    for stroke, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(stroke, same)
    assert not np.array_equal(np.concatenate(first), np.concatenate(other))


@pytest.mark.parametrize(
    ("habit", "value"),
    [
        ("slant", 0.4),
        ("aspect", 1.4),
        ("turn", 0.2),
        ("looseness", 3.0),
        ("bend", 4.0),
        ("tremor", 1.0),
        ("overshoot", 20.0),
        ("joins", 1.0),
        ("hooks", 1.0),
    ],
)
def test_every_habit_shows(habit: str, value: float) -> None:
    writer = Writer(**{**vars(CAREFUL), habit: value})
    skeleton = parse("20,20 80,20! 40,80 / 30,50 70,50")
    plain = write(skeleton, CAREFUL, np.random.default_rng(0))
    changed = write(skeleton, writer, np.random.default_rng(0))
    assert len(changed) == (1 if habit == "joins" else 2)
    assert not np.array_equal(np.concatenate(plain), np.concatenate(changed))


def test_a_pair_lies_side_by_side() -> None:
    random = np.random.default_rng(0)
    for _ in range(40):
        strokes = write_pair(random_writer(random), random)
        gaps = [
            np.concatenate(strokes[k:])[:, 0].min() - np.concatenate(strokes[:k])[:, 0].max()
            for k in range(1, len(strokes))
        ]
        assert max(gaps) >= -5.01  # so far may two digits overlap


def test_scribbles_are_drawings_each_of_its_own_kind() -> None:
    random = np.random.default_rng(0)
    images = [image_of(scribble(random_writer(random), random), 80, 4) for _ in range(20)]
    assert min(image.sum() for image in images) > 10
    assert len({image.tobytes() for image in images}) == 20


def test_a_sign_is_one_of_those_asked_for() -> None:
    signs = {"bar": "10,50 90,50", "rod": "50,10 50,90"}
    random = np.random.default_rng(0)
    shapes = {tuple(np.ptp(write_sign(signs, CAREFUL, random)[0], axis=0) > 50) for _ in range(20)}
    assert shapes == {(True, False), (False, True)}


def test_the_synthesis_is_of_all_digits_in_turn_and_repeats() -> None:
    images, labels = synthesise_digits(40, seed=3)
    assert images.shape == (40, 28, 28, 1)
    assert images.dtype == np.float32
    assert labels.tolist() == list(range(10)) * 4
    assert images.min() >= 0
    assert images.max(axis=(1, 2, 3)) == pytest.approx(1)
    np.testing.assert_array_equal(synthesise_digits(40, seed=3)[0], images)
    assert not np.array_equal(synthesise_digits(40, seed=4)[0], images)


def test_the_synthesis_is_the_one_that_the_model_learned_from() -> None:
    """A changed shape or habit changes every drawing after it: it asks for a new model."""
    images = np.concatenate((synthesise_digits(40, seed=0)[0], synthesise_others(40, seed=0)))
    # Coarsely, and summed over patches: other processors round other last bits.
    patches = images.reshape(80, 4, 7, 4, 7).sum(axis=(2, 4)).reshape(80, 16)
    expected = np.load(Path(__file__).with_name("synthesis.npy"))
    np.testing.assert_allclose(patches, expected, atol=0.25)


def test_what_is_no_digit_comes_in_the_kinds_asked_for() -> None:
    steps: list[int] = []
    images = synthesise_others(30, seed=3, progress=steps.append)
    assert images.shape == (30, 28, 28, 1)
    assert sum(steps) == 30
    scribbles = synthesise_others(30, seed=3, kinds={"scribbles": 1.0})
    assert not np.array_equal(images, scribbles)


def test_strokes_without_ink_are_refused() -> None:
    with pytest.raises(ValueError, match="leave ink"):
        image_of([np.zeros((2, 2))], 1e-6, 0)
