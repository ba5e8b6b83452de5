"""Plot the figures of a report, for light and for dark pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from classifier.learning.data import Mnist
from classifier.learning.synthesis import synthesise_digits, synthesise_non_digits

WIDTH = 5.2  # inches: text of 10 points stays legible on a phone
EXAMPLES_SEED = 2026
GLOBAL_STYLE = re.compile(r"\s*<defs>\s*<style[^>]*>\*{(.*?)}</style>\s*</defs>")


@dataclass(frozen=True)
class Theme:
    """The colours of static/css/base.css."""

    name: str
    paper: str
    text: str
    faint: str  # for decorative lines
    muted: str
    ink: str
    red: str


THEMES = (
    Theme("light", "#fdfcf7", "#23262e", "#c9c1ae", "#595d68", "#22386b", "#b3261e"),
    Theme("dark", "#1d222b", "#e9e7e1", "#3b4452", "#a5abb6", "#a9c4ff", "#ff9389"),
)


def plot(report: dict[str, Any], data: Mnist, folder: Path) -> None:
    """Write the plots of `report` into a new `folder`, as NAME-light.svg and NAME-dark.svg."""
    folder.mkdir()
    plots: dict[str, Callable[[Theme], Figure]] = {
        "confusion": lambda theme: confusion(report["measured"]["test"], theme),
        "per-digit": lambda theme: per_digit(report["measured"], theme),
        "reliability": lambda theme: reliability(report["measured"], theme),
        "hardest": lambda theme: hardest(report["hardest"], data, theme),
        "synthesis": synthesis,
        "others": non_digits,
    }
    if report["training"]["history"]:
        plots["learning"] = lambda theme: learning(report["training"]["history"], theme)
    for name, draw in plots.items():
        for theme in THEMES:
            with matplotlib.rc_context(_style(theme)):
                figure = draw(theme)
                path = folder / f"{name}-{theme.name}.svg"
                figure.savefig(path, metadata={"Date": None})
            path.write_text(without_styles(path.read_text()))


def without_styles(svg: str) -> str:
    """Turn Matplotlib's inline styles, which the app's policy forbids, into attributes."""
    rule = GLOBAL_STYLE.search(svg)
    if rule is None:
        raise ValueError("Expected one global style in a plot, as Matplotlib writes it.")
    # The root's attributes are inherited, as the rule for all elements was.
    root = f'version="1.1" {_attributes(rule[1])}>'
    svg = svg.replace(rule[0], "").replace('version="1.1">', root, 1)
    return re.sub(r'style="([^"]*)"', lambda style: _attributes(style[1]), svg)


def _attributes(style: str) -> str:
    # Of a repeated property the last one counts, as in browsers.
    properties = dict(each.split(":", 1) for each in style.split(";") if each.strip())
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, value in properties.items())


def learning(history: dict[str, list[float]], theme: Theme) -> Figure:
    """Plot the loss and the error rate after each epoch."""
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    top, bottom = figure.subplots(2, sharex=True)
    epochs = range(1, len(history["loss"]) + 1)
    for axes, name, factor in ((top, "loss", 1.0), (bottom, "accuracy", 100.0)):
        for prefix, colour, dashes, label in (
            ("", theme.ink, "-", "training"),
            ("val_", theme.red, "--", "MNIST validation"),
        ):
            values = np.array(history[prefix + name])
            shown = values if name == "loss" else factor * (1 - values)
            axes.plot(epochs, shown, color=colour, linestyle=dashes, label=label)
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
    bottom.locator_params(axis="x", integer=True)
    top.set_ylabel("loss")
    bottom.set_ylabel("misread, %")
    bottom.set_xlabel("epoch")
    top.legend(frameon=False)
    return figure


def confusion(measured: dict[str, Any], theme: Theme) -> Figure:
    """Plot the answers to each digit. Only wrong answers are coloured."""
    figure = Figure(figsize=(WIDTH, WIDTH), layout="constrained")
    axes = figure.subplots()
    counts = np.array(measured["confusion"])
    wrong = counts * (1 - np.eye(10, dtype=int))
    shades = LinearSegmentedColormap.from_list("", [theme.paper, theme.red])
    axes.imshow(wrong, cmap=shades, vmin=0, vmax=max(wrong.max(), 1) * 1.6)
    for row in range(10):
        for column in range(10):
            right = row == column
            axes.text(
                column,
                row,
                str(counts[row, column]) if counts[row, column] else "·",
                ha="center",
                va="center",
                fontsize=8 if right else 10,
                color=theme.ink if right else theme.text if wrong[row, column] else theme.faint,
            )
    axes.set_xticks(range(10))
    axes.set_yticks(range(10))
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("answered")
    axes.set_ylabel("was a")
    return figure


def per_digit(measured: dict[str, Any], theme: Theme) -> Figure:
    """Plot the error rate of each digit."""
    figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
    axes = figure.subplots()
    parts = (("test", "MNIST test", theme.ink, -0.2), ("synthetic", "synthesis", theme.muted, 0.2))
    for part, label, colour, shift in parts:
        counts = np.array(measured[part]["confusion"])
        errors = 100 * (1 - counts.diagonal() / np.maximum(counts.sum(axis=1), 1))
        axes.bar(np.arange(10) + shift, errors, 0.38, color=colour, label=label)
    axes.set_xticks(range(10))
    axes.set_xlabel("digit")
    axes.set_ylabel("misread, %")
    axes.legend(frameon=False, ncols=2)
    axes.margins(y=0.2)
    return figure


def reliability(measured: dict[str, Any], theme: Theme) -> Figure:
    """Plot how often answers of each confidence are right."""
    figure = Figure(figsize=(WIDTH, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot((0, 100), (0, 100), color=theme.muted, label="ideal")
    parts = (("test", "MNIST test", theme.ink, "o"), ("synthetic", "synthesis", theme.red, "s"))
    for part, label, colour, marker in parts:
        bins = measured[part]["calibration"]["bins"]
        axes.scatter(
            [100 * each["confidence"] for each in bins],
            [100 * each["accuracy"] for each in bins],
            # The area grows slowly with the number of images, most of which are in the last bin.
            [14 + 9 * each["images"] ** 0.4 for each in bins],
            color=colour,
            marker=marker,
            alpha=0.85,
            label=label,
        )
    axes.set_xlabel("confidence, %")
    axes.set_ylabel("answers that are right, %")
    axes.legend(frameon=False, loc="lower right", markerscale=0.6)
    return figure


def hardest(described: list[dict[str, Any]], data: Mnist, theme: Theme) -> Figure:
    """Show the test images whose label seemed least likely."""
    images = data.test.images[[each["image"] for each in described], ..., 0]
    titles = [
        (f"{each['label']} → {each['answer']}", theme.red)
        if each["answer"] != each["label"]
        else (f"{each['label']}  {100 * each['confidence']:.0f}%", theme.text)
        for each in described
    ]
    return _gallery(images, 6, theme, titles)


def synthesis(theme: Theme) -> Figure:
    """Show ten of each digit by random writers."""
    images, labels = synthesise_digits(100, EXAMPLES_SEED)
    order = np.argsort(labels, kind="stable")
    return _gallery(images[order, ..., 0], 10, theme)


def non_digits(theme: Theme) -> Figure:
    """Show drawings that are not digits."""
    return _gallery(synthesise_non_digits(40, EXAMPLES_SEED)[..., 0], 10, theme)


def _gallery(
    images: NDArray[np.float32],
    columns: int,
    theme: Theme,
    titles: Sequence[tuple[str, str]] = (),  # and their colours
) -> Figure:
    rows = -(-len(images) // columns)
    height = WIDTH / columns * rows * (1.28 if titles else 1.0)
    layout = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, wspace=0.0, hspace=0.0)
    figure = Figure(figsize=(WIDTH, height), layout=layout)
    shades = LinearSegmentedColormap.from_list("", [theme.paper, theme.ink])
    grid: list[Axes] = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in grid:
        axes.axis("off")
    for axes, image in zip(grid, images, strict=False):
        axes.imshow(image, cmap=shades, vmin=0, vmax=1, interpolation="none")
    for axes, (title, colour) in zip(grid, titles, strict=False):
        axes.set_title(title, fontsize=9, color=colour, pad=2)
    return figure


def _style(theme: Theme) -> Any:  # Matplotlib's type lists its 300 settings
    return {
        "font.size": 10,
        "font.family": "DejaVu Sans",  # comes with Matplotlib
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.hashsalt": "mnist-cnn",  # so that the same report gives the same file
        "svg.fonttype": "path",
        "figure.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "text.color": theme.text,
        "axes.labelcolor": theme.text,
        "axes.edgecolor": theme.faint,
        "xtick.color": theme.text,
        "ytick.color": theme.text,
    }
