"""Write and read the results of benchmarks, benchmarks/results/*.json."""

from __future__ import annotations

import datetime
import json
import os
import platform
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "results"


def write(name: str, measured: dict[str, Any]) -> None:
    """Write results, with the date and the machine they were measured on."""
    machine = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    content = json.dumps({"measured_on": machine, **measured}, indent=2)
    (FOLDER / f"{name}.json").write_text(content + "\n")


def read(name: str) -> dict[str, Any]:
    """Read results."""
    measured: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return measured


def _processor() -> str:
    """Return the name of the processor, if the system knows it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
