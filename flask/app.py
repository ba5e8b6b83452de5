"""The web application.

python flask/app.py    the development server, on http://127.0.0.1:8000
gunicorn               the production server; see gunicorn.conf.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # so that `python flask/app.py` finds the library beside flask/
    sys.path.insert(0, str(ROOT))

import api
import assets
import encoding
import explain
import headers
import hosts
import metrics
import openapi
import operations
import pages
import problems
import rate_limit
import reference
from flask import Flask
from settings import Settings, SettingsError

from classifier import ClassifierError, HandwrittenDigitsClassifier

CANNOT_START = 4  # the status that has gunicorn end rather than try again with another worker


class App(Flask):
    """A Flask application without asynchronous functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Calls functions as they are: to ask each time takes longer than most of them."""
        return func


def create_app(
    settings: Settings | None = None, classifier: HandwrittenDigitsClassifier | None = None
) -> Flask:
    """Puts the application together.

    Args:
        settings: those of the environment if left out.
        classifier: one that has its model; if left out, one is made and takes up `settings.model`.

    Raises:
        SettingsError: the environment holds a setting that means nothing.
        ModelFileError: there is no usable model at `settings.model`, or not the right one.
    """
    settings = settings or Settings.from_environment()
    if classifier is None:
        classifier = HandwrittenDigitsClassifier()
        classifier.load_model(settings.model, settings.model_sha256)
    app = App(__name__, template_folder=ROOT / "templates", static_folder=None)
    app.json = encoding.Provider(app)
    # One byte more than allowed, for Werkzeug cuts a chunked body at the limit without a word: what
    # arrives with that byte was too large.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_bytes + 1
    app.extensions["classifier"] = classifier
    app.extensions["settings"] = settings
    problems.init_app(app)
    metrics.init_app(app)
    # In this order: a request has a name before it is refused; and whether it came by TLS, which
    # the headers depend on, is found out before all else.
    operations.init_app(app)
    headers.init_app(app)
    hosts.init_app(app)
    rate_limit.init_app(app)
    assets.init_app(app)
    app.register_blueprint(pages.bp)
    app.register_blueprint(api.bp)
    app.register_blueprint(explain.bp)
    app.register_blueprint(openapi.bp)
    app.register_blueprint(reference.bp)
    return app


def create_app_or_exit() -> Flask:
    """Returns the application, or ends the process with one sentence on why it cannot start."""
    try:
        return create_app()
    except (ClassifierError, SettingsError) as error:
        print(f"The app cannot start. {error}", file=sys.stderr)
        sys.exit(CANNOT_START)


def main() -> None:
    """Runs the development server, which sees changes to templates/ and static/ at once."""
    app = create_app_or_exit()
    app.jinja_env.auto_reload = True
    app.before_request(assets.read_again)
    settings: Settings = app.extensions["settings"]
    app.run(host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
