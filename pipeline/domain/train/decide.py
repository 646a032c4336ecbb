"""What becomes of a bundle by what was observed of it: PROMOTE, HOLD or ROLL_BACK, by the gate's own judge, with reasons in plain sentences."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from pipeline.domain.judge import judge
from pipeline.domain.metrics import measure
from pipeline.domain.policy import Policy, Threshold
from pipeline.domain.slippage import slippage_ratio
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train import own
from pipeline.domain.train.boarding import Demands, Shown, lacking
from pipeline.domain.train.decided import Applied, Decided, Decision
from pipeline.domain.train.decisions import ParityMeasured
from pipeline.domain.train.edge import Promise, edge_measurements, trades_to_refute, trades_to_show
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome, Verdict
from pipeline.domain.words import in_window

__all__ = [
    "Applied",
    "Decided",
    "Decision",
    "Observation",
    "by_strategy",
    "decide",
    "measurements_of",
    "power_sentence",
    "shown_of",
]

CHECK = "observed"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one bundle in one environment, all its deployments together; None where it could not be seen.

    `trades` are those that it opened and closed itself; `open_since` tells when those were opened that are not closed yet. `curve` is its
    equity, float (n,), indexed by UTC time. `held` says why its entries are held, each a sentence. `damaged` says what of it was lost,
    `unseen` in a sentence why something could not be seen. `parity` is how far its trades were last found to be its backtest's.
    """

    strategy: str
    bundle: str
    healthy_hours: float | None = None
    trades: tuple[ClosedTrade, ...] | None = None
    open_since: tuple[datetime, ...] | None = None
    curve: pd.Series | None = None
    held: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    unseen: str = ""
    parity: ParityMeasured | None = None


def decide(
    observation: Observation, promise: Promise | None, staying: Sequence[Threshold], demands: Demands | None
) -> Decided:
    """Decide about one bundle.

    Args:
        promise: what its backtest promised of a trade; None where that is not known.
        staying: what its environment demands of whoever runs there. Where one fails, it is ROLL_BACK; where one could not be judged, HOLD.
        demands: what the next environment demands before it boards there; None where none follows. PROMOTE needs a PASS.

    What could not be measured never promotes and never rolls back. That too little speaks against a bundle to judge it is no obstacle
    to its promotion; what speaks for it decides that.
    """
    measured = measurements_of(observation, promise)
    stays = _staying(observation, measured, staying)
    boards = None if demands is None else lacking(demands, _shown(observation, measured))
    decision, reasons = _decision(stays, boards)
    if decision is Decision.HOLD and observation.unseen:
        reasons = (*reasons, observation.unseen)
    return Decided(
        observation.strategy,
        observation.bundle,
        decision,
        reasons,
        stays,
        boards,
        measured,
        power_sentence(observation, promise),
    )


def shown_of(observation: Observation, promise: Promise | None, staying: Sequence[Threshold]) -> Shown:
    """What a bundle brings along to board elsewhere; it does, by `boarding.lacking`, exactly where `decide` says PROMOTE."""
    measured = measurements_of(observation, promise)
    failed = [
        f for f in _staying(observation, measured, staying).findings if f.outcome in (Outcome.FAIL, Outcome.ERROR)
    ]
    against = tuple(replace(finding, reason=_sentence(finding.reason)) for finding in failed)
    return replace(_shown(observation, measured), against=against)


def measurements_of(observation: Observation, promise: Promise | None) -> tuple[Measurement, ...]:
    """All that can be measured of an observation, and what its backtest promised; nothing where trades, open ones too, or equity were not seen."""
    trades, curve = by_strategy(observation), observation.curve
    if trades is None or curve is None or observation.open_since is None or observation.damaged:
        return ()
    sound = len(curve) > 1 and float(curve.iloc[0]) > 0 and bool(curve.notna().all())
    values = measure(trades, [curve] if sound else [])
    told = tuple(Measurement(metric, value, ALL_WINDOWS) for metric, value in values.items())
    edge = edge_measurements(trades, observation.open_since, promise)
    return (*told, *edge, *_against_orders(trades), *_against_replay(observation.parity))


