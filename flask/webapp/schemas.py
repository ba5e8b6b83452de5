"""The schemas of the API's requests and responses.

msgspec validates queries with them, and translates them for the OpenAPI document. The tests check
responses against that document. Responses may gain fields; existing ones do not change.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import UNSET, Meta, Struct, UnsetType

Share = Annotated[float, Meta(ge=0, le=1)]
Probabilities = Annotated[
    list[Share],
    Meta(min_length=10, max_length=10, description="Of the digits 0 to 9; they add up to 1."),
]
Value = Annotated[int, Meta(ge=0, le=9, description="The most likely digit.")]
Image = Annotated[
    str,
    Meta(
        pattern="^data:image/png;base64,",
        description="The 28x28 picture that the network saw, white ink on black, as a data URL.",
    ),
]
Box = Annotated[
    list[int],
    Meta(
        min_length=4,
        max_length=4,
        description="Left, top, right and bottom of its ink, in pixels of the upright picture.",
    ),
]
SHA256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="Of the model file.")]
Point = Annotated[list[float], Meta(min_length=2, max_length=2)]
Edge = Annotated[float, Meta(ge=-1_000_000, le=1_000_000)]
Length = Annotated[float, Meta(ge=1, le=1_000_000)]
Sheet = Annotated[
    tuple[Edge, Edge, Length, Length],
    Meta(
        description="The sheet it was drawn on: left, top, width and height in pixels of the "
        "picture. The default is the whole picture."
    ),
]
Shift = Annotated[float, Meta(ge=-14, le=14)]


class DigitQuery(Struct, forbid_unknown_fields=True):
    """The digit to explain."""

    digit: Annotated[
        int, Meta(ge=0, le=19, description="Index of the digit in the answer of `/predict`.")
    ] = 0


class SheetQuery(DigitQuery):
    """A digit, and the sheet it was drawn on."""

    sheet: Sheet | UnsetType = UNSET


class AlterationQuery(SheetQuery):
    """A change of the digit."""

    right: Annotated[Shift, Meta(description="Move it right, by pixels of the 28x28 field.")] = 0
    down: Annotated[Shift, Meta(description="Move it down.")] = 0
    turn: Annotated[
        float,
        Meta(ge=-180, le=180, examples=[180], description="Turn it clockwise, by degrees."),
    ] = 0
    pen: Annotated[float, Meta(ge=0.25, le=4, description="Multiply the width of its strokes.")] = 1
    fit: Annotated[
        bool, Meta(description="Scale it into 20x20 pixels, or keep its size on the sheet.")
    ] = True
    centre: Annotated[
        bool,
        Meta(description="Move its centre of mass to the centre, or keep its place on the sheet."),
    ] = True


class ModelQuery(Struct, forbid_unknown_fields=True):
    """The model whose weights to return."""

    sha256: Annotated[
        str, Meta(description="From the answer of `/predict`; makes the response cacheable.")
    ] = ""


class Problem(TypedDict):
    """An error (RFC 9457)."""

    type: Annotated[str, Meta(description="Always about:blank; see the status.")]
    title: Annotated[str, Meta(description="The name of the status.", examples=["Bad Request"])]
    status: Annotated[int, Meta(ge=400, le=599, description="The status of the response.")]
    detail: Annotated[
        str,
        Meta(
            description="What was expected and what was received, in a sentence.",
            examples=["Expected a PNG picture, received nothing."],
        ),
    ]
    request_id: Annotated[str, Meta(description="The same as in the header `X-Request-ID`.")]


class Model(TypedDict):
    """The network that answered."""

    name: Annotated[str, Meta(examples=["mnist-cnn"])]
    sha256: SHA256


class Reading(TypedDict):
    """The network's answer for one digit."""

    digit: Value
    probabilities: Probabilities


class Digit(Reading):
    """One digit of the picture."""

    confidence: Annotated[Share, Meta(description="The probability of that digit.")]
    box: Box
    image: Image


class Answer(TypedDict):
    """The answer to a picture."""

    verdict: Annotated[
        Literal["digit", "number", "unsure", "blank"],
        Meta(
            description="`digit` for one digit, `number` for several, `unsure` for ink that is not "
            "a digit or could be two different ones, `blank` for no ink."
        ),
    ]
    text: Annotated[
        str | None,
        Meta(
            description="What was read, line by line; null if unsure or blank.",
            examples=["7", "12\n34"],
        ),
    ]
    reason: Annotated[
        str | None,
        Meta(
            description="Why there is no text, in a sentence; null if there is one.",
            examples=["It could be a 4 or a 9: 45% against 40%."],
        ),
    ]
    digits: Annotated[
        list[Digit],
        Meta(max_length=20, description="Line by line from left to right, even if unsure."),
    ]
    model: Model
    elapsed_ms: Annotated[float, Meta(ge=0, description="Milliseconds spent on reading.")]


