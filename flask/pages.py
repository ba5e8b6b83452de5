"""The pages a person opens."""

from __future__ import annotations

import statistics
from typing import Any

import api
import assets
from flask import Blueprint, Response, current_app, render_template

from classifier import Parameters

bp = Blueprint("pages", __name__)


@bp.get("/")
def index() -> Response:
    """The page to draw on."""
    return page("index.html", answer=None)


@bp.post("/")
def read_upload() -> Response:
    """The same page with the answer to an uploaded picture, for browsers without JavaScript."""
    return page("index.html", answer=api.answer())


@bp.get("/model")
def model() -> Response:
    """The model card: what the network is, and how well it reads (Mitchell et al., 2019)."""
    report = current_app.extensions["classifier"].report or {}
    if not report.get("measured"):  # none, or one by an older train.py
        return page("model.html", report=None)
    return page("model.html", report=report, command=_command(report["parameters"]))


def page(template: str, **content: Any) -> Response:
    """A page, which a browser may keep if it asks each time whether it is still the same."""
    text = render_template(template, **content).encode()
    return assets.respond(assets.File(text, "text/html", assets.EACH_TIME), "no-cache")


def _command(parameters: dict[str, Any] | None) -> str:
    """What to type to train a network with these parameters."""
    command = "python train.py"
    for name, value in (parameters or {}).items():
        option = "--" + name.replace("_", "-")
        if name == "augmentation":
            command += "" if value else " --no-augmentation"
        elif name == "seed" or value != _plain(getattr(Parameters(), name)):
            values = value if isinstance(value, list) else [value]
            command += f" {option} {' '.join(map(str, values))}"
    return command


def _plain(value: Any) -> Any:
    """As it would come back from a JSON file."""
    return list(value) if isinstance(value, tuple) else value


@bp.app_template_filter("share")
def share(value: float) -> str:
    """A measured share, to a hundredth of a percent."""
    return f"{value:.2%}".replace("%", "\u00a0%")


@bp.app_template_filter("spread")
def spread(values: list[float]) -> str:
    """The mean of several shares, and their standard deviation."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.2%} ± {deviation:.2%}".replace("%", "\u00a0%")


@bp.app_template_filter("percent")
def percent(share: float) -> str:
    """A probability as a person reads it; never 100 %, for the network is never certain."""
    return ">\u00a099\u00a0%" if share > 0.995 else f"{share:.0%}".replace("%", "\u00a0%")
