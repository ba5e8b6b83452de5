"""Writes the measured figures into the README.

    python -m tools.figures

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
    for section in ("strokes", "photographs", "comparison", "robustness"):
        if section not in report:
            sys.exit(f"Expected {section} in models/report.json: run `make {section}` first.")
    parts = (
        reading(report),
        robust(report),
        compared(report),
        serving(results.read("serving")),
        explanations(results.read("explanations")),
        load(results.read("load")),
        steps(results.read("steps")),
        page(results.read("page")),
        pictures(results.read("pictures")),
    )
    return MARKED.sub(lambda _: "\n" + "\n".join(parts) + "\n", readme)


def reading(report: dict[str, Any]) -> str:
    """How well the committed model reads, and knows what it cannot."""
    test, others, strokes = report["measured"]["test"], report["others"], report["strokes"]
    runs = [run["test"]["accuracy"] for run in report["runs"]]
    once = [run["one_look"]["accuracy"] for run in report["runs"]]
    if len(runs) < 2:
        sys.exit("Expected runs with several seeds in models/report.json: run `make seeds` first.")
    # Measured before the first look could be the answer.
    always = sum("sure" not in run for run in report["runs"])
    more_looks = f" ({always} of them with {report['looks']} looks at all)" if always else ""
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
        f"| the same, mean and standard deviation over {len(runs)} seeds{more_looks} "
        f"| {statistics.mean(runs):.2%} ± {statistics.stdev(runs):.2%} | `make seeds` |",
        f"| the same with one look at most, instead of {report['looks']} "
        f"| {statistics.mean(once):.2%} ± {statistics.stdev(once):.2%} | `make seeds` |",
        f"| test images of which one look is sure enough "
        f"| {report['one_look_is_sure']['test']:.1%} | `make train` |",
        f"| Real pen drawings: {strokes['drawings']} digits by {strokes['writers']} "
        f"Spanish writers, each drawn "
        f"{times} times on a canvas of {strokes['canvas']} pixels, the longer side {sizes[0]} to "
        f"{sizes[1]}, brush {brushes[0]} to {brushes[1]}, posted to the running app "
        f"| {_with_interval(strokes['top_1'])} | `make strokes` |",
        f"| of those, unsure of | {strokes['share_unsure']:.2%} | `make strokes` |",
        f"| right where it is sure | {_with_interval(strokes['answered'])} | `make strokes` |",
        *_numbers(report["numbers"]),
        *_photographs(report["photographs"]),
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


def robust(report: dict[str, Any]) -> str:
    """How often a drawing keeps its answer where brush, size or place change a little."""
    measured = report["robustness"]

    def row(ladder: str, what: str) -> str:
        kept = measured[ladder]
        return f"| {what} | {kept['same_digit']:.2%} | {kept['same_verdict']:.2%} |"

    brush, size = (measured[ladder]["settings"] for ladder in ("brush", "size"))
    rows = [
        f"| The same {measured['drawings']} drawings, from one setting to the next "
        "(`make robustness`) | same digit | same verdict |",
        "|---|---|---|",
        row("brush", f"brush from {brush[0]['name']} to {brush[-1]['name']} pixels"),
        row("size", f"size from {size[0]['name']} to {size[-1]['name']} pixels"),
        row("place", "place: the middle and the four corners"),
        "",
    ]
    return "\n".join(rows)


def _numbers(measured: dict[str, Any]) -> list[str]:
    """Several digits in one picture."""
    (fewest, most), kinds, single = measured["digits"], measured["kinds"], measured["single"]
    return [
        f"| Numbers of {fewest} to {most} of these digits by one writer, all of it right; with "
        f"natural gaps | {_with_interval(kinds['natural'])} | `make numbers` |",
        f"| with tight gaps | {_with_interval(kinds['tight'])} | `make numbers` |",
        f"| where each digit touches the next | {_with_interval(kinds['touching'])} "
        "| `make numbers` |",
        f"| single digits read as numbers | {single['numbers']} of {single['images']:,} "
        "| `make numbers` |",
    ]


def _photographs(measured: dict[str, Any]) -> list[str]:
    """Digits and empty pages as a camera would see them."""
    above, turned, blank = measured["from_above"], measured["turned"], measured["empty"]["blank"]
    return [
        f"| The same {measured['drawings']} drawings in imitated photographs, on plain, ruled or "
        f"squared paper or a blackboard, as JPEG of quality {measured['jpeg_quality']} "
        f"| {_with_interval(above['top_1'])} | `make photographs` |",
        f"| the same, turned by up to {measured['turn']:.0f} degrees and in perspective "
        f"| {_with_interval(turned['top_1'])} | `make photographs` |",
        f"| of both, unsure of, or taken for empty "
        f"| {_share_unsure(above, turned):.2%} | `make photographs` |",
        f"| {blank['images']} such photographs of empty pages: seen to be empty "
        f"| {_with_interval(blank)} | `make photographs` |",
    ]


def _share_unsure(*parts: dict[str, Any]) -> float:
    unsure = sum(part["unsure"] + part["blank"] for part in parts)
    return float(unsure / sum(part["top_1"]["images"] for part in parts))


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
    machine, cores = measured["measured_on"], measured["server_cores"]
    rows = [
        f"| Under gunicorn, {measured['workers']} workers on {cores} core{'s' if cores > 1 else ''}"
        f", {measured['clients']} clients "
        "| requests/s | median | 99th percentile | memory a worker | ready after |",
        "|---|---|---|---|---|---|",
        *(
            f"| {name} | {each['requests_per_second']:,.0f} | {each['median_ms']:.1f} ms "
            f"| {each['p99_ms']:.1f} ms | {each['memory_mb_per_worker']:.0f} MB "
            f"| {each['seconds_to_ready']:.1f} s |"
            for name, each in measured["figures"].items()
        ),
        "",
        f"`make bench` measures them side by side, with {measured['drawings']} drawings as the "
        f"page posts them: ours answers **{measured['ours_to_naive']:.0f} times** as many requests "
        f"as the usual way, and **{measured['ours_to_empty']:.0%}** of what a server that does "
        "nothing answers. Its 99th percentile is "
        f"**{measured['p99_to_median']:.1f} times** its median.",
        "(Keras predict runs under gunicorn's default workers: it fails under gevent's.",
        f"{_machine(measured)}",
        f"Python {machine['python']}, {machine['date']}; elsewhere only the ratios mean anything.)",
        "",
    ]
    return "\n".join(rows)


def _machine(measured: dict[str, Any]) -> str:
    machine = measured["measured_on"]
    where = "on cores of their own" if measured["clients_on_other_cores"] else "on the same cores"
    return (
        f"Measured on a virtual machine with {machine['cores']} cores of {machine['processor']}, "
        f"the clients {where},"
    )


def explanations(measured: dict[str, Any]) -> str:
    """What explanations cost those who only want an answer."""
    machine, alone, beside = measured["measured_on"], measured["alone"], measured["beside"]
    rows = [
        f"| Plain answers, {measured['workers']} workers, {measured['clients']} clients "
        "(`make bench`) | median | 99th percentile |",
        "|---|---|---|",
        *(
            f"| {name} | {each['median_ms']:.1f} ms | {each['p99_ms']:.1f} ms |"
            for name, each in (
                ("alone", alone),
                ("beside a client that asks for explanations without a pause", beside),
            )
        ),
        "",
        f"(On {machine['cores']} cores of {machine['processor']}, {machine['date']}.)",
        "",
    ]
    return "\n".join(rows)


def load(measured: dict[str, Any]) -> str:
    """What becomes of requests under load."""
    machine, crowded = measured["measured_on"], measured["overload"]
    answered = ("requests_per_second", "median_ms", "p95_ms", "p99_ms", "max_ms")
    rows = [
        f"| POST /predict, {measured['workers']} workers on {measured['server_cores']} cores "
        "(`make load`) | requests/s | median | 95% | 99% | longest |",
        "|---|---|---|---|---|---|",
    ]
    for each in (*measured["steady"], {"stalled": 0, **crowded}):
        name = f"{each['clients']} client{'s' if each['clients'] > 1 else ''}"
        if each["stalled"]:
            name += f", {each['stalled']} more that stall"
        rate, *times = (each[figure] for figure in answered)
        rows.append(f"| {name} | {rate:,.0f} | {' | '.join(f'{t:,.1f} ms' for t in times)} |")
    if crowded["shed"]:
        rows[-1] = rows[-1].replace(" clients |", f" clients, {_shed(crowded)} |")
    clients = measured["clients_under_load"]
    rows += [
        "",
        f"| Beside {clients} clients, {len(measured['stopped'])} times each (`make load`) "
        "| requests lost | over after |",
        "|---|---|---|",
        _end("the server is stopped (SIGTERM)", measured["stopped"], ""),
        _end("all workers are replaced (SIGHUP)", measured["reloaded"], ""),
        _end(
            "a worker is killed (SIGKILL)",
            measured["killed"],
            f", which had {sum(each['in_hand'] for each in measured['killed'])} in hand",
        ),
        "",
        "(Stalled clients stop in the middle of their body, of their head, or of reading. "
        f"{_machine(measured)} {machine['date']}.)",
        "",
    ]
    return "\n".join(rows)


def _shed(crowded: dict[str, Any]) -> str:
    everybody = crowded["answered"] + crowded["shed"]
    return f"{crowded['shed'] / everybody:.0%} of requests refused with 503"


def _end(name: str, times: list[dict[str, Any]], in_hand: str) -> str:
    lost, answered = (sum(each[fate] for each in times) for fate in ("lost", "answered"))
    return (
        f"| {name} | **{lost}** of {lost + answered:,}{in_hand} "
        f"| {max(each['seconds'] for each in times):.1f} s |"
    )


def steps(measured: dict[str, Any]) -> str:
    """Where the time of one answer goes."""
    machine = measured["measured_on"]
    *parts, whole = measured["milliseconds"].items()
    rows = [
        "| One answer inside the library, from the bytes of a PNG as the page posts it to the "
        "prediction (`make bench`) | median |",
        "|---|---|",
        *(f"| {step} | {milliseconds:.2f} ms |" for step, milliseconds in parts),
        f"| {whole[0]} | **{whole[1]:.2f} ms** |",
        "",
        f"(On one core of {machine['processor']}, {machine['date']}.)",
        "",
    ]
    return "\n".join(rows)


def page(measured: dict[str, Any]) -> str:
    """How fast the page is for whoever draws on it, and how large."""
    machine, answered = measured["measured_on"], measured["milliseconds_to_answer"]
    script, cores = measured["milliseconds_of_script_in_a_frame"], measured["cores"]
    rows = [
        "| The page in Chromium, on a server of the same machine (`make page`) | |",
        "|---|---|",
        f"| From lifting the pointer to the answer on the page: median of {measured['digits']} "
        f"digits | **{answered['median']:.0f} ms** |",
        f"| the slowest of them | {answered['worst']:.0f} ms |",
        f"| Script in a frame while a mouse draws, {measured['events_per_second']} events a "
        f"second: the longest of {measured['frames']:,} | {script['worst']:.1f} ms |",
        f"| the longest by the processor's own clock | {script['worst_on_processor']:.1f} ms |",
        f"| 99 of 100 frames: at most | {script['p99']:.1f} ms |",
        f"| frames with more than {measured['milliseconds_of_a_frame']:.0f} ms of it "
        f"| {measured['frames_lost_to_script']} |",
        "| Bytes of all that the page loads, compressed as they are sent "
        f"| **{measured['bytes']['all']:,}** |",
        "",
        f"(Chromium {measured['chromium']} without a window or a graphics card, with the server on "
        f"{cores} core{'s' if cores > 1 else ''} of {machine['processor']} with a load average of "
        f"{measured['load_average_before']:.1f} beforehand, {machine['date']}: what else runs "
        "there lengthens all times but those by the processor's own clock.)",
        "",
    ]
    return "\n".join(rows)


def pictures(measured: dict[str, Any]) -> str:
    """How fast the command reads a folder, beside Pillow that only decodes it."""
    machine, rates = measured["measured_on"], measured["pictures_per_second"]
    cores = measured["cores"]
    rows = [
        f"| {measured['pictures']:,} PNG files of {measured['side']}x{measured['side']} pixels "
        "(`make pictures`) | pictures/s |",
        "|---|---|",
        f"| `python -m classifier`, {cores} core{'s' if cores > 1 else ''}, its start included "
        f"| {rates['text']:,.0f} |",
        f"| the same with `--json` | {rates['json']:,.0f} |",
        f"| Pillow decodes them and no more, 1 core | {rates['pillow']:,.0f} |",
        "",
        f"The command reads at **{measured['text_to_pillow']:.0%}** of the rate at which Pillow "
        "only decodes.",
        f"(Measured on a machine with {machine['cores']} cores of {machine['processor']}, "
        f"{machine['date']}.)",
        "",
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
