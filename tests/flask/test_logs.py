from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

import pytest
from app import create_app
from flask import Flask
from logs import JsonLine, network_of
from settings import Settings

from classifier import HandwrittenDigitsClassifier


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", None),  # a Unix socket's
        ("unknown", None),
        ('"\n', None),
    ],
)
def test_of_an_address_only_its_network_is_kept(address: str, network: str | None) -> None:
    assert network_of(address) == network


def test_a_line_tells_when_what_and_how_bad() -> None:
    record = logging.LogRecord("app", logging.WARNING, "", 0, "a %s\nof it", ("lot",), None)
    line = JsonLine().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert told["level"] == "warning"
    assert told["event"] == "a lot\nof it"
    assert datetime.fromisoformat(told["time"]).tzinfo == UTC


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\x85", "\x9b", "\u2028", '"', "\\"])
def test_nothing_breaks_out_of_a_line(character: str) -> None:
    record = logging.LogRecord("app", logging.INFO, "", 0, f"a{character}b", None, None)
    line = JsonLine().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["event"] == f"a{character}b"


def test_an_error_has_its_traceback_in_a_field() -> None:
    try:
        raise ValueError("of all things")
    except ValueError:
        record = logging.LogRecord("app", logging.ERROR, "", 0, "no", None, sys.exc_info())
    line = JsonLine().format(record)
    assert "\n" not in line
    assert json.loads(line)["traceback"].endswith("ValueError: of all things")


def test_what_the_app_logs_of_a_request_has_its_id(
    classifier: HandwrittenDigitsClassifier, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Settings(), classifier)
    app.add_url_rule("/fails", view_func=lambda: 1 / 0)
    response = app.test_client().get("/fails")
    (record,) = caplog.records
    told = json.loads(JsonLine().format(record))
    assert told["request_id"] == response.headers["X-Request-ID"]
    assert "ZeroDivisionError" in told["traceback"]


def notes(app: Flask, path: str, body: bytes) -> dict[str, object]:
    """What the app notes of a request, for the log."""
    noted: dict[str, object] = {}
    client = app.test_client()
    client.post(
        path, data=body, content_type="image/png", environ_overrides={"classifier.log": noted}
    )
    return noted


def test_the_app_notes_what_it_read_and_never_the_picture(
    classifier: HandwrittenDigitsClassifier, seven: bytes
) -> None:
    app = create_app(Settings(), classifier)
    noted = notes(app, "/predict", seven)
    assert noted.keys() == {"verdict", "confidence"}
    assert noted["verdict"] == "digit"
    assert notes(app, "/predict", b"no picture") == {"reason": "PictureError"}
