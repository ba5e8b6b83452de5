"""How an answer came about, for the page: what the library tells, as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import api
import gevent
import problems
from flask import Blueprint, Response, current_app, jsonify, request
from gevent import monkey

from classifier import Alteration, HandwrittenDigitsClassifier, ModelFileError

bp = Blueprint("explain", __name__, url_prefix="/explain")

# Seconds that an explanation waits for a moment in which nobody else asks for anything, before it
# puts the next of its some 100 questions to the network all the same.
LONGEST_PAUSE = 0.02
CACHE_SECONDS = 365 * 24 * 60 * 60  # of what is asked for by its SHA-256


@bp.post("/layers")
def layers() -> Response:
    """Each step of the preparation, and what each layer of the network answered."""
    return jsonify(_about_the_picture(_classifier().feature_maps).as_dict())


@bp.post("/heat-map")
def heat_map() -> Response:
    """Which ink speaks for each of the ten digits, and which against."""
    return jsonify(_about_the_picture(_classifier().heat_map, pause=_pauses()).as_dict())


@bp.post("/snapshots")
def snapshots() -> Response:
    """What the network would have answered at moments of its training."""
    readings = _about_the_picture(_classifier().snapshots, pause=_pauses())
    return jsonify(snapshots=[reading.as_dict() for reading in readings])


@bp.post("/what-if")
def what_if() -> Response:
    """The answer to the digit moved, turned, drawn by another pen, or prepared otherwise."""
    alteration = Alteration(
        right=_number("right", 0),
        down=_number("down", 0),
        turn=_number("turn", 0),
        pen=_number("pen", 1),
        fit=_switch("fit"),
        centre=_switch("centre"),
        sheet=_sheet(),
    )
    reading = _about_the_picture(_classifier().alter, alteration=alteration)
    return jsonify(reading.as_dict())


@bp.post("/least-changes")
def least_changes() -> Response:
    """The least changes after which the answer is another digit."""
    changes = _about_the_picture(_classifier().least_changes, sheet=_sheet(), pause=_pauses())
    return jsonify(changes=[change.as_dict() for change in changes])


@bp.get("/weights")
def weights() -> Response:
    """The filters of the two convolutions."""
    classifier = _classifier()
    sha256 = classifier.network.sha256
    convolutions = [each for each in classifier.weights() if each.name.startswith("convolution")]
    response = jsonify(sha256=sha256, layers=[each.as_dict() for each in convolutions])
    response.set_etag(sha256)
    if request.args.get("sha256") == sha256:
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


def _about_the_picture(method: Callable[..., Any], **more: Any) -> Any:
    return method(api.posted_picture(), digit=_digit(), formats=("PNG",), **more)


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

    # The development server has many threads.
    return pause if monkey.is_module_patched("socket") else lambda: None


# What is no number goes on as the text that it is: the library says what it expected.


def _digit() -> Any:
    text = request.args.get("digit", "0")
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _number(name: str, default: float) -> Any:
    return _float(request.args.get(name, default))


def _switch(name: str) -> Any:
    text = request.args.get(name, "1")
    return {"0": False, "1": True}.get(text, text)


def _sheet() -> Any:
    text = request.args.get("sheet")
    return None if text is None else tuple(map(_float, text.split(",")))


def _float(text: Any) -> Any:
    try:
        return float(text)
    except ValueError:
        return text
