"""The tables of an environment's report: strategies, bundles, decisions, trades, gaps, and what happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain.environment_report import Earned, EnvironmentReport, StrategyReport, unseen
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.steps import short
from pipeline.render.figures import NOTHING, say
from pipeline.render.monitor_words import moment, money, signed
from pipeline.render.plain import NAME_LIMIT, plain_text
from pipeline.render.trade_tables import duration

ROWS = 300
"""Of one table, the latest; the same as an object has all."""

_NUMBERS = ("trades", "won", "profit", "drawdown", "fees")
_TRADE = ("closed", "pair", "held", "opened at", "closed at", "profit", "of stake", "tag", "exit reason")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under titles; `numbers` are the columns that are read as numbers, `omitted` says what is left out."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    omitted: str = ""


def overview(report: EnvironmentReport) -> Table:
    """A line for each strategy."""
    titles = ("strategy", "bundle", "since (UTC)", "stands", "trades", "won", "profit", "drawdown", "fees")
    rows = []
    for one in report.strategies:
        seen = one.view
        since = f"{seen.since_at:%Y-%m-%d %H:%M}" if seen.since_at else NOTHING
        currency = one.bundles[-1].currency if one.bundles else ""
        stands = (plain_text(seen.strategy, NAME_LIMIT), short(seen.bundle) or NOTHING, since, seen.condition.value)
        rows.append((*stands, *numbers(one.earned, currency)))
    return Table("Strategies", titles, tuple(rows), (4, 5, 6, 7, 8))


def tables(one: StrategyReport, report: EnvironmentReport) -> Iterator[Table]:
    """What there is of a strategy, some without rows."""
    if len(one.bundles) > 1:
        rows = tuple(
            (short(ran.bundle), moment(ran.began_at), *numbers(ran.earned, ran.currency)) for ran in one.bundles
        )
        yield Table("Bundles", ("bundle", "first seen", *_NUMBERS), rows, (2, 3, 4, 5, 6))
    decisions = [
        (
            moment(made.at),
            short(made.made.bundle),
            plain_text(made.made.decision, 20).replace("_", " "),
            plain_text(" ".join(made.made.reasons)),
            plain_text(made.made.power) or NOTHING,
        )
        for made in report.decisions
        if made.made.strategy == one.view.strategy
    ]
    yield _latest("Decisions", ("when", "bundle", "decision", "why", "how far the trades go"), decisions)
    yield _latest("Closed trades", _TRADE, [_trade(trade) for trade in one.trades], (2, 3, 4, 5, 6))
    missed = [
        (moment(gap.since), moment(gap.until), duration(gap.until - gap.since), plain_text(gap.reason))
        for gap in one.gaps
    ]
    share = unseen(one.gaps) / (report.until - report.since)
    title = f"Gaps: {duration(unseen(one.gaps))} of which nothing is known ({share * 100:.1f} % of the time)"
    yield _latest(title, ("from", "to", "for", "why"), missed)


def numbers(made: Earned | None, currency: str) -> tuple[str, ...]:
    """Trades, win rate, profit, drawdown and fees; dashes where they are not known."""
    if made is None:
        return (NOTHING,) * len(_NUMBERS)
    coin = plain_text(currency, 12)
    return (
        str(made.trades),
        measured(made, "win_rate_ratio"),
        f"{signed(made.profit, made.equity_last)} {coin}",
        measured(made, "drawdown_max_ratio"),
        f"{money(made.fees, made.equity_last)} {coin}",
    )


def _trade(one: ClosedTrade) -> tuple[str, ...]:
    return (
        moment(one.closed_at),
        plain_text(one.pair, 40),
        duration(one.closed_at - one.opened_at),
        f"{one.open_rate:.8g}",
        f"{one.close_rate:.8g}",
        signed(one.profit),
        say("profit_mean_ratio", one.profit_ratio, signed=True),
        plain_text(one.enter_tag, 40) or NOTHING,
        plain_text(one.exit_reason, 40) or NOTHING,
    )


def happened(report: EnvironmentReport) -> Table:
    """Everything but decisions."""
    rows = [(moment(one.at), one.kind.replace("_", " "), plain_text(one.sentence)) for one in report.happened]
    return _latest("What happened", ("when", "kind", "what"), rows)


def _latest(title: str, titles: tuple[str, ...], rows: Sequence[tuple[str, ...]], right: tuple[int, ...] = ()) -> Table:
    """The latest first; what is left out is said."""
    left = len(rows) - ROWS
    omitted = f"the {ROWS} latest of {len(rows)}; --json has all" if left > 0 else ""
    return Table(title, titles, tuple(reversed(rows[-ROWS:])), right, omitted)


def measured(made: Earned, metric: str, *, sign: bool = False) -> str:
    """A metric as a person reads it."""
    return say(metric, made.measured[metric], signed=sign)
