"""How often the samples pass on other seeds of the simulated market, and how often a random twin of each does.

    .venv/bin/python -m benchmarks.samples [ID...] [--seeds 2-11] [--twins 1] [--jobs N]

A sample that was fitted to the embedded market would fail on other seeds. A market on which anybody passes would let its random twin pass.
"""

import argparse
import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.trials import Course, Trial, course, judged, markets, run_all, twin_job
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.wiring import gate

STRATEGIES = Path("strategies")
SAMPLES = ("dip_in_uptrend", "range_dip")
GOAL = {"passed_at_least": 0.8, "twin_passed_at_most": 0.1}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table, what each trial came to, and one JSON object as the last line."""
    asked = _parser().parse_args(arguments)
    logging.getLogger("freqtrade").setLevel(logging.ERROR)
    first, _, last = asked.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="freqtrain-samples-") as folder:
        made = markets(seeds, Path(folder), asked.jobs)
        courses = [
            course(STRATEGIES / id, seed, made[seed], "ci", Path(folder) / "cache")
            for seed in seeds
            for id in asked.ids
        ]
        results = run_all([run.job for run in courses], asked.jobs)
        trials = [judged(run, found) for run, found in zip(courses, results, strict=True)]
        twins = _twins(courses, trials, asked.twins, asked.jobs)
    for id in asked.ids:
        _tell(id, [at for at, run in enumerate(courses) if run.folder.name == id], courses, trials, twins)
    value = {
        id: _summary([at for at, run in enumerate(courses) if run.folder.name == id], courses, trials, twins)
        for id in asked.ids
    }
    against = f"a random twin of each sample, judged alike on seeds {asked.seeds}, {asked.twins} a seed"
    print(f"{len(courses)} trials of samples and {sum(map(len, twins))} of twins in {time.monotonic() - began:.0f} s")
    print(
        json.dumps(
            {"name": "samples", "value": value, "unit": "share of seeds passed", "against": against, "goal": GOAL}
        )
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("ids", nargs="*", default=SAMPLES, metavar="ID", help="samples; default: all of them")
    parser.add_argument("--seeds", default="2-11", metavar="FIRST-LAST")
    parser.add_argument("--twins", type=int, default=1, help="random twins of each sample on each seed")
    parser.add_argument("--jobs", type=int, default=gate.cores())
    return parser


def _twins(courses: Sequence[Course], trials: Sequence[Trial], count: int, processes: int) -> list[list[Trial]]:
    """For each course its twins, which differ in their salt; every one is judged as the sample is."""
    work = [(at, salt) for at in range(len(courses)) for salt in range(1, count + 1)]
    results = run_all([twin_job(courses[at], trials[at], salt) for at, salt in work], processes)
    twins: list[list[Trial]] = [[] for _ in courses]
    for (at, _), found in zip(work, results, strict=True):
        twins[at].append(judged(courses[at], found))
    return twins


def _tell(
    id: str, mine: Sequence[int], courses: Sequence[Course], trials: Sequence[Trial], twins: Sequence[Sequence[Trial]]
) -> None:
    print(f"\n{id}: {_passed([trials[at] for at in mine])} of {len(mine)} seeds")
    print("seed  sample  trades   profit  profit factor  drawdown   market | twin passes  trades   profit")
    for at in mine:
        numbers, alike = trials[at].numbers, twins[at]
        outcome = "PASS" if trials[at].passed else trials[at].verdict.outcome.name
        row = f"{courses[at].seed:4}  {outcome:6}  {trials[at].trades:6}  {numbers['profit_total_ratio']:+7.1%}  "
        row += f"{numbers['profit_factor']:13.2f}  {numbers['drawdown_max_ratio']:8.1%}  {numbers['market_change_ratio']:+7.1%}"
        profits = ", ".join(f"{twin.numbers['profit_total_ratio']:+.1%}" for twin in alike)
        row += f" | {_passed(alike)} of {len(alike)}  {_mean([twin.trades for twin in alike]):10.0f}  {profits}"
        print(row)
        for reason in trials[at].reasons:
            print(f"      {reason}")


def _summary(
    mine: Sequence[int], courses: Sequence[Course], trials: Sequence[Trial], twins: Sequence[Sequence[Trial]]
) -> dict[str, float]:
    alike = [twin for at in mine for twin in twins[at]]
    return {
        "passed": _passed([trials[at] for at in mine]) / len(mine),
        "twin_passed": round(_passed(alike) / max(1, len(alike)), 3),
        "trades": round(_mean([trials[at].trades for at in mine]), 1),
        "twin_trades": round(_mean([twin.trades for twin in alike]), 1),
        "hours_held": round(_mean([_hours(courses[at], trials[at]) for at in mine]), 1),
        "twin_hours_held": round(_mean([_hours(courses[at], twin) for at in mine for twin in twins[at]]), 1),
    }


def _passed(trials: Sequence[Trial]) -> int:
    return sum(trial.passed for trial in trials)


def _hours(run: Course, trial: Trial) -> float:
    """How long a trade lasted on average; one that ends within its first candle counts as that candle."""
    shortest = TIMEFRAMES[run.timeframe]
    held = [max(t.closed_at - t.opened_at, shortest) for result in trial.results for t in result.trades]
    return _mean([one.total_seconds() / 3600 for one in held])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main())