def _against_orders(trades: Sequence[ClosedTrade]) -> tuple[Measurement, ...]:
    """The slippage; nothing where there are trades and no order told what it had asked for."""
    found = slippage_ratio(trades) if trades else math.nan
    return () if found is None else (Measurement("slippage_mean_ratio", found, ALL_WINDOWS),)


def _against_replay(found: ParityMeasured | None) -> tuple[Measurement, ...]:
    """How far the trades are the backtest's, and how many were compared; nothing where nobody compared them."""
    if found is None:
        return ()
    counted = Measurement("parity_trades", float(found.compared), ALL_WINDOWS)
    return Measurement("parity_ratio", found.ratio, ALL_WINDOWS), counted


def by_strategy(observation: Observation) -> tuple[ClosedTrade, ...] | None:
    """The trades that the strategy entered: what a person entered says nothing about it."""
    return None if observation.trades is None else own.by_strategy(observation.trades)


def power_sentence(observation: Observation, promise: Promise | None) -> str:
    """How far the trades go: "41 of about 123 trades; safe to look at daily"; empty where nothing was promised or seen."""
    trades = by_strategy(observation)
    if promise is None or trades is None:
        return ""
    seen, needed = len(trades), trades_to_show(promise)
    broken = trades_to_refute(promise, promise.mean)
    if not math.isfinite(needed) or not math.isfinite(broken):
        return f"{seen} trades; the backtest promised no profit that could be shown"
    return (
        f"{seen} of about {needed:.0f} trades that show the promised {promise.mean * 100:+.2f} % per trade; "
        f"about {broken:.0f} show that nothing is left of it; safe to look at daily"
    )


def _staying(observation: Observation, measured: tuple[Measurement, ...], staying: Sequence[Threshold]) -> Verdict:
    found = [
        Finding(CHECK, "damaged", Outcome.ERROR, f"Observations are missing: {why}.") for why in observation.damaged
    ]
    if staying:
        found += judge((), measured, Policy((), tuple(staying))).findings
    elif not found:
        found.append(Finding(CHECK, "staying", Outcome.PASS, "The environment demands nothing of whoever runs there."))
    return Verdict(tuple(found))


def _shown(observation: Observation, measured: tuple[Measurement, ...]) -> Shown:
    trades = None if observation.damaged else by_strategy(observation)
    return Shown(observation.healthy_hours, None if trades is None else len(trades), measured, observation.held)


def _decision(stays: Verdict, boards: Verdict | None) -> tuple[Decision, tuple[str, ...]]:
    if stays.outcome is Outcome.FAIL:
        return Decision.ROLL_BACK, _sentences(stays, Outcome.FAIL)
    if stays.outcome is Outcome.ERROR:
        return Decision.HOLD, _sentences(stays, Outcome.ERROR)
    if boards is None:
        return Decision.HOLD, ("No environment follows, and nothing speaks against it.",)
    if boards.outcome is not Outcome.PASS:
        lacks = (finding for finding in boards.findings if finding.outcome is not Outcome.PASS)
        return Decision.HOLD, tuple(dict.fromkeys(_sentence(finding.reason) for finding in lacks)) or (
            "Nothing was judged.",
        )
    return Decision.PROMOTE, tuple(_sentence(finding.reason) for finding in boards.findings)


def _sentences(verdict: Verdict, outcome: Outcome) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_sentence(f.reason) for f in verdict.findings if f.outcome is outcome))


def _sentence(reason: str) -> str:
    """An observation is one stretch of time, which needs no name."""
    told = reason.replace(in_window(ALL_WINDOWS), "").rstrip(".")
    return f"{told[:1].upper()}{told[1:]}."
