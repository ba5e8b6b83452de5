"""The measured figures in the documents."""

from __future__ import annotations

from tools import figures


def test_benchmarks_are_current() -> None:
    assert figures.DOCUMENT.read_text() == figures.document(), "Run `make figures`."


def test_summary_in_the_readme_is_current() -> None:
    readme = figures.README.read_text()
    assert "<!-- figures -->" in readme
    assert figures.with_summary(readme) == readme, "Run `make figures`."
