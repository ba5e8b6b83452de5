"""A real Chromium on a page served by a real gunicorn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from benchmarks.browser import chromium
from benchmarks.servers import Server, running

PATIENCE = 20_000  # milliseconds until what is waited for counts as missing, on a busy machine too
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with chromium(playwright) as browser:
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
    context.set_default_timeout(PATIENCE)
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


def settle(page: Page) -> None:
    """Waits until the whole drawing has been read: what it says before may be of less ink."""
    page.evaluate(
        """async (address) => {
            const { subject } = await import(address);
            while (subject.isExpected) {
                await new Promise((resolve) => {
                    subject.addEventListener("change", resolve, { once: true });
                });
            }
        }""",
        module(page, "subject.js"),
    )


def eventually(page: Page, condition: Callable[[], object]) -> None:
    """Waits until `condition` holds, while the browser goes on."""
    for _ in range(PATIENCE // 20):
        if condition():
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"Expected that it comes to hold, within {PATIENCE} milliseconds.")


def is_ours(complaint: str) -> bool:
    """The browser itself notes each request that failed; those tests bring about on purpose."""
    return not complaint.startswith("Failed to load resource")
