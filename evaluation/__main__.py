"""Measure how well the network in models/ reads.

    python -m evaluation mnist
    python -m evaluation real ../shared/real
    python -m evaluation strokes ../shared/strokes/development.json

The results are printed and added to models/report.json. evaluation/real.py describes the folder,
evaluation/drawings.py the file. MNIST comes from TensorFlow Datasets.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from classifier import HandwrittenDigitsClassifier
from evaluation import comparison, mnist, numbers, photographs, real, robustness, strokes
from evaluation.drawings import load_drawings

REPORT = Path(__file__).resolve().parents[1] / "models" / "report.json"
MEASUREMENTS = {
    "strokes": strokes.measure,
    "numbers": numbers.measure,
    "photographs": photographs.measure,
    "robustness": robustness.measure,
    "comparison": comparison.measure,
}


def main() -> None:
    """Run one measurement and add the results to the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measurement", choices=["mnist", "real", *MEASUREMENTS])
    parser.add_argument(
        "source", type=Path, nargs="?", help="a folder of real handwriting, or drawings as JSON"
    )
    options = parser.parse_args()
    if (options.source is None) != (options.measurement == "mnist"):
        parser.error("Expected a folder or a file for every measurement but mnist.")

    classifier = HandwrittenDigitsClassifier()
    classifier.load_model()
    results: Any
    if options.measurement == "mnist":
        results = mnist.measure(classifier)
    elif options.measurement == "real":
        results = real.measure(classifier, options.source)
    else:
        results = MEASUREMENTS[options.measurement](classifier, load_drawings(options.source))
    add_to_report(options.measurement, results, classifier.network.sha256)
    print(json.dumps(results, indent=2))


def add_to_report(name: str, results: object, sha256: str) -> None:
    """Write results to models/report.json, if that describes the network they were measured on."""
    report = json.loads(REPORT.read_text())
    reported = report["files"]["mnist-cnn.tflite"]["sha256"]
    if sha256 != reported:
        sys.exit(f"Expected the network of the report, {reported}, received {sha256}.")
    unfinished = REPORT.with_suffix(".unfinished")
    unfinished.write_text(json.dumps({**report, name: results}, indent=2) + "\n")
    unfinished.replace(REPORT)


if __name__ == "__main__":
    main()
