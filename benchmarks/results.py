"""Where measurements are kept, for the README to quote."""

from __future__ import annotations

import datetime
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "results"
REPORT = Path(__file__).resolve().parents[1] / "models" / "report.json"


def write(name: str, measured: dict[str, Any]) -> None:
    """Keeps a measurement, with when and on what it was made."""
    FOLDER.mkdir(exist_ok=True)
    machine = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    content = json.dumps({"measured_on": machine, **measured}, indent=2)
    (FOLDER / f"{name}.json").write_text(content + "\n")


def read(name: str) -> dict[str, Any]:
    """Returns a measurement that was kept."""
    measured: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return measured


def add_to_report(name: str, measured: Any) -> None:
    """Puts a measurement of the network in models/ into the report on it."""
    report = json.loads(REPORT.read_text())
    unfinished = REPORT.with_suffix(".unfinished")
    unfinished.write_text(json.dumps({**report, name: measured}, indent=2) + "\n")
    unfinished.replace(REPORT)


def check_network(sha256: str) -> None:
    """Ends the program unless that is the network that models/report.json describes."""
    described = json.loads(REPORT.read_text())["files"]["mnist-cnn.tflite"]["sha256"]
    if sha256 != described:
        sys.exit(
            f"Expected the network that models/report.json describes, {described[:12]}, received "
            f"{sha256[:12]}. Is MODEL set?"
        )


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
