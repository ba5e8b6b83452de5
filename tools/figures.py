"""Write the measured figures into docs/benchmarks.md, and a summary into README.md.

    python -m tools.figures

The figures come from models/report.json and benchmarks/results/*.json. In README.md the summary
stands between two markers.
"""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT, README = ROOT / "docs" / "benchmarks.md", ROOT / "README.md"
SUMMARY = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- /figures -->)", re.DOTALL)


def main() -> None:
    """Update both documents."""
    DOCUMENT.write_text(document())
    README.write_text(with_summary(README.read_text()))


def document() -> str:
    """Return the content of docs/benchmarks.md."""
    return _render("benchmarks.md")


def with_summary(readme: str) -> str:
    """Return the content of README.md with the current summary."""
    summary = _render("summary.md")
    return SUMMARY.sub(lambda _: summary, readme)


def _render(template: str) -> str:
    # Markdown is not HTML to be escaped.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "accuracy": _accuracy,
        "interval": _interval,
        "ms": lambda milliseconds: f"{milliseconds:,.1f} ms",
        "percent": _percent,
        "spread": _spread,
        "thousands": lambda number: f"{number:,.0f}",
        "upper_first": lambda text: text[:1].upper() + text[1:],
    }
    results = {
        path.stem: json.loads(path.read_text())
        for path in (ROOT / "benchmarks" / "results").glob("*.json")
    }
    report = json.loads((ROOT / "models" / "report.json").read_text())
    return environment.get_template(template).render(report=report, **results)


def _percent(share: float, decimals: int = 2) -> str:
    return f"{share:.{decimals}%}"


def _accuracy(score: dict[str, Any]) -> str:
    """Return an accuracy in bold type, with its confidence interval."""
    share, interval = _interval(score).split(" ", 1)
    return f"**{share}** {interval}"


def _interval(score: dict[str, Any]) -> str:
    """Return a share with its confidence interval."""
    low, high = score["interval"]
    return f"{score['accuracy']:.2%} ({low:.2%} to {high:.2%})"


def _spread(values: Any) -> str:
    """Return the mean and the standard deviation of some shares."""
    shares = list(values)
    return f"{statistics.mean(shares):.2%} ± {statistics.stdev(shares):.2%}"


if __name__ == "__main__":
    main()
