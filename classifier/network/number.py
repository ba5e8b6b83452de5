"""A line of ink in pieces -> the digits that it most likely is."""

from __future__ import annotations

import math
from collections.abc import Callable

from classifier.ink.text_line import DIGIT_PIECES, Line, Run
from classifier.network.prediction import DigitReading
from classifier.network.runtime import Network

# Penalties of a reading, in nats, added to the negative logarithm of the network's probability.
# They were chosen on the development strokes, placed side by side. Lengths are in line heights.
EACH_DIGIT = 0.08
CUT = 0.2  # per unit of cut between a digit and its neighbours
LOW, TOO_LOW = 0.5, 17.0  # per unit that a digit is lower than the first number
WIDE, TOO_WIDE = 0.62, 1.25  # per unit that it is wider
# The penalty of reading connected ink as one non-digit: per unit that it is wider than the second
# number. Letters can also be cut into digit-like pieces, but their readings cost more.
NON_DIGIT, NARROW = 1.0, 0.5
WIDEST_SIGN = 2.5  # times its height: a wider line is not one non-digit, like %
# Of neighbours whose tops or bottoms are further apart than the first number: per unit. A 4 in two
# strokes is no 61, and % is no 90. One pair in 100 of people's own numbers is as uneven.
LEVEL, UNEVEN = 0.45, 8.0
# Of two 1s whose slants differ by more than the first number: per unit. A V is no 11.
ALIKE, UNLIKE = 0.35, 4.0

Misfit = Callable[[list[Run], Run], float]


def read_line(
    line: Line, network: Network, confident: float
) -> tuple[Line, dict[Run, DigitReading]]:
    """Return `line` after cutting, and its digits from left to right by the run of their pieces.

    What is read with confidence is kept whole: the line first, then each piece. The rest is cut
    into more pieces than there are digits, and the network reads every run of neighbouring pieces
    that may be a digit. Dynamic programming finds the cheapest chain of runs, with the network's
    negative log probabilities as costs (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning
    applied to document recognition", 1998, section V). What was cut may also be one non-digit.

    Args:
        line: as `find_lines` returns it.
        confident: the probability from which a reading is certain.
    """
    whole = (0, len(line))
    together = _read(line, [whole], network)[whole] if line.is_plausible(*whole) else None
    is_sure = together is not None and together.confidence >= confident
    if together is not None and is_sure and len(line) == 1:
        return line, {whole: together}
    single = _read(line, [(k, k + 1) for k in range(len(line))], network)
    doubtful = {k for (k, _), reading in single.items() if reading.confidence < confident}
    cut = line.cut(() if is_sure else doubtful)
    wholes = set(cut.wholes())
    runs = wholes | set(cut.runs())
    width, height = cut.size(0, len(cut))
    if len(cut) <= DIGIT_PIECES and width <= WIDEST_SIGN * height:
        runs.add((0, len(cut)))
    readings = _read(cut, sorted(runs), network)
    costs = {run: _cost(cut, run, reading) for run, reading in readings.items()}
    for run in wholes:
        costs[run] = min(costs[run], NON_DIGIT * max(cut.size(*run)[0] - NARROW, 0))
    return cut, {run: readings[run] for run in _cheapest_chain(costs, _misfit(cut, readings))}


def _read(line: Line, runs: list[Run], network: Network) -> dict[Run, DigitReading]:
    candidates = ((run, line.candidate(*run)) for run in runs)
    return {
        run: DigitReading(**vars(network.read(ink.image)), box=ink.box) for run, ink in candidates
    }


def _cost(line: Line, run: Run, reading: DigitReading) -> float:
    width, height = line.size(*run)
    cost = EACH_DIGIT - math.log(max(reading.confidence, 1e-9))
    cost += TOO_LOW * max(LOW - height, 0) + TOO_WIDE * max(width - WIDE, 0)
    return cost + CUT * line.cut_off(*run)


def _misfit(line: Line, readings: dict[Run, DigitReading]) -> Misfit:
    """Return a function: the penalty of a run beside the last one of a chain."""
    boxes = {run: line.box(*run) for run in readings}
    slants = {run: line.slant(*run) for run, reading in readings.items() if reading.digit == 1}

    def penalty(chain: list[Run], run: Run) -> float:
        if not chain:
            return 0.0
        last = chain[-1]
        uneven = max(abs(boxes[last][side] - boxes[run][side]) for side in (1, 3)) / line.height
        unlike = abs(slants[last] - slants[run]) if {last, run} <= slants.keys() else 0.0
        return UNEVEN * max(uneven - LEVEL, 0) + UNLIKE * max(unlike - ALIKE, 0)

    return penalty


def _cheapest_chain(costs: dict[Run, float], misfit: Misfit) -> list[Run]:
    """Return the cheapest chain of runs that covers all pieces, each starting where one ends."""
    chains: dict[int, list[tuple[float, list[Run]]]] = {0: [(0.0, [])]}  # by their end
    for run, cost in sorted(costs.items(), key=lambda item: item[0][1]):
        so_far, chain = min((past + misfit(before, run), before) for past, before in chains[run[0]])
        chains.setdefault(run[1], []).append((so_far + cost, [*chain, run]))
    return min(chains[max(chains)])[1]
