"""`freqtrain policy simulate`: how often a policy lets made-up strategies through whose true edge is known."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from pipeline.domain.environment import Environment
from pipeline.domain.evidence import CheckResult
from pipeline.domain.judge import judge
from pipeline.domain.luck import Sample
from pipeline.domain.pass_rates import EDGE, MOST_TRADES, POWER, TRIES, Rate, Row, Simulated
from pipeline.domain.policy import Policy, without_incumbent
from pipeline.domain.statistics.bootstrap import seeded
from pipeline.domain.synthetic import DAYS, START, Ground, Kind, ground, parts, play
from pipeline.domain.verdict import Measurement, Outcome
from pipeline.domain.windows import resolve
from pipeline.errors import Refused
from pipeline.ports import Narrator

KINDS = (
    Kind(0.0, 100),
    Kind(0.0, 300),
    Kind(0.0, 300, overlapping=True),
    Kind(0.10, 300),
    Kind(0.15, 300),
    Kind(0.15, 600),
    Kind(0.20, 300),
)
"""What is let loose on the policy."""

_DAY = timedelta(days=1)


def simulate(environment: Environment, runs: int, seed: int, narrator: Narrator) -> Simulated:
    """Let `runs` times ten strategies of each kind trade, and judge them by the environment's policy.

    A quarter of the runs is made of kinds with an edge: what is to be known exactly is how often luck passes.
    The incumbent is left out: these strategies replace nothing. Checks that need code count as made and without findings.

    Raises:
        Refused: the environment's windows do not fit into the made-up year.
    """
    windows, misfits = resolve(environment.windows, START, START + DAYS * _DAY, _DAY)
    if misfits:
        told = "\n".join(misfit.message for misfit in misfits)
        raise Refused(
            f"the windows of '{environment.name}' do not fit into the simulated year:\n{told}",
            hint="a policy can be simulated if its windows are shares of the data or distances from its end",
        )
    on, policy = ground(windows, environment.account), without_incumbent(environment.policy)
    rows, few = [], max(runs // 4, 1)
    for number, kind in enumerate(KINDS, start=1):
        narrator.say(f"[{number}/{len(KINDS)}] an edge of {kind.edge:g} on {kind.trades} trades")
        rows.append(_row(kind, on, policy, few if kind.edge else runs, seed))
    narrator.say(f"looking for the number of trades that an edge of {EDGE:g} needs")
    needed = [_needed(on, policy, few, seed, attempts) for attempts in (1, TRIES)]
    return Simulated(environment.name, policy.digest, runs, seed, tuple(rows), *needed)


def verdict_of(policy: Policy, measured: Iterable[Sequence[Measurement]]) -> Outcome:
    """The outcome of `judge`, asked after each group of measurements, because a FAIL stays one whatever comes after it."""
    made = [CheckResult(name) for name in policy.checks]
    table: list[Measurement] = []
    for group in measured:
        table += group
        metrics = {measurement.metric for measurement in group}
        now = tuple(threshold for threshold in policy.thresholds if threshold.metric in metrics)
        if now and judge((), table, Policy((), now)).outcome is Outcome.FAIL:
            return Outcome.FAIL
    return judge(made, table, policy).outcome


def _row(kind: Kind, on: Ground, policy: Policy, runs: int, seed: int) -> Row:
    first = counted = uncounted = 0
    for run in range(runs):
        tries = [False] * 2
        for number in range(1, TRIES + 1):
            sample = _play(kind, on, f"{seed} {run} {number}")
            alone = _passes(policy, sample, on, 1)
            first += alone and number == 1
            uncounted_passes, counted_passes = alone, alone if number == 1 else _passes(policy, sample, on, number)
            tries = [tries[0] or uncounted_passes, tries[1] or counted_passes]
            if all(tries):
                break
        uncounted, counted = uncounted + tries[0], counted + tries[1]
    return Row(kind, Rate(first, runs), Rate(counted, runs), Rate(uncounted, runs))


def _needed(on: Ground, policy: Policy, runs: int, seed: int, attempts: int) -> int | None:
    """The smallest number of trades, to about a tenth, with which POWER of the strategies with the edge pass as that attempt."""

    def enough(trades: int) -> bool:
        kind = Kind(EDGE, trades)
        passed = (_passes(policy, _play(kind, on, f"{seed} {run} needed"), on, attempts) for run in range(runs))
        return sum(passed) >= POWER * runs

    return _first(enough, [number for number in _grid() if number <= MOST_TRADES])


def _first(holds: Callable[[int], bool], numbers: Sequence[int]) -> int | None:
    """The first of ascending numbers for which something holds that goes on holding; None where it never does."""
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(numbers[middle]) else (middle + 1, high)
    return numbers[low] if low < len(numbers) else None


def _grid() -> list[int]:
    """From 30 on, each a tenth more than the one before, with two significant digits."""
    exact = (30 * 1.1**power for power in range(60))
    return list(dict.fromkeys(round(n, 1 - math.floor(math.log10(n))) for n in map(round, exact)))


def _play(kind: Kind, on: Ground, name: str) -> Sample:
    text = f"synthetic {name} {kind.edge} {kind.trades} {kind.overlapping}"
    return play(kind, on, seeded(text), text)


def _passes(policy: Policy, sample: Sample, on: Ground, attempts: int) -> bool:
    return verdict_of(policy, parts(sample, on, attempts)) is Outcome.PASS
