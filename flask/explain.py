"""How an answer came about, for the page: what the library tells, as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any

import api
import gevent
import problems
import shapes
from contract import Operation, promises
from flask import Blueprint, Response, current_app, jsonify, request
from msgspec import Meta
from query import Parameter, number, switch, whole

from classifier import Alteration, HandwrittenDigitsClassifier, ModelFileError

bp = Blueprint("explain", __name__, url_prefix="/explain")

# Seconds that an explanation waits for a moment in which nobody else asks for anything, before it
# puts the next of its some 100 questions to the network all the same.
LONGEST_PAUSE = 0.02
Edge = Annotated[float, Meta(ge=-1_000_000, le=1_000_000)]
Side = Annotated[float, Meta(ge=1, le=1_000_000)]
CACHE_SECONDS = 365 * 24 * 60 * 60  # of what is asked for by its SHA-256


DIGIT = whole(
    "digit", 0, 19, 0, description="Which of the digits that `/predict` answers, counted from 0."
)
SHEET = Parameter(
    "sheet",
    tuple[Edge, Edge, Side, Side],
    "left, top, width and height in pixels, at least 1 wide and high and none above 1,000,000",
    has_parts=True,
    description="Left, top, width and height of the sheet it was drawn on, in pixels of the "
    "picture, beyond which it may reach. Left out, the picture is the sheet.",
)
ALTERATION = (
    number(
        "right", -14, 14, 0, description="Moved so far to the right, in pixels of the 28x28 field."
    ),
    number("down", -14, 14, 0, description="Moved so far down."),
    number(
        "turn",
        -180,
        180,
        0,
        example=180,
        description="Degrees clockwise, around the middle of its box.",
    ),
    number(
        "pen",
        0.25,
        4,
        1,
        description="How wide its strokes are to be, over how wide they are.",
    ),
    switch(
        "fit",
        True,
        description="Whether it is scaled into 20x20 pixels as MNIST's digits were; else it keeps "
        "the size that it has on the sheet.",
    ),
    switch(
        "centre",
        True,
        description="Whether its centre of mass is put on the centre; else it stays where it lies "
        "on the sheet.",
    ),
    SHEET,
)
MODEL = Parameter(
    "sha256",
    str,
    "a text",
    description="The model's, as `/predict` tells it: what it is asked for by may be kept for a "
    "year.",
)


@bp.post("/layers")
@promises(Operation(shapes.Layers, (DIGIT,), takes_picture=True, refusals=(404, 422)))
def layers(digit: int) -> Response:
    """Each step of the preparation, and what each layer of the network answered."""
    return jsonify(_about_the_picture(_classifier().feature_maps, digit).as_dict())


@bp.post("/heat-map")
@promises(Operation(shapes.HeatMap, (DIGIT,), takes_picture=True, refusals=(422,)))
def heat_map(digit: int) -> Response:
    """Which ink speaks for each of the ten digits, and which against."""
    return jsonify(_about_the_picture(_classifier().heat_map, digit, pause=_pauses()).as_dict())


@bp.post("/snapshots")
@promises(Operation(shapes.Snapshots, (DIGIT,), takes_picture=True, refusals=(404, 422)))
def snapshots(digit: int) -> Response:
    """What the network would have answered at moments of its training."""
    readings = _about_the_picture(_classifier().snapshots, digit, pause=_pauses())
    return jsonify(snapshots=[reading.as_dict() for reading in readings])


@bp.post("/what-if")
@promises(Operation(shapes.Altered, (DIGIT, *ALTERATION), takes_picture=True, refusals=(422,)))
def what_if(digit: int, **alteration: Any) -> Response:
    """The answer to the digit moved, turned, drawn by another pen, or prepared otherwise."""
    altered = Alteration(**alteration)
    return jsonify(_about_the_picture(_classifier().alter, digit, alteration=altered).as_dict())


@bp.post("/least-changes")
@promises(Operation(shapes.LeastChanges, (DIGIT, SHEET), takes_picture=True, refusals=(422,)))
def least_changes(digit: int, sheet: tuple[float, float, float, float] | None) -> Response:
    """The least changes after which the answer is another digit.

    Tried are turns each way to 45 degrees, pens from a quarter to four times as wide, and moves in
    eight directions by up to 14 pixels of the field, without centring.
    """
    method = _classifier().least_changes
    changes = _about_the_picture(method, digit, sheet=sheet, pause=_pauses())
    return jsonify(changes=[change.as_dict() for change in changes])


@bp.get("/weights")
@promises(Operation(shapes.Weights, (MODEL,), refusals=(404,), can_be_kept=True))
def weights(sha256: str | None) -> Response:
    """The filters of the two convolutions."""
    classifier = _classifier()
    own = classifier.network.sha256
    convolutions = [each for each in classifier.weights() if each.name.startswith("convolution")]
    response = jsonify(sha256=own, layers=[each.as_dict() for each in convolutions])
    response.set_etag(own)
    if sha256 == own:
        response.cache_control.public = True
        response.cache_control.max_age = CACHE_SECONDS
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True  # kept, but asked after
    response.make_conditional(request)
    return response


@bp.errorhandler(ModelFileError)
def no_such_model(error: ModelFileError) -> Response:
    """The model that is loaded came without snapshots, or is none of ours."""
    current_app.logger.warning("the model cannot be explained: %s", error)
    return problems.problem(404, "The model that answers here cannot show this; the log says why.")


def _classifier() -> HandwrittenDigitsClassifier:
    classifier: HandwrittenDigitsClassifier = current_app.extensions["classifier"]
    return classifier


def _about_the_picture(method: Callable[..., Any], digit: int, **more: Any) -> Any:
    return method(api.posted_picture(), digit=digit, formats=("PNG",), **more)


def _pauses() -> Callable[[], None]:
    """Has a gevent worker, which has one thread for all requests, answer the others in between.

    What a pause takes beyond LONGEST_PAUSE, because there is so much to answer, makes up for the
    next ones. Else an explanation would never come to its end.
    """
    owed = 0.0  # seconds

    def pause() -> None:
        nonlocal owed
        if owed >= LONGEST_PAUSE:
            owed -= LONGEST_PAUSE
            return
        start = time.monotonic()
        with gevent.Timeout(LONGEST_PAUSE, False):
            gevent.idle()
        owed += max(time.monotonic() - start - LONGEST_PAUSE, 0.0)

    # The development server has no worker, but many threads.
    return pause if "worker" in current_app.extensions else lambda: None
