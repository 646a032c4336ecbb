"""What an environment's report says, ready to be read: the template only lays it out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from markupsafe import Markup

from pipeline.domain.environment_report import BundleReport, Earned, EnvironmentReport, StrategyReport, unseen
from pipeline.domain.monitor.curve import Gap as Hole
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.over_time import with_holes
from pipeline.domain.train.steps import short
from pipeline.render.curves import drawdown, thin
from pipeline.render.figures import NOTHING, say
from pipeline.render.monitor_card import Card, card
from pipeline.render.monitor_chart import Chart, Known, Line, svg
from pipeline.render.monitor_view import Column, columns
from pipeline.render.monitor_words import moment, money, signed
from pipeline.render.outcomes import counted
from pipeline.render.plain import NAME_LIMIT, plain_text
from pipeline.render.trade_tables import Extreme, Group, duration, extremes, grouped

ROWS = 300
"""Of one table, the latest; the same as an object has all."""

POINTS = 480
"""Of the curve of drawdowns."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name and a note; `sign` colours it."""

    name: str
    value: str
    note: str = ""
    sign: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under titles; `numbers` are the columns that are read as numbers, `omitted` says what is left out."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    omitted: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One strategy."""

    card: Card
    figures: tuple[Figure, ...]
    drawdown: Markup
    tables: tuple[Table, ...]
    pairs: tuple[Group, ...]
    reasons: tuple[Group, ...]
    best: tuple[Extreme, ...]
    worst: tuple[Extreme, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    environment: str
    window: str
    sentence: str
    well: bool
    place: Column
    overview: Table
    sections: tuple[Section, ...]
    happened: Table
    problems: tuple[str, ...]


def view(report: EnvironmentReport) -> View:
    """What there is to be read about an environment."""
    (place,) = columns(report.device)
    return View(
        plain_text(report.environment, NAME_LIMIT),
        window(report),
        sentence(report),
        report.well,
        place,
        overview(report),
        tuple(_section(one, report) for one in report.strategies),
        _happened(report),
        tuple(map(plain_text, (*report.device.problems, *report.place.problems, *report.problems))),
    )


def window(report: EnvironmentReport) -> str:
    """ "2026-02-22 12:00 UTC to 2026-03-01 12:00 UTC (7.0 d)"."""
    return f"{moment(report.since)} to {moment(report.until)} ({duration(report.until - report.since)})"


def sentence(report: EnvironmentReport) -> str:
    """What was earned, currency by currency, and how many strategies want a look."""
    by_currency: dict[str, list[BundleReport]] = {}
    for one in report.strategies:
        for ran in one.bundles:
            by_currency.setdefault(ran.currency, []).append(ran)
    told = [
        f"{counted(sum(one.earned.trades for one in ran), 'trade')} closed, "
        f"{signed(sum(one.earned.profit for one in ran))} {plain_text(currency, 12)}"
        for currency, ran in sorted(by_currency.items())
    ] or ["nothing was observed"]
    wanting = sum(one.view.wants_a_look for one in report.strategies)
    held = sum(bool(one.view.holds) for one in report.strategies if one.view.bundle)
    told += [f"{held} held"] if held else []
    told += [f"{wanting} {'wants' if wanting == 1 else 'want'} a look"] if wanting else []
    return f"{counted(len(report.strategies), 'strategy')}: {'; '.join(told)}."


def overview(report: EnvironmentReport) -> Table:
    """A line for each strategy."""
    titles = ("strategy", "bundle", "since (UTC)", "stands", "trades", "won", "profit", "drawdown", "fees")
    rows = []
    for one in report.strategies:
        seen = one.view
        since = f"{seen.since_at:%Y-%m-%d %H:%M}" if seen.since_at else NOTHING
        currency = one.bundles[-1].currency if one.bundles else ""
        stands = (plain_text(seen.strategy, NAME_LIMIT), short(seen.bundle) or NOTHING, since, seen.condition.value)
        rows.append((*stands, *_numbers(one.earned, currency)))
    return Table("Strategies", titles, tuple(rows), (4, 5, 6, 7, 8))


def _section(one: StrategyReport, report: EnvironmentReport) -> Section:
    trades = one.trades
    best, worst = extremes(trades)
    return Section(
        card(one.view, report.place, report.device),
        tuple(_figures(one)),
        _drawdown(one, report),
        tuple(table for table in _tables(one, report) if table.rows),
        tuple(grouped(trades, lambda trade: trade.pair)),
        tuple(grouped(trades, lambda trade: trade.exit_reason)),
        tuple(best),
        tuple(worst),
    )


def _figures(one: StrategyReport) -> Iterator[Figure]:
    made = one.earned
    if made is None:
        return
    coin = plain_text(one.bundles[-1].currency, 12)
    change = (
        made.equity_last - made.equity_first
        if len(one.bundles) == 1 and made.equity_first and made.equity_last
        else None
    )
    yield Figure("trades closed", str(made.trades))
    yield Figure("profit of them", signed(made.profit, made.equity_last), coin, (made.profit > 0) - (made.profit < 0))
    yield Figure("win rate", _say(made, "win_rate_ratio"), _expected(one, "win_rate_ratio"))
    yield Figure(
        "mean profit per trade", _say(made, "profit_mean_ratio", sign=True), _expected(one, "profit_mean_ratio")
    )
    yield Figure("profit factor", _say(made, "profit_factor"))
    yield Figure("largest drawdown", _say(made, "drawdown_max_ratio"), "of the equity, within these days")
    yield Figure("fees", money(made.fees, made.equity_last), coin)
    yield Figure(
        "equity",
        money(made.equity_last),
        f"{signed(change, made.equity_last)} within these days" if change is not None else coin,
    )


def _tables(one: StrategyReport, report: EnvironmentReport) -> Iterator[Table]:
    if len(one.bundles) > 1:
        rows = tuple(
            (short(ran.bundle), moment(ran.began_at), *_numbers(ran.earned, ran.currency)) for ran in one.bundles
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


_NUMBERS = ("trades", "won", "profit", "drawdown", "fees")
_TRADE = ("closed", "pair", "held", "opened at", "closed at", "profit", "of stake", "tag", "exit reason")


def _numbers(made: Earned | None, currency: str) -> tuple[str, ...]:
    if made is None:
        return (NOTHING,) * len(_NUMBERS)
    coin = plain_text(currency, 12)
    return (
        str(made.trades),
        _say(made, "win_rate_ratio"),
        f"{signed(made.profit, made.equity_last)} {coin}",
        _say(made, "drawdown_max_ratio"),
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


def _happened(report: EnvironmentReport) -> Table:
    rows = [(moment(one.at), one.kind.replace("_", " "), plain_text(one.sentence)) for one in report.happened]
    return _latest("What happened", ("when", "kind", "what"), rows)


def _latest(
    title: str, titles: tuple[str, ...], rows: Sequence[tuple[str, ...]], numbers: tuple[int, ...] = ()
) -> Table:
    """The latest first; what is left out is said."""
    left = len(rows) - ROWS
    omitted = f"the {ROWS} latest of {len(rows)}; --json has all" if left > 0 else ""
    return Table(title, titles, tuple(reversed(rows[-ROWS:])), numbers, omitted)


def _say(made: Earned, metric: str, *, sign: bool = False) -> str:
    return say(metric, made.measured[metric], signed=sign)


def _expected(one: StrategyReport, metric: str) -> str:
    expected = one.view.expectation
    value = getattr(expected, metric) if expected else None
    if value is None:
        return ""
    return f"backtest {say(metric, value)}{' on simulated data' if expected and expected.simulated else ''}"


def _drawdown(one: StrategyReport, report: EnvironmentReport) -> Markup:
    """How far the equity lay below its highest value within the window, in percent; each bundle begins anew."""
    lines = [_fall(ran) for ran in one.bundles if len(ran.equity) > 1]
    holes = tuple(Hole(gap.since, gap.until, gap.reason) for gap in one.gaps)
    told = f"Drawdown of {one.view.strategy} over time, in percent"
    marks = tuple(mark for mark in one.view.marks if mark.at >= report.since)
    return svg(Chart(told, report.since, report.until, tuple(lines), (), holes, marks))


def _fall(ran: BundleReport) -> Line:
    falls = thin(drawdown(ran.equity), POINTS) * 100
    return Line("equity", tuple(_runs(with_holes(falls, ran.gaps))))


def _runs(values: pd.Series) -> Iterator[tuple[Known, ...]]:
    """The values between those that are not known."""
    run: list[Known] = []
    for at, value in values.items():
        assert isinstance(at, datetime)
        if pd.notna(value):
            run.append((at, float(value)))
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)
