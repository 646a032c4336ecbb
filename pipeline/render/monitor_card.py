"""What the monitor says of one strategy in one environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from pipeline.domain.monitor.overview import Condition, DeviceView, EnvironmentView, Position, StrategyView
from pipeline.domain.monitor.standing import FRESH
from pipeline.domain.train.steps import short
from pipeline.render.monitor_chart import svg
from pipeline.render.monitor_pictures import legend, money_chart, win_chart
from pipeline.render.monitor_words import NOTHING, lasted, moment, money, percent, signed
from pipeline.render.outcomes import counted
from pipeline.render.plain import NAME_LIMIT, plain_text

LOOKS = {
    Condition.TRADING: ("pass", "✓"),
    Condition.HELD: ("inconclusive", "‖"),
    Condition.PAUSED: ("inconclusive", "‖"),
    Condition.DEPLOYING: ("moving", "→"),
    Condition.UNSEEN: ("error", "?"),
    Condition.ELSEWHERE: ("", "·"),
    Condition.DOWN: ("fail", "✗"),
    Condition.NOTHING: ("", "·"),
}
"""Class and sign of a condition, so that colour is never the only one."""

DECISIONS = {"promote": ("pass", "✓"), "hold": ("", "·"), "roll_back": ("fail", "✗")}


@dataclass(frozen=True, slots=True)
class Badge:
    """A word in a coloured box with a sign."""

    text: str
    look: str
    sign: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name; `id` tells it from all others of the page, `note` stands below."""

    id: str
    name: str
    value: str
    note: str = ""
    sign: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """The latest decision."""

    badge: Badge
    at: str
    reasons: tuple[str, ...]
    power: str
    other: str
    """The bundle that it was about, where that is another one than the standing."""


@dataclass(frozen=True, slots=True)
class Card:
    """One strategy in one environment."""

    id: str
    strategy: str
    badge: Badge
    told: str
    bundle: str
    digest: str
    since: str
    reason: str
    evidence: str
    """Where its evidence is, "" where there is none."""
    good: str
    holds: tuple[str, ...]
    facts: tuple[Fact, ...]
    money: Markup
    wins: Markup
    legend: tuple[tuple[str, str], ...]
    gaps: str
    positions: tuple[tuple[str, ...], ...]
    positions_told: str
    decided: Decided | None
    problems: tuple[str, ...]


def card(one: StrategyView, place: EnvironmentView, device: DeviceView) -> Card:
    """What there is to be read about a strategy in a place."""
    strategy, look = plain_text(one.strategy, NAME_LIMIT), LOOKS[one.condition]
    by = f" by {plain_text(one.by, NAME_LIMIT)}" if one.by else ""
    since = f"{moment(one.since_at)} ({lasted(one.since_at, device.at)}){by}" if one.since_at else NOTHING
    healthy = f"{one.observed.healthy_hours:.1f} healthy hours" if one.observed else ""
    good = f"known to be good since {moment(one.soaked_at)}" if one.soaked_at else healthy
    wheres = f"{plain_text(place.name, NAME_LIMIT)}-{strategy}"
    gaps = sum(len(ran.curve.gaps) for ran in one.ran)
    return Card(
        wheres,
        strategy,
        Badge(one.condition.value, *look),
        plain_text(one.told),
        short(one.bundle),
        one.bundle,
        since,
        plain_text(one.reason),
        evidence_path(one.bundle, one.evidence) if one.bundle else "",
        good,
        tuple(plain_text(str(hold)) for hold in one.holds),
        tuple(_facts(one, wheres, device.at)) if one.latest else (),
        svg(money_chart(one, device)),
        svg(win_chart(one, device)),
        legend(one),
        f"{counted(gaps, 'gap')} in what was observed" if gaps else "",
        tuple(map(_position, one.positions or ())),
        _positions_told(one),
        _decided(one),
        tuple(map(plain_text, one.problems)),
    )


def _facts(one: StrategyView, wheres: str, now: datetime) -> Iterator[Fact]:
    latest, expected = one.latest, one.expectation
    assert latest is not None
    coin = plain_text(one.currency, 12)
    yield Fact(f"{wheres}-balance", "balance", money(latest.balance), f"{coin}, closed trades only")
    floating = latest.equity - latest.balance if latest.equity is not None and latest.balance is not None else None
    yield Fact(
        f"{wheres}-equity",
        "equity",
        money(latest.equity),
        f"open positions {signed(floating, latest.balance)}",
        _sign(floating),
    )
    yield Fact(
        f"{wheres}-earned",
        "closed profit",
        signed(latest.earned, latest.balance),
        counted(latest.trades, "trade"),
        _sign(latest.earned),
    )
    rate = expected.win_rate_ratio if expected else None
    of = f"{latest.wins} of {latest.closed_trades}" if latest.closed_trades else "no trade was closed"
    yield Fact(f"{wheres}-wins", "win rate", percent(latest.win_rate_ratio), f"{of}; backtest {percent(rate)}")
    stale = f"seen {lasted(latest.at, now)} ago" if now - latest.at > FRESH else f"seen at {latest.at:%H:%M} UTC"
    trades = NOTHING if latest.open_trades is None else str(latest.open_trades)
    failed = f", {counted(latest.errors, 'failed look')}" if latest.errors else ""
    yield Fact(f"{wheres}-open", "open trades", trades, stale + failed)


def _sign(value: float | None) -> int:
    return 0 if value is None else (value > 0) - (value < 0)


def _position(one: Position) -> tuple[str, ...]:
    pair = plain_text(one.pair, 40) + (" (short)" if one.short else "")
    rate = NOTHING if one.open_rate is None else f"{one.open_rate:.8g}"
    return (pair, f"{one.opened_at:%Y-%m-%d %H:%M}", rate, money(one.stake), plain_text(one.tag, 40) or NOTHING)


def _positions_told(one: StrategyView) -> str:
    if one.positions is None:
        return ""
    return f"{counted(len(one.positions), 'open trade')} in its database" if one.positions else "no open trade"


def _decided(one: StrategyView) -> Decided | None:
    made = one.decided
    if made is None:
        return None
    look = DECISIONS.get(made.decision, ("error", "?"))
    words = plain_text(made.decision, 20).replace("_", " ")
    other = f"about {short(made.bundle)}" if made.bundle != one.bundle else ""
    return Decided(
        Badge(words, *look), moment(one.decided_at), tuple(map(plain_text, made.reasons)), plain_text(made.power), other
    )


def evidence_path(bundle: str, evidence: str) -> str:
    """Where a page finds the evidence; "" where it is not named."""
    return f"/evidence/{bundle.removeprefix('sha256:')}/{evidence.removeprefix('sha256:')}.json" if evidence else ""
