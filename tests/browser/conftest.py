"""A real Chromium on a page served by a real gunicorn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.browser import chromium
from benchmarks.servers import Server, running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The page, freshly opened; whatever it complains of in the console fails the test."""
    yield from opened(browser, server.address)


def opened(browser: Browser, address: str, **options: object) -> Iterator[Page]:
    options = {"viewport": {"width": 1000, "height": 800}, **options}
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if is_ours(message.text) else None,
    )
    page.goto(address)
    yield page
    context.close()
    assert complaints == []


def module(page: Page, name: str) -> str:
    """The address of one of the page's modules, by which a test meets the page's own."""
    address: str = page.locator(f'link[rel="modulepreload"][href$="/{name}"]').evaluate(
        "link => link.href"
    )
    return address


def is_ours(complaint: str) -> bool:
    """The browser itself notes each request that failed; those tests bring about on purpose."""
    return not complaint.startswith("Failed to load resource")
