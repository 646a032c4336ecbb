"""What an environment's report says, ready to be read: the template only lays it out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from markupsafe import Markup

from pipeline.domain.environment_report import BundleReport, EnvironmentReport, StrategyReport
from pipeline.domain.monitor.curve import Gap as Hole
from pipeline.domain.train.over_time import with_holes
from pipeline.render.curves import drawdown, thin
from pipeline.render.environment_report_tables import Table, happened, measured, overview, tables
from pipeline.render.figures import say
from pipeline.render.monitor_card import Card, card
from pipeline.render.monitor_chart import Chart, Known, Line, svg
from pipeline.render.monitor_view import Column, columns
from pipeline.render.monitor_words import moment, money, signed
from pipeline.render.outcomes import counted
from pipeline.render.plain import NAME_LIMIT, plain_text
from pipeline.render.trade_tables import Extreme, Group, duration, extremes, grouped

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
        happened(report),
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


def _section(one: StrategyReport, report: EnvironmentReport) -> Section:
    trades = one.trades
    best, worst = extremes(trades)
    return Section(
        card(one.view, report.place, report.device),
        tuple(_figures(one)),
        _drawdown(one, report),
        tuple(table for table in tables(one, report) if table.rows),
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
    yield Figure("win rate", measured(made, "win_rate_ratio"), _expected(one, "win_rate_ratio"))
    yield Figure(
        "mean profit per trade", measured(made, "profit_mean_ratio", sign=True), _expected(one, "profit_mean_ratio")
    )
    yield Figure("profit factor", measured(made, "profit_factor"))
    yield Figure("largest drawdown", measured(made, "drawdown_max_ratio"), "of the equity, within these days")
    yield Figure("fees", money(made.fees, made.equity_last), coin)
    yield Figure(
        "equity",
        money(made.equity_last),
        f"{signed(change, made.equity_last)} within these days" if change is not None else coin,
    )


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
