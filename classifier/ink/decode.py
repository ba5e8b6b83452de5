"""A picture in any accepted form -> its pixels. Its size is checked before it is unpacked."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from classifier.errors import PictureError, PictureFormatError, PictureTooLargeError
from classifier.ink.normalise import SIDE
from classifier.ink.png import SIGNATURE, check_chunks, check_rows

Pixels = NDArray[np.uint8]  # (height, width, channels), as `decode` returns them
# At run time, anything with a read() method counts as a file, and anything with __array__ as array.
FileOrImage = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image
Picture = FileOrImage | NDArray[Any]

MAX_SIDE = 10_000  # pixels: a strip of 65,535 x 1 holds no handwriting
MAX_PIXELS = 20_000_000  # a 20-megapixel photograph; 80 MB once unpacked to RGBA
RANGES = (1, 255, 1023, 4095, 16383, 65535)  # white: in floats; in 8, 10, 12, 14 and 16 bits
OVERSHOOT = 0.2  # of the range: how far a picture that was resized may exceed it at either end
SUBFILE_TYPE, TILE_WIDTH, TILE_LENGTH = 254, 322, 323  # TIFF tags; type 1 is a reduced copy
ALL_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")  # of their files

FORMAT_SIGNATURES = {
    SIGNATURE: "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"RIFF": "WEBP",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"%PDF": "PDF",
    b"<": "SVG, HTML or XML",
}


def decode(picture: Picture, formats: tuple[str, ...] = ALL_FORMATS) -> Pixels:
    """Return the pixels of `picture`, (height, width, channels) uint8.

    There is one channel, grey; or three, red, green and blue; or four: red, green and blue
    multiplied by the opacity, and the opacity. The picture is turned as its EXIF orientation says.

    Args:
        picture: what `HandwrittenDigitsClassifier.predict` accepts, apart from batches.
        formats: the file formats accepted, by Pillow's names.

    Raises:
        PictureError: it is broken, has several frames or pages, or is an array of another shape.
        PictureFormatError: the file is in a format that is not among `formats`.
        PictureTooLargeError: the picture has more than `MAX_PIXELS` pixels.
    """
    if isinstance(picture, Image.Image):  # its current frame, if it has several
        return _unpack(picture, "Expected a picture")
    if isinstance(picture, str | os.PathLike):
        picture = _read_path(picture)
    elif hasattr(picture, "read"):
        picture = _read_file(picture)
    if isinstance(picture, bytes | bytearray | memoryview):
        return _from_bytes(bytes(picture), formats)
    if hasattr(picture, "__array__"):
        return _from_array(_as_array(picture))
    raise PictureError(
        "Expected a path, the bytes of a picture file, a file opened in binary mode, a PIL image "
        f"or an array, received {type(picture).__name__}."
    )


def as_batch(picture: object) -> Sequence[Any] | NDArray[Any] | None:
    """Return the pictures of a batch; None if `picture` is a single one."""
    if isinstance(picture, list | tuple):
        return picture
    if hasattr(picture, "__array__") and not isinstance(picture, Image.Image):
        array = _as_array(picture)
        if array.ndim == 4 or (array.ndim == 3 and array.shape[1:] == (SIDE, SIDE)):
            return array
    return None


def size_of(pixels: Pixels) -> tuple[int, int]:
    """Return the width and the height."""
    return pixels.shape[1], pixels.shape[0]


def reduced(pixels: Pixels, factor: int) -> Pixels:
    """Return the picture `factor` times smaller, each pixel the mean of those it replaces."""
    if factor == 1:
        return pixels
    mode = {1: "L", 3: "RGB", 4: "RGBa"}[pixels.shape[2]]
    levels = np.ascontiguousarray(pixels)
    image = Image.frombuffer(mode, size_of(pixels), levels, "raw", mode, 0, 1)
    return _pixels_of(image.reduce(factor))


def _read_path(path: str | os.PathLike[Any]) -> bytes:
    try:
        return Path(os.fsdecode(path)).read_bytes()
    # ValueError: a NUL in the path. TypeError: an object whose path is neither text nor bytes.
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise PictureError(f"Expected a picture at {path!s}, received: {reason}.") from error


def _read_file(file: Any) -> bytes:
    try:
        return memoryview(file.read()).tobytes()
    except Exception as error:  # ValueError: it is closed; TypeError: it was opened as text
        raise PictureError(
            f"Expected a file opened in binary mode, received {type(file).__name__}: "
            f"{str(error).rstrip('.')}."
        ) from error


def _as_array(picture: Any) -> NDArray[Any]:
    try:
        return np.asarray(picture)  # without a mask: the masked values are checked, too
    except Exception as error:  # whatever the object's own code raises
        raise PictureError(
            f"Expected an array or a tensor in main memory, received {type(picture).__name__}: "
            f"{error}."
        ) from error


def _from_bytes(content: bytes, formats: tuple[str, ...]) -> Pixels:
    expected = f"Expected a {' or '.join(formats)} picture"
    if not content:
        raise PictureError(f"{expected}, received nothing.")
    found = _format_of(content)
    if found not in formats:
        if found:
            raise PictureFormatError(f"{expected}, received {found}.")
        raise PictureError(f"{expected}, received {len(content):,} bytes of something else.")
    try:
        if found == "PNG":
            check_chunks(content)
        image = Image.open(io.BytesIO(content), formats=formats)
    # Pillow has two limits of its own, both above ours: it warns at one and refuses at the other.
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PictureTooLargeError(
            f"Expected a picture of at most {MAX_PIXELS:,} pixels, received a larger one."
        ) from error
    except UnidentifiedImageError as error:
        raise PictureError(f"{expected}, received one with a broken header.") from error
    except Exception as error:  # as in _unpack
        raise PictureError(f"{expected}, received a broken one: {error}.") from error
    return _unpack(image, expected, content)


def _unpack(image: Image.Image, expected: str, content: bytes = b"") -> Pixels:
    _check_size(*image.size)
    try:
        tags = getattr(image, "tag_v2", {})
        _check_size(tags.get(TILE_WIDTH, 1), tags.get(TILE_LENGTH, 1))  # may exceed the picture's
        if content:
            _check_frames(image)
            if image.format == "PNG":
                check_rows(content)
        image.load()  # may still change the mode, and find the transparency and EXIF
        return _upright(_pixels_of(_to_one_mode(image)), image)
    except PictureError:
        raise
    # On a broken picture, Pillow raises whatever its decoders happen to raise: struct.error,
    # OverflowError, AssertionError and more. No list of these is ever complete.
    except Exception as error:
        raise PictureError(f"{expected}, received a broken one: {error}.") from error


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PictureTooLargeError(
            f"Expected a picture of at most {MAX_PIXELS:,} pixels, received {width:,} x {height:,}."
        )
    if not 1 <= width <= MAX_SIDE or not 1 <= height <= MAX_SIDE:
        raise PictureError(
            f"Expected a picture of 1 to {MAX_SIDE:,} pixels a side, "
            f"received {width:,} x {height:,}."
        )


def _check_frames(image: Any) -> None:
    """Check that a file holds one picture.

    The first picture of an animated PNG stands for the animation, as the format intends. The others
    of a phone's JPEG (MPO) are previews.
    """
    if not getattr(image, "is_animated", False) or image.format in ("MPO", "PNG"):
        return
    if image.format != "TIFF":
        raise PictureError(
            f"Expected a picture, received an animation of {image.n_frames:,} frames: save "
            "the frame to read as a picture."
        )
    pages = 0
    for frame in reversed(range(image.n_frames)):
        image.seek(frame)
        pages += not image.tag_v2.get(SUBFILE_TYPE, 0) & 1
    if pages > 1:
        raise PictureError(f"Expected one page, received {pages:,}: save each as its own file.")


def _format_of(content: bytes) -> str | None:
    head = content[:64].lstrip()
    return next((name for start, name in FORMAT_SIGNATURES.items() if head.startswith(start)), None)


def _from_array(array: NDArray[Any]) -> Pixels:
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise PictureError(
            "Expected an array of shape (height, width), (height, width, 1), (height, width, 3) "
            f"or (height, width, 4), received shape {array.shape}."
        )
    if array.dtype.kind not in "buif":
        raise PictureError(f"Expected an array of numbers, received dtype {array.dtype}.")
    _check_size(array.shape[1], array.shape[0])
    array = array.reshape(array.shape[: 2 if channels == 1 else 3])
    pixels = array if array.dtype == np.uint8 else _levels(array)
    return _pixels_of(_to_one_mode(Image.fromarray(pixels)))


def _levels(values: NDArray[Any]) -> Pixels:
    """Scale numbers to 0 to 255, from the smallest of `RANGES` that holds them."""
    low, high = float(values.min()), float(values.max())
    limit = next((limit for limit in RANGES if high <= limit * (1 + OVERSHOOT)), 0)
    if not limit or low < -OVERSHOOT * limit:  # without a limit: too large, or not a number
        raise PictureError(f"Expected values of 0 to 1, 255 or 65,535, received [{low}, {high}].")
    kept = np.uint16 if values.dtype.str[1:] == "u2" else np.float32  # in native byte order
    plain = np.maximum(np.asarray(values, kept), 0)
    return np.asarray(cv2.convertScaleAbs(plain, alpha=255 / limit), np.uint8)


def _upright(pixels: Pixels, image: Image.Image) -> Pixels:
    """Turn and mirror the pixels of an image as its EXIF says. Broken EXIF says nothing."""
    orientation = 1
    with contextlib.suppress(Exception):  # as in _unpack
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _pixels_of(image: Image.Image) -> Pixels:
    return np.asarray(image).reshape(image.height, image.width, -1)


def _to_one_mode(image: Image.Image) -> Image.Image:
    """Return the image as grey, RGB, opaque RGBA or RGBa (multiplied by its opacity)."""
    if image.mode.startswith("I") or image.mode == "F":  # Pillow would clip at 255 (issue 3011)
        image = Image.fromarray(_levels(np.asarray(image)))
    if image.mode == "La":  # Pillow converts this mode only to LA
        image = image.convert("LA")
    if image.mode in ("L", "RGB") and not image.has_transparency_data:
        return image
    if image.mode != "RGBA":
        image = image.convert("RGBA")
    is_opaque = image.getchannel("A").getextrema() == (255, 255)  # as browsers save a canvas
    return image if is_opaque else image.convert("RGBa")
