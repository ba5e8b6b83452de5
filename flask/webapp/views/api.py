"""Read a picture, for the page's script and for other programs."""

from __future__ import annotations

import time
from typing import cast

from flask import Blueprint, current_app

from classifier import HandwrittenDigitsClassifier

from .. import schemas, telemetry
from ..openapi import Operation
from ..picture import posted_picture, turn_of
from ..settings import ROOT

bp = Blueprint("api", __name__)


def example() -> schemas.Answer:
    """Return the answer to the example picture of the documentation."""
    return {**read((ROOT / "static" / "seven.png").read_bytes()), "elapsed_ms": 0.9}


@bp.post("/predict")
@Operation(schemas.Answer, takes_picture=True, example=example)
def predict() -> schemas.Answer:
    """Read the digit or number in a picture."""
    answer = read(posted_picture())
    confidences = [digit["confidence"] for digit in answer["digits"]]
    telemetry.answered(answer["verdict"], min(confidences, default=None))
    return answer


def read(picture: bytes) -> schemas.Answer:
    """Return the answer to a PNG."""
    classifier: HandwrittenDigitsClassifier = current_app.extensions["classifier"]
    with turn_of(picture):
        start = time.perf_counter()
        prediction = classifier.predict(picture, formats=("PNG",))
        seconds = time.perf_counter() - start
    network = classifier.network
    answer = {
        **prediction.as_dict(),
        "model": {"name": network.name, "sha256": network.sha256},
        "elapsed_ms": round(seconds * 1000, 3),
    }
    return cast(schemas.Answer, answer)
