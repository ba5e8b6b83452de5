"""Whatever predict() is given, it answers or raises an error of the library."""

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


def answers_or_refuses(classifier: HandwrittenDigitsClassifier, picture: Any) -> None:
    try:
        prediction = classifier.predict(picture)
    except ClassifierError as error:
        assert "Expected" in str(error)
        assert "received" in str(error)
    else:
        assert isinstance(prediction, Prediction | list)


DTYPES = (
    npst.scalar_dtypes()
    | npst.byte_string_dtypes()
    | npst.unicode_string_dtypes()
    | npst.array_dtypes()
    | npst.nested_dtypes()
    | st.just(np.dtype(np.longdouble))
)
SHAPES = npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
LAYOUTS = {
    "as it is": lambda array: array,
    "transposed": lambda array: array.T,
    "backwards": lambda array: array[::-1],
    "every other": lambda array: array[::2],
    "masked": lambda array: np.ma.masked_array(array, np.ones(array.shape, bool)),
    "broadcast": lambda array: np.broadcast_to(array[:1], (500, *array.shape[1:])),
}


@given(st.data(), st.sampled_from(sorted(LAYOUTS)))
def test_arrays_of_any_type_shape_and_layout(
    classifier: HandwrittenDigitsClassifier, data: st.DataObject, layout: str
) -> None:
    array = data.draw(npst.arrays(data.draw(DTYPES), SHAPES))
    answers_or_refuses(classifier, LAYOUTS[layout](array) if array.size and array.ndim else array)


@pytest.mark.parametrize(
    ("array", "received"),
    [
        (np.full((3, 3), None), "received dtype object"),
        (np.full((3, 3), Exception), "received dtype object"),
        (np.broadcast_to(np.uint8(0), (10**9, 10**9)), "received 1,000,000,000 x 1,000,000,000"),
        (np.ma.masked_greater(np.diag([0.0, 0.5, 1e9]), 1), r"received \[0.0, 1000000000.0\]"),
    ],
)
def test_unusual_arrays_are_refused(
    classifier: HandwrittenDigitsClassifier, array: Any, received: str
) -> None:
    with pytest.raises(PictureError, match=received):
        classifier.predict(array)


@given(st.binary(max_size=200))
def test_any_bytes(classifier: HandwrittenDigitsClassifier, content: bytes) -> None:
    answers_or_refuses(classifier, content)


def as_file(file_format: str, mode: str) -> bytes:
    file = io.BytesIO()
    SEVEN.convert(mode).save(file, file_format)
    return file.getvalue()


MODES_OF_FORMATS = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("L", "P"),
    "BMP": ("1", "L", "P", "RGB"),
    "TIFF": ("1", "L", "RGB", "RGBA", "CMYK", "I;16", "F"),
}


@st.composite
def mutated(draw: st.DrawFn, file_format: str) -> bytes:
    """Return a picture file with some bytes changed, removed, inserted, or cut off at the end."""
    content = bytearray(as_file(file_format, draw(st.sampled_from(MODES_OF_FORMATS[file_format]))))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, 80) | st.integers(0, len(content)))  # mostly in the headers
        taken = draw(st.sampled_from([0, 1, 1, 1, 4, len(content)]))
        content[start : start + taken] = draw(
            st.binary(max_size=4) | st.sampled_from([b"\0", b"\xff", b"\x7f\xff\xff\xff"])
        )
    return bytes(content)


@pytest.mark.parametrize("file_format", ALL_FORMATS)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_files_with_changed_bytes(
    classifier: HandwrittenDigitsClassifier, file_format: str
) -> None:
    given(mutated(file_format))(lambda content: answers_or_refuses(classifier, content))()


@given(
    st.sampled_from(MODES),
    st.tuples(st.integers(0, 40), st.integers(0, 40)),
    st.binary(min_size=1, max_size=60),
    st.none() | st.integers() | st.binary(max_size=4) | st.tuples(*[st.integers(-1, 300)] * 3),
)
@example("L", (3, 3), b"\0\xff", 2**40)
def test_images_of_any_mode_with_any_values(
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
    answers_or_refuses(classifier, image)


@pytest.mark.parametrize("mode", MODES)
def test_images_of_every_mode_are_read(classifier: HandwrittenDigitsClassifier, mode: str) -> None:
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
def test_paths_of_any_kind(classifier: HandwrittenDigitsClassifier, path: Any) -> None:
    with pytest.raises(PictureError, match=r"Expected a picture at .* received: "):
        classifier.predict(PathLike(path))
