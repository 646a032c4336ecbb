"""Where a candidate's trades part from its incumbent's, as rows for the terminal, the comment and the report."""

from pipeline.domain.evidence import Judgement
from pipeline.domain.same_trades import ENGINES, SAME_TRADES, differences, told
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.verdict import Outcome

HEADER = ("window", "trade", "candidate", "incumbent", "difference")


def rows(judgement: Judgement) -> tuple[tuple[str, ...], ...]:
    """Cells by HEADER, the first differences of each window; none where nobody expected the same trades, or they are the same.

    They are expected of a refactoring, and looked at where the engine changed.
    """
    checks = [check for check in judgement.evidence.checks if check.name in (SAME_TRADES, ENGINES)]
    parted = any(
        finding.outcome is Outcome.FAIL or (finding.warning and check.name == ENGINES)
        for check in checks
        for finding in check.findings
    )
    if not parted or judgement.incumbent is None:
        return ()
    return tuple(
        (d.window, str(d.number), _trade(d.candidate), _trade(d.incumbent), told(d))
        for d in differences(judgement.evidence.windows, judgement.incumbent.windows)
    )


def _trade(trade: ClosedTrade | None) -> str:
    if trade is None:
        return "no trade"
    return (
        f"{trade.pair} {trade.opened_at:%Y-%m-%d %H:%M} at {trade.open_rate:.10g}, "
        f"{trade.closed_at:%Y-%m-%d %H:%M} at {trade.close_rate:.10g}"
    )
