"""Collect the figures of trainings that differ only in the seed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from classifier.errors import ModelFileError
from classifier.network.artifact import REPORT_FILE, read_report
from classifier.parameters import Parameters


def check_run(folder: Path, parameters: Parameters) -> None:
    """Raise a ModelFileError unless the report in `folder` differs only in the seed."""
    reported: dict[str, Any] = (read_report(folder) or {}).get("parameters") or {}
    if not _same_but_seed(reported, plain(parameters)) or reported["seed"] == parameters.seed:
        raise ModelFileError(
            f"Expected a report in {folder} on the same parameters with another seed than "
            f"{parameters.seed}, received {reported or 'none'}."
        )


def add_run(folder: Path, report: dict[str, Any]) -> None:
    """Add the figures of `report`, on another seed, to the report in `folder`."""
    standing = read_report(folder) or {}
    unfinished = folder / f".unfinished-{REPORT_FILE}"
    unfinished.write_text(as_json({**standing, "runs": runs_with(standing, report)}))
    unfinished.replace(folder / REPORT_FILE)


def runs_with(previous: dict[str, Any] | None, report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return this run and those of `previous` that differ only in the seed, sorted by seed."""
    if report["parameters"] is None:
        return []
    seed = report["parameters"]["seed"]
    runs = []
    if previous and _same_but_seed(previous.get("parameters"), report["parameters"]):
        runs = [run for run in previous.get("runs", []) if run["seed"] != seed]
    runs.append(
        {
            "seed": seed,
            "seconds": sum(report["training"]["history"]["seconds"]),
            **{name: _summary(measured) for name, measured in report["measured"].items()},
            "others": {"auroc": report["others"]["auroc"]},
            "one_look": report["one_look"]["test"],
            "sure": report["sure"],
        }
    )
    return sorted(runs, key=lambda run: run["seed"])


def plain(parameters: Parameters) -> dict[str, Any]:
    """Return the parameters as a JSON file gives them back."""
    result: dict[str, Any] = json.loads(json.dumps(asdict(parameters)))
    return result


def as_json(report: dict[str, Any]) -> str:
    """Return the contents of a report's file."""
    return json.dumps(report, indent=2) + "\n"


def _same_but_seed(one: dict[str, Any] | None, other: dict[str, Any]) -> bool:
    return one is not None and {**one, "seed": 0} == {**other, "seed": 0}


def _summary(measured: dict[str, Any]) -> dict[str, Any]:
    names = ("images", "right", "accuracy", "log_loss", "unsure")
    kept = {name: measured[name] for name in names}
    return {**kept, "calibration_error": measured["calibration"]["error"]}
