"""The pages for people."""

from __future__ import annotations

import statistics
from typing import Any

import msgspec
from flask import Blueprint, Response, current_app, make_response, render_template

from classifier import Parameters

from ..static import compress, revalidated
from . import api

bp = Blueprint("pages", __name__)


@bp.get("/")
@compress.compressed()
def index() -> Response:
    """Return the page to draw on."""
    return page("index.html", answer=None)


@bp.post("/")
@compress.compressed()
def read_upload() -> Response:
    """Return the page with the answer to an upload, for browsers without JavaScript."""
    return page("index.html", answer=api.predict())


@bp.get("/model")
@compress.compressed()
def model() -> Response:
    """Return the model card (Mitchell et al., 2019)."""
    report = current_app.extensions["classifier"].report or {}
    if not report.get("measured"):  # no report, or one by an older train.py
        return page("model.html", report=None)
    return page("model.html", report=report, command=_command(report["parameters"]))


def page(template: str, **content: Any) -> Response:
    """Render a page."""
    return revalidated(make_response(render_template(template, **content)))


def _command(parameters: dict[str, Any] | None) -> str:
    """Return the command that trains a network with these parameters."""
    command = "python train.py"
    defaults = msgspec.json.decode(msgspec.json.encode(Parameters()))
    for name, value in (parameters or {}).items():
        option = "--" + name.replace("_", "-")
        if name == "augmentation":
            command += "" if value else " --no-augmentation"
        elif name == "seed" or value != defaults[name]:
            values = value if isinstance(value, list) else [value]
            command += f" {option} {' '.join(map(str, values))}"
    return command


@bp.app_template_filter("share")
def share(value: float) -> str:
    """Format a measured share, to a hundredth of a percent."""
    return f"{value:.2%}".replace("%", "\u00a0%")


@bp.app_template_filter("spread")
def spread(values: list[float]) -> str:
    """Format the mean and the standard deviation of several shares."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.2%} ± {deviation:.2%}".replace("%", "\u00a0%")


@bp.app_template_filter("percent")
def percent(share: float) -> str:
    """Format a probability; never as 100 %, because the network is never certain."""
    return ">\u00a099\u00a0%" if share > 0.995 else f"{share:.0%}".replace("%", "\u00a0%")
