"""What the chapters below the answer ask the server."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page


class Posted:
    """What the page posts from now on; Playwright itself does not tell the bytes of a Blob."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(
            """() => {
                window.posted = [];
                const fetch = window.fetch;
                window.fetch = (url, options) => {
                    if (options?.body) posted.push({ url, body: options.body });
                    return fetch(url, options);
                };
            }"""
        )

    def urls(self, path: str) -> list[str]:
        """The addresses below `path`, in order."""
        urls: list[str] = self._page.evaluate("() => posted.map(({ url }) => url)")
        return [url for url in urls if url.startswith(path)]

    def pictures(self, path: str) -> list[bytes]:
        """What was posted to them."""
        pictures = self._page.evaluate(
            """(path) => Promise.all(posted.filter(({ url }) => url.startsWith(path)).map(
                async ({ body }) => btoa(String.fromCharCode(
                    ...new Uint8Array(await body.arrayBuffer())))))""",
            path,
        )
        return [base64.b64decode(picture) for picture in pictures]

    def sheet(self, path: str) -> tuple[float, float, float, float]:
        """The sheet that the newest of them names."""
        query = parse_qs(urlsplit(self.urls(path)[-1]).query)
        left, top, width, height = (float(each) for each in query["sheet"][0].split(","))
        return left, top, width, height
