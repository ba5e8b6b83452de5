"""Explain how an answer came about."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from flask import Blueprint, Response, current_app, jsonify

from classifier import Alteration, Explanation, HandwrittenDigitsClassifier, ModelFileError

from .. import schemas
from ..errors import problem
from ..openapi import Operation
from ..picture import posted_picture, turn_of
from ..static import FOR_A_YEAR, revalidated

bp = Blueprint("explain", __name__, url_prefix="/explain")
log = logging.getLogger(__name__)


@bp.post("/layers")
@Operation(schemas.Layers, takes_picture=True, refusals=(404, 422))
def layers(query: schemas.DigitQuery) -> dict[str, Any]:
    """Show each step of the preparation, and the output of each layer of the network."""
    return _explanation(query).layers().as_dict()


@bp.post("/heat-map")
@Operation(schemas.HeatMap, takes_picture=True, refusals=(422,))
def heat_map(query: schemas.DigitQuery) -> dict[str, Any]:
    """Show which ink speaks for each of the ten digits, and which against it."""
    return _explanation(query).heat_map().as_dict()


@bp.post("/snapshots")
@Operation(schemas.Snapshots, takes_picture=True, refusals=(404, 422))
def snapshots(query: schemas.DigitQuery) -> dict[str, Any]:
    """Show what the network would have answered at moments of its training."""
    return {"snapshots": [each.as_dict() for each in _explanation(query).snapshots()]}


@bp.post("/what-if")
@Operation(schemas.Altered, takes_picture=True, refusals=(422,))
def what_if(query: schemas.AlterationQuery) -> dict[str, Any]:
    """Read the digit moved, turned, drawn with another pen, or prepared differently."""
    changes = {**msgspec.structs.asdict(query), "sheet": query.sheet or None}
    del changes["digit"]
    return _explanation(query).alter(Alteration(**changes)).as_dict()


@bp.post("/least-changes")
@Operation(schemas.LeastChanges, takes_picture=True, refusals=(422,))
def least_changes(query: schemas.SheetQuery) -> dict[str, Any]:
    """Find the least changes after which the answer is another digit.

    These are turns each way to 45 degrees, pens from a quarter to four times as wide, and moves in
    eight directions by up to 14 pixels of the field, without centring.
    """
    changes = _explanation(query).least_changes(query.sheet or None)
    return {"changes": [each.as_dict() for each in changes]}


@bp.get("/weights")
@Operation(schemas.Weights, refusals=(404,), has_etag=True)
def weights(query: schemas.ModelQuery) -> Response:
    """Show the filters of the two convolutions."""
    classifier: HandwrittenDigitsClassifier = current_app.extensions["classifier"]
    sha256 = classifier.network.sha256
    convolutions = [each for each in classifier.weights() if each.name.startswith("convolution")]
    response = revalidated(jsonify(sha256=sha256, layers=[each.as_dict() for each in convolutions]))
    if query.sha256 == sha256:
        response.headers["Cache-Control"] = FOR_A_YEAR
    return response


@bp.errorhandler(ModelFileError)
def no_such_model(error: ModelFileError) -> Response:
    """Answer 404 if the model has no snapshots, or has other layers than the chapters show."""
    log.warning("the model cannot be explained: %s", error)
    return problem(404, "The model in use cannot show this; the log says why.")


def _explanation(query: schemas.DigitQuery) -> Explanation:
    classifier: HandwrittenDigitsClassifier = current_app.extensions["classifier"]
    picture = posted_picture()
    with turn_of(picture):
        return classifier.explain(picture, query.digit, formats=("PNG",))
