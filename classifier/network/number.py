"""A line of ink in pieces -> the digits that it most likely is."""

from __future__ import annotations

import math

from classifier.ink.normalise import NormalisedInk
from classifier.ink.text_line import Line, Run
from classifier.network.prediction import DigitReading
from classifier.network.runtime import Network
from classifier.network.stopwatch import Stopwatch

# What speaks against a reading, in nats beside the logarithm of the network's probability. Chosen
# on the development strokes, put side by side. Lengths are in units of the line's height.
EACH_DIGIT = 0.08
CUT = 0.2  # for each unit that a digit was cut off its neighbours
LOW, TOO_LOW = 0.5, 17.0  # a digit is seldom lower than the one; the other for each unit less
WIDE, TOO_WIDE = 0.62, 1.25  # nor much wider
# And what speaks against all that hangs together being one thing, though no digit: for each unit of
# its width above the second. Letters, too, can be cut into what might be digits, but poor ones.
NO_NUMBER, NARROW = 1.0, 0.5


def read_line(
    line: Line, network: Network, confident: float, watch: Stopwatch
) -> tuple[Line, dict[Run, DigitReading]]:
    """Returns `line` as it was cut, and its digits from left to right by the pieces of each.

    What is read with confidence is not torn apart: neither the whole line, nor what hangs together
    in it. All other readings compete: every run of neighbouring pieces may be a digit, and the
    cheapest chain of runs is found by dynamic programming, the network's own probabilities being
    the cost (LeCun, Bottou, Bengio and Haffner, 1998, section V, and Matan et al., "Multi-digit
    recognition using a space displacement neural network", 1992). What was cut competes with being
    no number at all, but one thing that is no digit.

    Args:
        confident: the probability from which a digit counts as read.
        watch: is told the steps "part_it", "prepare_it" and "ask_the_network".
    """
    whole = (0, len(line))
    together = _ask(line, [whole], network, watch)[whole] if line.is_plausible(*whole) else None
    is_sure = together is not None and together.confidence >= confident
    if together is not None and is_sure and len(line) == 1:
        return line, {whole: together}
    single = _ask(line, [(k, k + 1) for k in range(len(line))], network, watch)
    doubtful = {k for (k, _), reading in single.items() if reading.confidence < confident}
    cut = line.cut(() if is_sure else doubtful)
    wholes = set(cut.wholes())
    runs = sorted(wholes | set(cut.runs()))
    watch.lap("part_it")
    readings = _ask(cut, runs, network, watch)
    costs = {run: _cost(cut, run, reading) for run, reading in readings.items()}
    for run in wholes:
        costs[run] = min(costs[run], NO_NUMBER * max(cut.size(*run)[0] - NARROW, 0))
    chosen = {run: readings[run] for run in _cheapest(costs)}
    watch.lap("part_it")
    return cut, chosen


def _ask(
    line: Line, runs: list[Run], network: Network, watch: Stopwatch
) -> dict[Run, DigitReading]:
    prepared: list[NormalisedInk] = [line.candidate(*run) for run in runs]
    watch.lap("prepare_it")
    probabilities = network.probabilities([each.image for each in prepared])
    watch.lap("ask_the_network")
    return {
        run: DigitReading(
            digit=int(row.argmax()),
            probabilities=tuple(row.tolist()),
            box=ink.box,
            image=ink.image,
        )
        for run, ink, row in zip(runs, prepared, probabilities, strict=True)
    }


def _cost(line: Line, run: Run, reading: DigitReading) -> float:
    width, height = line.size(*run)
    cost = EACH_DIGIT - math.log(max(reading.confidence, 1e-9))
    cost += TOO_LOW * max(LOW - height, 0) + TOO_WIDE * max(width - WIDE, 0)
    return cost + CUT * line.cut_off(*run)


def _cheapest(costs: dict[Run, float]) -> list[Run]:
    """The chain of runs, each beginning where the one before ends, that costs least together."""
    best: dict[int, tuple[float, list[Run]]] = {0: (0.0, [])}
    for (first, end), cost in sorted(costs.items(), key=lambda item: item[0][1]):
        so_far, chain = best[first]
        if end not in best or so_far + cost < best[end][0]:
            best[end] = (so_far + cost, [*chain, (first, end)])
    return best[max(best)][1]
