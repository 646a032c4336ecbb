"""The gate's audit: trades are checked against the candles, then replayed from the past alone."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.domain.audit import CHECK, audit, bounded, terms_of
from pipeline.domain.canonical import Plain, digest
from pipeline.domain.evidence import CheckResult, WindowTrades
from pipeline.domain.job import REPLAY, BacktestResult, Job, Measured
from pipeline.domain.replay import RULE, Cut, compare, plan_replay, seed
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.trades import trades_digest
from pipeline.domain.verdict import Finding, Outcome
from pipeline.errors import ToolFailed
from pipeline.flows.gate_prepare import Prepared
from pipeline.ports import Backtester, Narrator

CutWriter = Callable[[Path, Cut, Path], None]
"""Writes a folder's candle files, cut, into a new folder beside others of its kind."""


@dataclass(frozen=True, slots=True)
class AuditTools:
    """What the audit works with.

    `markets` is the data set's snapshot and `dataset_digest` names it; `secret` is the judge's, from which samples are drawn; `scratch` a folder
    that goes when the gate is done; `at_once` how many children may run side by side.
    """

    backtester: Backtester
    narrator: Narrator
    markets: Mapping[str, Plain]
    dataset_digest: str
    write_cut: CutWriter
    secret: bytes
    scratch: Path
    at_once: int


def audited(item: Prepared, job: Job, measured: Measured, tools: AuditTools) -> CheckResult:
    """Audit and replay the trades of one candidate.

    Args:
        item: the candidate, fitted to the data set.
        job: what was asked of the engine; its strategy folder must still be there.
        measured: what it answered.

    Windows without a result are left to the backtest's own findings. Trades that were impossible are not replayed.
    """
    windows = [
        WindowTrades(window, result.trades, trades_digest(result.trades))
        for window, result in zip(item.windows, measured.backtests, strict=True)
        if result.failure is None
    ]
    terms = terms_of(item.entrant.candidate, TIMEFRAMES[item.timeframe], item.pairs, job.freqtrade)
    found = tuple(
        finding
        for one in windows
        for finding in audit(one.trades, one.window, item.frames, tools.markets, job.account, terms)
    )
    if not found and windows:
        found = replayed(item, job, windows, tools)
    if not found and windows:
        count = sum(len(one.trades) for one in windows)
        reason = f"All {count} trades were possible, and what was replayed came out the same from the past alone."
        found = (Finding(CHECK, RULE, Outcome.PASS, reason if count else "There was no trade to audit."),)
    return CheckResult(CHECK, found)


def replayed(item: Prepared, job: Job, windows: Sequence[WindowTrades], tools: AuditTools) -> tuple[Finding, ...]:
    """Run the strategy again up to chosen moments, in fresh children that hold no later candles when they answer, and compare."""
    drawn = seed(tools.secret, item.entrant.candidate.content_digest, tools.dataset_digest, windows)
    cuts = plan_replay(windows, item.frames, item.pairs, TIMEFRAMES[item.timeframe], drawn)
    if not cuts:
        reason = "Nothing could be replayed: the windows are too short to end one of them earlier."
        return (Finding(CHECK, RULE, Outcome.INCONCLUSIVE, reason),)
    tools.narrator.say(f"{item.entrant.candidate.id}: replaying {len(cuts)} moments without what came after")
    series = [part for part in (cuts[first :: tools.at_once] for first in range(tools.at_once)) if part]
    with ThreadPoolExecutor(len(series)) as pool:
        try:
            found = list(pool.map(lambda part: _replay(item, job, windows, part, tools), series))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            tools.backtester.stop()
            raise
    distinct = tuple(dict.fromkeys(finding for findings in found for finding in findings))
    failed = [finding for finding in distinct if finding.outcome is Outcome.FAIL]
    return (*bounded(failed), *(finding for finding in distinct if finding.outcome is not Outcome.FAIL))


def _replay(
    item: Prepared, job: Job, windows: Sequence[WindowTrades], cuts: Sequence[Cut], tools: AuditTools
) -> tuple[Finding, ...]:
    """Replay up to one moment after the other, the earliest first; the candles of each are written when the one before was answered."""
    folder = tools.scratch / "replay" / item.entrant.candidate.id / digest([cut.identity("") for cut in cuts])[7:23]
    folder.mkdir(parents=True, exist_ok=True)

    def reveal(number: int) -> None:
        aside = folder.with_name(f"{folder.name}-{number}")
        tools.write_cut(Path(job.data_dir), cuts[number], aside)
        aside.rename(folder / str(number))

    again = replace(
        job,
        data_dir=str(folder.resolve()),
        windows=tuple(replace(cut.replayed, name=str(number)) for number, cut in enumerate(cuts)),
        tasks=(REPLAY,),
        parallel=1,
        identity=digest([cut.identity(job.identity) for cut in cuts]) if job.identity else "",
    )
    try:
        results = tools.backtester.replay(again, reveal).backtests
    except ToolFailed as error:
        reason = f"The trades could not be replayed: {error.message}. {error.hint}".strip()
        return (Finding(CHECK, RULE, Outcome.ERROR, reason),)
    full = {one.window.name: one.trades for one in windows}
    return tuple(
        finding
        for cut, result in zip(cuts, results, strict=True)
        for finding in (_raised(result, cut) or compare(full[cut.window.name], result.trades, cut))
    )


def _raised(result: BacktestResult, cut: Cut) -> tuple[Finding, ...]:
    """The ERROR of a strategy that runs on all candles and not on fewer."""
    failure = result.failure
    if failure is None:
        return ()
    moment = f"{cut.at:%Y-%m-%d %H:%M}"
    reason = f"The strategy cannot be replayed up to {moment}: {failure.kind}: {failure.message}"
    return (Finding(CHECK, RULE, Outcome.ERROR, reason, window=cut.window.name),)
