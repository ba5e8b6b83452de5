"""Writes the measured figures into the README.

    python -m benchmarks.figures

Everything between the two markers in README.md comes from here, out of models/report.json and
benchmarks/results/; a test holds the README to it.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
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
    for section, target in (("strokes", "strokes"), ("comparison", "comparison")):
        if section not in report:
            sys.exit(f"Expected {section} in models/report.json: run `make {target}` first.")
    parts = (reading(report), compared(report), serving(results.read("serving")))
    return MARKED.sub(lambda _: "\n" + "\n".join(parts) + "\n", readme)


def reading(report: dict[str, Any]) -> str:
    """How well the committed model reads, and knows what it cannot."""
    test, others, strokes = report["measured"]["test"], report["others"], report["strokes"]
    runs = [run["test"]["accuracy"] for run in report["runs"]]
    once = [run["one_look"]["accuracy"] for run in report["runs"]]
    if len(runs) < 2:
        sys.exit("Expected runs with several seeds in models/report.json: run `make seeds` first.")
    sizes, brushes = strokes["sizes"], strokes["brushes"]
    times = strokes["top_1"]["images"] // strokes["drawings"]
    kinds = [found for kind, found in others["kinds"].items() if kind != "unseen"]
    drawn, unsure = sum(k["drawings"] for k in kinds), sum(k["unsure"] for k in kinds)
    unseen = others["kinds"]["unseen"]
    agree = report["litert_and_keras_agree"].values()
    same, asked = sum(a["right"] for a in agree), sum(a["images"] for a in agree)
    kilobytes = report["files"]["mnist-cnn.tflite"]["bytes"] / 1000
    rows = [
        "| How well it reads | | measured by |",
        "|---|---|---|",
        f"| MNIST, the {test['images']:,} test images | {_with_interval(test)} | `make train` |",
        f"| the same, mean and standard deviation over {len(runs)} seeds "
        f"| {statistics.mean(runs):.2%} ± {statistics.stdev(runs):.2%} | `make seeds` |",
        f"| the same with one look instead of {report['looks']} "
        f"| {statistics.mean(once):.2%} ± {statistics.stdev(once):.2%} | `make seeds` |",
        f"| Real pen drawings: {strokes['drawings']} digits by {strokes['writers']} "
        f"Spanish writers, each drawn "
        f"{times} times on a canvas of {strokes['canvas']} pixels, the longer side {sizes[0]} to "
        f"{sizes[1]}, brush {brushes[0]} to {brushes[1]}, posted to the running app "
        f"| {_with_interval(strokes['top_1'])} | `make strokes` |",
        f"| of those, unsure of | {strokes['share_unsure']:.2%} | `make strokes` |",
        f"| right where it is sure | {_with_interval(strokes['answered'])} | `make strokes` |",
        "",
        "| How well it knows what it cannot | | measured by |",
        "|---|---|---|",
        f"| Real pen drawings of {' '.join(strokes['others']['labels'])}: unsure of "
        f"| **{strokes['others']['share_unsure']:.1%}** "
        f"(AUROC {strokes['others']['auroc']:.4f}) | `make strokes` |",
        f"| {drawn:,} synthesised letters, signs, scribbles and pairs of digits: unsure of "
        f"| **{unsure / drawn:.1%}** (AUROC {others['auroc']:.4f}) | `make train` |",
        f"| {unseen['drawings']:,} synthesised signs of kinds it never met: unsure of "
        f"| **{unseen['unsure'] / unseen['drawings']:.1%}** (AUROC {unseen['auroc']:.4f}) "
        "| `make train` |",
        f"| Calibration error (15 bins), MNIST's test images "
        f"| {test['calibration']['error']:.2%} | `make train` |",
        f"| the same, real pen drawings | {strokes['calibration']['error']:.2%} | `make strokes` |",
        "",
        "In brackets: the 95 % confidence interval (Wilson's).",
        f"The network has {report['network']['parameters']:,} parameters, the one that tells what "
        f"is no digit {report['network']['rejection_parameters']:,}; the file of both, "
        f"{kilobytes:.0f} kB. LiteRT and Keras give the same answer to {same:,} of {asked:,} "
        "images.",
        "The test images chose nothing; the real drawings were watched while the recipe was "
        "chosen, and never trained on. The app's page on the network shows more.",
        "",
    ]
    return "\n".join(rows)


def compared(report: dict[str, Any]) -> str:
    """This network beside the same one trained plainly."""
    rows = [
        "| The same network (`make comparison`) | MNIST, test | real pen drawings "
        "| no digit, yet named |",
        "|---|---|---|---|",
        *(
            f"| {row['name']} | {row['mnist']['accuracy']:.2%} | {row['strokes']['accuracy']:.2%} "
            f"| {row['others_named']:.1%} |"
            for row in report["comparison"]
        ),
        "",
    ]
    return "\n".join(rows)


def _with_interval(score: dict[str, Any]) -> str:
    low, high = score["interval"]
    return f"**{score['accuracy']:.2%}** ({low:.2%} to {high:.2%})"


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
