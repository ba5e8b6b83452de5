"""The measured figures in the documents."""

from __future__ import annotations

from tools import figures


def test_documents_have_the_current_figures() -> None:
    assert figures.DOCUMENT.read_text() == figures.document(), "Run `make figures`."
    readme = figures.README.read_text()
    assert "<!-- figures -->" in readme
    assert figures.with_summary(readme) == readme, "Run `make figures`."
