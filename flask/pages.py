"""The pages a person opens."""

from __future__ import annotations

import api
from flask import Blueprint, render_template

bp = Blueprint("pages", __name__)


@bp.get("/")
def index() -> str:
    """The page to draw on."""
    return render_template("index.html", answer=None)


@bp.post("/")
def read_upload() -> str:
    """The same page with the answer to an uploaded picture, for browsers without JavaScript."""
    return render_template("index.html", answer=api.answer())


@bp.app_template_filter("percent")
def percent(share: float) -> str:
    """A probability as a person reads it; never 100 %, for the network is never certain."""
    return ">\u00a099\u00a0%" if share > 0.995 else f"{share:.0%}".replace("%", "\u00a0%")
