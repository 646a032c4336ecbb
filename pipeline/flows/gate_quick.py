"""`freqtrain gate --quick`: whether strategies work at all, on few candles. It judges nothing and never ends with PASS."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.domain.evidence import CheckResult, Judgement
from pipeline.domain.job import Measured
from pipeline.domain.judge import judge
from pipeline.domain.policy import Policy
from pipeline.domain.quick import LAST, MOST_PAIRS, QUICK, seen
from pipeline.domain.verdict import Subject
from pipeline.errors import UsageError
from pipeline.flows.gate import Gated, checks_of
from pipeline.flows.gate_evidence import account, evidence
from pipeline.flows.gate_measure import Answers, Bench, measure_all
from pipeline.flows.gate_prepare import Prepared, prepare
from pipeline.flows.gate_select import Entrant

WITHOUT_THRESHOLDS = Policy(("lint", "behaviour", "backtest"))
"""What is looked at; no number is held against anything."""


def quick(entrants: Sequence[Entrant], bench: Bench) -> Gated:
    """Lint each entrant, run its tests, and let it trade on one short window and a few pairs.

    No attempt is counted, because no profit is shown: who sees only whether it trades has learnt nothing to choose by. The outcome is
    INCONCLUSIVE at best.

    Raises:
        UsageError: there is nothing to look at.
        ConfigError: as `gate`.
    """
    if not entrants:
        raise UsageError("there is no strategy to look at", hint="name one, or leave --changed-since out")
    alone = [Entrant(entrant.candidate, None, entrant.because) for entrant in entrants]
    short = replace(bench.ground.environment, windows=(LAST,))
    bench = replace(bench, ground=replace(bench.ground, environment=short))
    prepared = [_fewer(item) for item in prepare(alone, bench.ground)]
    bench.narrator.say(
        f"a quick look at {', '.join(item.entrant.candidate.id for item in prepared)}: nothing is judged"
    )
    answers = measure_all(prepared, bench)
    return Gated(tuple(_look(item, answers, bench) for item in prepared), {})


def _fewer(item: Prepared) -> Prepared:
    pairs = item.pairs[:MOST_PAIRS]
    frames = {pair: frame for pair, frame in item.frames.items() if pair in pairs}
    return replace(item, pairs=pairs, frames=frames, policy=WITHOUT_THRESHOLDS, key={**item.key, "pairs": pairs})


def _look(item: Prepared, answers: Answers, bench: Bench) -> Judgement:
    answer = answers.get((item.entrant.candidate.id, Subject.CANDIDATE))
    accounted = account(item, answer, bench, Subject.CANDIDATE)
    trades = tuple(m for m in accounted.measurements if m.metric == "trades")
    accounted = replace(accounted, measurements=trades, windows=())
    count = sum(len(result.trades) for result in answer.backtests) if isinstance(answer, Measured) else None
    checks = (*checks_of(item, answer, accounted, ()), CheckResult(QUICK, (seen(count),)))
    found = evidence(item, answer, bench, WITHOUT_THRESHOLDS, checks, accounted)
    return Judgement(found, WITHOUT_THRESHOLDS, judge(checks, trades, WITHOUT_THRESHOLDS), None, item.entrant.because)
