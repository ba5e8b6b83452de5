"""A real Chromium on the page, which a threaded server in the tests' own process serves."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import request
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from webapp import create_app
from webapp.settings import Settings
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from classifier import HandwrittenDigitsClassifier

TIMEOUT = 20_000  # milliseconds, for busy machines
DESKTOP = {"viewport": {"width": 1000, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
PREFIX = "/digits"
# The first is Chromium without a window system, which starts faster.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
Visit = Callable[..., Page]
Posted = Callable[[str], list[bytes]]

contexts: dict[str, BrowserContext] = {}  # for each set of options; each caches static files
requests: list[tuple[str, bytes]] = []  # the path and the body of each
expect.set_options(timeout=TIMEOUT)


class RequestHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections alive

    def log(self, *_: object) -> None:
        """Keep the output of the tests short."""


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=next(filter(None, map(shutil.which, BROWSERS)), None),
        args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
    )
    yield browser
    browser.close()


@pytest.fixture
def posted() -> Posted:
    """A function that returns the pictures posted to a path since the test began."""
    requests.clear()
    return lambda path: [body for to, body in requests if to == path]


@pytest.fixture(scope="session")
def address(classifier: HandwrittenDigitsClassifier) -> Iterator[str]:
    """The address of the application, which is also served below PREFIX."""
    app = create_app(Settings(rate_limit=""), classifier)
    app.before_request(lambda: requests.append((request.path, request.get_data())))
    mounted = DispatcherMiddleware(app, {PREFIX: app})
    server = make_server("127.0.0.1", 0, mounted, threaded=True, request_handler=RequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """A function that opens a page; an error in its console fails the test."""
    errors: list[str] = []
    with contextlib.ExitStack() as stack:

        def visit(path: str = "/", *, is_alone: bool = False, **options: Any) -> Page:
            """Open a page; alone, in a browser context with a cache and a clock of its own."""
            context = None if is_alone else contexts.get(repr(options))
            if context is None:
                context = browser.new_context(**{**DESKTOP, **options})
                context.set_default_timeout(TIMEOUT)
                if is_alone:
                    stack.callback(context.close)
                else:
                    contexts[repr(options)] = context
            page = context.new_page()
            stack.callback(page.close)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda message: errors.append(message.text))
            page.goto(path if ":" in path else address + path)
            return page

        yield visit
    # The browser itself reports failed requests, which some tests cause on purpose.
    assert [error for error in errors if not error.startswith("Failed to load resource")] == []


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page to draw on, in a window of 1000 x 800 pixels."""
    return visit()


@pytest.fixture
def phone(visit: Visit) -> Page:
    """The page to draw on, on a phone of 360 x 740 pixels."""
    return visit(**PHONE)
