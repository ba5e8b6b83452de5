"""Whatever predict() is given: an answer, or an error of the library's own."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from classifier import ClassifierError, HandwrittenDigitsClassifier, PictureError, Prediction
from classifier.ink.decode import ALL_FORMATS
from tests.handwriting import draw

SEVEN = draw(7, side=40, pen=4)
MODES = sorted({*Image.MODES, "I;16B", "I;16L", "I;16N", "La", "RGBa", "RGBX", "PA"})


def answers_or_says_why(classifier: HandwrittenDigitsClassifier, picture: Any) -> None:
    try:
        prediction = classifier.predict(picture)
    except ClassifierError as error:
        assert "Expected" in str(error)
        assert "received" in str(error)
    else:
        assert isinstance(prediction, Prediction | list)


DTYPES = st.one_of(
    npst.scalar_dtypes(),
    npst.byte_string_dtypes(),
    npst.unicode_string_dtypes(),
    npst.array_dtypes(),
    npst.nested_dtypes(),
    st.just(np.dtype(np.longdouble)),
)
SHAPES = npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
SIDES = st.integers(1, 30)
PICTURE_SHAPES = st.tuples(SIDES, SIDES) | st.tuples(SIDES, SIDES, st.sampled_from([1, 3, 4]))


@given(st.data())
def test_an_array_of_any_dtype_and_shape(
    classifier: HandwrittenDigitsClassifier, data: st.DataObject
) -> None:
    answers_or_says_why(classifier, data.draw(npst.arrays(data.draw(DTYPES), SHAPES)))


NUMBERS = npst.boolean_dtypes() | npst.integer_dtypes() | npst.floating_dtypes()
UNUSUAL = {
    "read-only": lambda array: np.broadcast_to(array, array.shape),
    "turned": lambda array: array.swapaxes(0, 1),
    "backwards": lambda array: array[::-1, ::-1],
    "every other": lambda array: array[::2, ::2],
    "in columns": np.asfortranarray,
    "masked": lambda array: np.ma.masked_array(array, array != array.flat[0]),
    "enlarged in memory only": lambda array: np.broadcast_to(array[:1], (500, *array.shape[1:])),
}


@given(st.data(), st.sampled_from(sorted(UNUSUAL)))
def test_an_array_of_any_numbers_in_any_layout(
    classifier: HandwrittenDigitsClassifier, data: st.DataObject, layout: str
) -> None:
    dtype = data.draw(NUMBERS)
    accepted = {} if dtype.kind == "b" else {"min_value": 0, "max_value": 1}
    within = data.draw(st.sampled_from([accepted, {}]))
    values = npst.from_dtype(dtype, **within)
    array = data.draw(npst.arrays(dtype, PICTURE_SHAPES, elements=values))
    answers_or_says_why(classifier, UNUSUAL[layout](array))


@pytest.mark.parametrize(
    "value", [None, 0, "0", b"0", 1e999, object(), np.zeros((2, 2)), Exception]
)
def test_an_array_of_objects(classifier: HandwrittenDigitsClassifier, value: Any) -> None:
    array = np.empty((3, 3), object)
    array.fill(value)
    with pytest.raises(PictureError, match="Expected an array of numbers, received dtype object"):
        classifier.predict(array)


@pytest.mark.parametrize("side", [10**4, 10**6, 10**9])
def test_an_array_that_no_memory_could_hold_unpacked(
    classifier: HandwrittenDigitsClassifier, side: int
) -> None:
    answers_or_says_why(classifier, np.broadcast_to(np.uint8(0), (side, side)))


def test_masked_values_count_as_they_are(classifier: HandwrittenDigitsClassifier) -> None:
    hidden = np.ma.masked_greater(np.diag([0.0, 0.5, 1e9]), 1)
    with pytest.raises(PictureError, match=r"received \[0.0, 1000000000.0\]"):
        classifier.predict(hidden)


@given(st.binary(max_size=200))
def test_any_bytes(classifier: HandwrittenDigitsClassifier, content: bytes) -> None:
    answers_or_says_why(classifier, content)


def as_file(file_format: str, mode: str) -> bytes:
    file = io.BytesIO()
    SEVEN.convert(mode).save(file, file_format)
    return file.getvalue()


FILES = {
    (file_format, mode): as_file(file_format, mode)
    for file_format, modes in {
        "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
        "JPEG": ("L", "RGB", "CMYK"),
        "WEBP": ("RGB", "RGBA"),
        "GIF": ("L", "P"),
        "BMP": ("1", "L", "P", "RGB"),
        "TIFF": ("1", "L", "RGB", "RGBA", "CMYK", "I;16", "F"),
    }.items()
    for mode in modes
}
assert {file_format for file_format, _ in FILES} == set(ALL_FORMATS)


@st.composite
def mutated(draw: st.DrawFn, file_format: str) -> bytes:
    """A picture file with some of its bytes changed, taken out, put in, or cut off at the end."""
    kinds = sorted(kind for kind in FILES if kind[0] == file_format)
    content = bytearray(FILES[draw(st.sampled_from(kinds))])
    for _ in range(draw(st.integers(1, 4))):
        # Most of what a decoder can stumble over stands at the beginning.
        start = draw(st.integers(0, 80) | st.integers(0, len(content)))
        taken = draw(st.sampled_from([0, 1, 1, 1, 4, len(content)]))
        content[start : start + taken] = draw(
            st.binary(max_size=4) | st.sampled_from([b"\0", b"\xff", b"\x7f\xff\xff\xff"])
        )
    return bytes(content)


@pytest.mark.parametrize("file_format", ALL_FORMATS)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow's on what it can put up with
def test_a_file_with_bytes_changed(
    classifier: HandwrittenDigitsClassifier, file_format: str
) -> None:
    @given(mutated(file_format))
    def changed(content: bytes) -> None:
        answers_or_says_why(classifier, content)

    changed()


@given(
    st.sampled_from(MODES),
    st.tuples(st.integers(0, 40), st.integers(0, 40)),
    st.binary(min_size=1, max_size=60),
    st.none() | st.integers() | st.binary(max_size=4) | st.tuples(*[st.integers(-1, 300)] * 3),
)
@example("L", (3, 3), b"\0\xff", 2**40)
def test_an_image_of_any_mode_with_any_values(
    classifier: HandwrittenDigitsClassifier,
    mode: str,
    size: tuple[int, int],
    content: bytes,
    transparency: Any,
) -> None:
    image = Image.new(mode, size)
    needed = len(image.tobytes()) if all(size) else 0
    if needed:
        image.frombytes((content * (needed // len(content) + 1))[:needed])
    if transparency is not None:
        image.info["transparency"] = transparency
    answers_or_says_why(classifier, image)


@pytest.mark.parametrize("mode", MODES)
def test_an_image_of_every_mode_is_read(classifier: HandwrittenDigitsClassifier, mode: str) -> None:
    if mode.startswith("I;16"):
        grey = np.asarray(SEVEN).astype(np.uint16) * 257
        image = Image.frombytes(mode, SEVEN.size, grey.astype(">u2" if mode == "I;16B" else "<u2"))
    else:
        image = SEVEN.convert("LA" if mode == "La" else "RGB").convert(mode)
    assert classifier.predict(image).text == "7"


class PathLike:
    def __init__(self, path: Any) -> None:
        self.path = path

    def __fspath__(self) -> Any:
        return self.path


@pytest.mark.parametrize("path", ["no", b"no", b"\xff", "\ud800", "a" * 5000, "", "\0", 7, None])
def test_a_path_of_any_kind(classifier: HandwrittenDigitsClassifier, path: Any) -> None:
    with pytest.raises(PictureError, match=r"Expected a picture at .* received: "):
        classifier.predict(PathLike(path))
