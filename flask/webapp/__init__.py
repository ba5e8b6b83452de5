"""The web application: the pages, and the API that they and other programs call."""

from __future__ import annotations

import io
import os
import sys
from typing import IO, Any

import flask
import msgspec
from flask import Flask
from flask.json.provider import DefaultJSONProvider

from classifier import ClassifierError, HandwrittenDigitsClassifier

from . import errors, rate_limit, security, static, telemetry
from .settings import ROOT, Settings, SettingsError
from .views import api, docs, explain, health, pages

CANNOT_START = 4  # neither gunicorn nor systemd tries again after this exit status
MAX_FORM_PARTS = 100  # the application reads one


class Request(flask.Request):
    """A request whose uploaded files stay in memory."""

    def _get_file_stream(self, *args: Any, **kwargs: Any) -> IO[bytes]:
        return io.BytesIO()


class JSONProvider(DefaultJSONProvider):
    """Write JSON with msgspec, which takes a tenth of the time."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return `obj` as JSON."""
        return msgspec.json.encode(obj).decode()


def create_app(
    settings: Settings | None = None, classifier: HandwrittenDigitsClassifier | None = None
) -> Flask:
    """Create the application.

    Args:
        settings: read from the environment if omitted.
        classifier: one with a model; loaded from `settings.model` if omitted.

    Raises:
        SettingsError: an environment variable has an invalid value.
        ModelFileError: `settings.model` is not a usable model, or not the expected one.
    """
    settings = settings or Settings.from_environment()
    if classifier is None:
        classifier = HandwrittenDigitsClassifier()
        classifier.load_model(settings.model, settings.model_sha256.lower() or None)
    app = Flask(__name__, template_folder=ROOT / "templates", static_folder=None)
    app.request_class = Request
    app.json = JSONProvider(app)
    # Werkzeug cuts a chunked body at the limit without an error. With one more byte allowed, a body
    # that reaches it was too large.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_bytes + 1
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.extensions["classifier"] = classifier
    app.extensions["settings"] = settings
    for part in (errors, telemetry, security, rate_limit, static):  # a request has an id first
        part.init_app(app)
    for view in (pages, api, explain, health, docs):
        app.register_blueprint(view.bp)
    return app


def create_app_or_exit() -> Flask:
    """Create the application, or end the process with one sentence about what is wrong."""
    try:
        app = create_app()
    except (ClassifierError, SettingsError) as error:
        sys.stderr.write(f"The app cannot start. {error}\n")
        sys.exit(CANNOT_START)
    os.environ.pop("SCRIPT_NAME", None)  # gunicorn would answer 500 to paths outside it
    return app
