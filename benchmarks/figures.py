"""Writes the measured figures into the README.

    python -m benchmarks.figures

Everything between the two markers in README.md comes from here, out of models/report.json and
benchmarks/results/; a test holds the README to it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from benchmarks import results
from benchmarks.servers import ROOT

README = ROOT / "README.md"
MARKED = re.compile(
    r"(?<=<!-- figures: `make figures` writes them -->\n).*(?=<!-- /figures -->)", re.S
)


def main() -> None:
    """Brings the README up to date."""
    README.write_text(updated(README.read_text()))


def updated(readme: str) -> str:
    """Returns the README's text with today's figures in it."""
    report = json.loads((ROOT / "models" / "report.json").read_text())
    figures = f"\n{reading(report, results.read('strokes'))}\n{serving(results.read('serving'))}\n"
    return MARKED.sub(lambda _: figures, readme)


def reading(report: dict[str, Any], strokes: dict[str, Any]) -> str:
    """How well the committed model reads."""
    test, validation = report["accuracy"]["test"], report["accuracy"]["validation"]
    agree = report["litert_and_keras_agree"]
    same = agree["test"]["right"] + agree["validation"]["right"]
    compared = agree["test"]["images"] + agree["validation"]["images"]
    sizes, brushes = strokes["sizes"], strokes["brushes"]
    times = strokes["posted"] // strokes["drawings"]
    right, posted = strokes["right"], strokes["posted"]
    kilobytes = report["files"]["mnist-cnn.tflite"]["bytes"] / 1000
    rows = [
        "| How well it reads | | measured by |",
        "|---|---|---|",
        f"| MNIST, the {test['images']:,} test images, through LiteRT "
        f"| **{test['accuracy']:.2%}** ({test['right']:,}) | `make train` |",
        f"| MNIST, the {validation['images']:,} images that chose the checkpoint "
        f"| {validation['accuracy']:.2%} | `make train` |",
        f"| LiteRT and Keras give the same answer | {same:,} of {compared:,} | `make train` |",
        f"| Real pen strokes: {strokes['drawings']} drawings by Spanish writers, each drawn "
        f"{times} times on a canvas of {strokes['canvas']} pixels, the longer side {sizes[0]} to "
        f"{sizes[1]}, brush {brushes[0]} to {brushes[1]}, posted to the running app "
        f"| **{right / posted:.1%}** ({right:,} of {posted:,}) | `make strokes` |",
        "",
        f"The network has {report['network']['parameters']:,} parameters; its file, "
        f"{kilobytes:.0f} kB.",
        "The test images chose nothing; the strokes were watched while the augmentation was "
        "chosen.",
        "",
    ]
    return "\n".join(rows)


def serving(measured: dict[str, Any]) -> str:
    """How fast the app answers, beside others."""
    machine = measured["measured_on"]
    rows = [
        f"| Under gunicorn, {measured['workers']} workers, {measured['clients']} clients "
        "| requests/s | median | 99th percentile | memory a worker | ready after |",
        "|---|---|---|---|---|---|",
        *(
            f"| {name} | {each['requests_per_second']:,.0f} | {each['median_ms']:.1f} ms "
            f"| {each['p99_ms']:.1f} ms | {each['memory_mb_per_worker']:.0f} MB "
            f"| {each['seconds_to_ready']:.1f} s |"
            for name, each in measured["figures"].items()
        ),
        "",
        "`make bench` measures the three side by side: ours answers "
        f"**{measured['ours_to_naive']:.0f} times** as many requests as the usual way, and "
        f"{measured['ours_to_empty']:.0%} of what a server that does nothing answers.",
        "(Keras predict runs under gunicorn's default workers: it fails under gevent's.",
        f"Measured on a virtual machine with {machine['cores']} cores of {machine['processor']},",
        f"Python {machine['python']}, {machine['date']}; elsewhere only the ratios mean anything.)",
        "",
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