class Tensor(TypedDict):
    """An array of numbers."""

    dtype: Annotated[Literal["float16", "float32"], Meta(description="The type of each number.")]
    shape: Annotated[
        list[Annotated[int, Meta(ge=0)]],
        Meta(description="The size of each dimension.", examples=[[10, 28, 28]]),
    ]
    data: Annotated[
        str,
        Meta(
            description="The numbers' little-endian bytes in C order, as base64.",
            extra_json_schema={"contentEncoding": "base64"},
        ),
    ]


class Preparation(TypedDict):
    """The steps from a digit's ink to the network's input."""

    ink: Annotated[Tensor, Meta(description="Cropped to its box: at most 100 pixels a side.")]
    fitted: Annotated[Tensor, Meta(description="Scaled into 20x20 pixels, keeping its aspect.")]
    centre_of_mass: Annotated[Point, Meta(description="Of `fitted`: x and y, in its pixels.")]
    offset: Annotated[Point, Meta(description="Of the corner of `fitted` in `image`: x and y.")]
    image: Annotated[Tensor, Meta(description="The network's input, 28x28.")]


class Layer(TypedDict):
    """The output of one layer of the network."""

    name: Annotated[str, Meta(examples=["convolution_1"])]
    kind: Literal["convolution", "pooling", "dense", "output"]
    activations: Annotated[
        Tensor, Meta(description="Height, width and maps; of a dense layer, its neurons.")
    ]


class Layers(Reading):
    """The preparation of a digit, and the output of each layer for it."""

    is_digit: Annotated[
        Share | None,
        Meta(description="The probability that this is a digit, from a second network, if any."),
    ]
    box: Box
    preparation: Preparation
    layers: Annotated[list[Layer], Meta(description="From the image to the answer.")]


class HeatMap(Reading):
    """The ink that speaks for each digit."""

    heat: Annotated[
        Tensor,
        Meta(
            description="For each of the ten digits, 28x28: how far its log-odds fall, in nats, "
            "when the ink around a pixel is erased. Positive where ink speaks for the digit."
        ),
    ]


class Snapshot(Reading):
    """The answer at one moment of the training."""

    step: Annotated[int, Meta(ge=0, description="Training steps so far.")]
    epoch: Annotated[float, Meta(ge=0, description="Passes over the training images so far.")]
    accuracy: Annotated[Share, Meta(description="On MNIST's validation images.")]
    filters: Annotated[
        Tensor, Meta(description="Of the first convolution: filters, height, width.")
    ]


class Snapshots(TypedDict):
    """The answers during training."""

    snapshots: Annotated[list[Snapshot], Meta(description="From the first step to the last.")]


class Altered(Reading):
    """The answer for the altered digit."""

    image: Image


class Alteration(TypedDict):
    """The parameters of `/explain/what-if`, without the sheet."""

    right: float
    down: float
    turn: float
    pen: float
    fit: bool
    centre: bool


class LeastChange(Altered):
    """The least change of one kind, and the answer after it."""

    kind: Literal["turned left", "turned right", "thinner", "thicker", "moved"]
    alteration: Alteration


class LeastChanges(TypedDict):
    """The least changes that flip the answer."""

    changes: Annotated[
        list[LeastChange],
        Meta(description="At most one of each kind; none of a kind that cannot flip it."),
    ]


class LayerWeights(TypedDict):
    """The weights of one layer."""

    name: Annotated[str, Meta(examples=["convolution_1"])]
    weights: Annotated[Tensor, Meta(description="Filters, height, width and maps.")]
    biases: Annotated[Tensor, Meta(description="One for each filter.")]


class Weights(TypedDict):
    """The weights of the network."""

    sha256: SHA256
    layers: list[LayerWeights]


class Live(TypedDict):
    """The process answers."""

    status: Literal["live"]


class Ready(TypedDict):
    """The model answers."""

    status: Literal["ready"]
    model: Annotated[str, Meta(description="Its name.", examples=["mnist-cnn"])]
