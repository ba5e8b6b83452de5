"""The web application: the pages, and the API that their scripts and other programs call."""

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

CANNOT_START = 4  # gunicorn's exit status for an app that cannot load; it then stops
MAX_FORM_PARTS = 100  # the application reads only one


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
        classifier: with a model; if omitted, one that loads `settings.model`.

    Raises:
        SettingsError: an environment variable has an invalid value.
        ModelFileError: `settings.model` is not a model, or has another SHA-256 than expected.
    """
    settings = settings or Settings.from_environment()
    if classifier is None:
        classifier = HandwrittenDigitsClassifier()
        classifier.load_model(settings.model, settings.model_sha256.lower() or None)
    app = Flask(__name__, template_folder=ROOT / "templates", static_folder=None)
    app.request_class = Request
    app.json = JSONProvider(app)
    # Werkzeug truncates a chunked body at the limit without an error. With one more byte allowed, a
    # body that reaches this limit is known to be too large.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_bytes + 1
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.extensions["classifier"] = classifier
    app.extensions["settings"] = settings
    # Telemetry comes before all that refuses requests, because it sets the request ID.
    for part in (errors, telemetry, security, rate_limit, static):
        part.init_app(app)
    for view in (pages, api, explain, health, docs):
        app.register_blueprint(view.bp)
    return app


def create_app_or_exit() -> Flask:
    """Create the application, or exit with one sentence that says what is wrong."""
    try:
        app = create_app()
    except (ClassifierError, SettingsError) as error:
        sys.stderr.write(f"The app cannot start. {error}\n")
        sys.exit(CANNOT_START)
    os.environ.pop("SCRIPT_NAME", None)  # with it, gunicorn answers 500 to other paths
    return app
