"""Closed trades, grouped and counted the way a trader asks: by pair, by reason to leave, by tag; the best and the worst."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pipeline.domain.evidence import WindowTrades
from pipeline.domain.metrics import measure
from pipeline.domain.trades import ClosedTrade
from pipeline.render.figures import NOTHING, say
from pipeline.render.plain import NAME_LIMIT, plain_text

GROUPS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Group:
    """Trades that share a name. Numbers are ready to be read; `profit` is the sum in the stake currency, by which groups are ordered."""

    name: str
    trades: int
    win_rate: str
    mean: str
    profit: float
    profit_factor: str
    held: str


@dataclass(frozen=True, slots=True)
class Extreme:
    """One trade among the best or the worst."""

    pair: str
    opened: str
    held: str
    profit_ratio: str
    profit: float
    enter_tag: str
    exit_reason: str


def all_trades(windows: Sequence[WindowTrades]) -> list[ClosedTrade]:
    """The trades of all windows in order of time."""
    return sorted(
        (trade for item in windows for trade in item.trades), key=lambda t: (t.closed_at, t.opened_at, t.pair)
    )


def grouped(trades: Sequence[ClosedTrade], key: Callable[[ClosedTrade], str]) -> list[Group]:
    """One group a name, the most profitable first; at most 100."""
    groups: dict[str, list[ClosedTrade]] = {}
    for trade in trades:
        groups.setdefault(plain_text(key(trade), NAME_LIMIT) or NOTHING, []).append(trade)
    made = [_group(name, members) for name, members in groups.items()]
    return sorted(made, key=lambda g: (-g.profit, g.name))[:GROUPS_SHOWN]


def extremes(trades: Sequence[ClosedTrade], count: int = 5) -> tuple[list[Extreme], list[Extreme]]:
    """The best and the worst trades by profit; a trade is in one of the lists only."""
    ranked = sorted(trades, key=lambda t: (-t.profit, t.opened_at, t.pair))
    count = min(count, len(ranked) // 2)
    return [_extreme(t) for t in ranked[:count]], [_extreme(t) for t in reversed(ranked[len(ranked) - count :])]


def duration(span: timedelta) -> str:
    """ "25 min", "3.5 h", "12.0 d"."""
    hours = span / timedelta(hours=1)
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"


def _group(name: str, trades: Sequence[ClosedTrade]) -> Group:
    numbers = measure(trades, [])
    held = sum((trade.closed_at - trade.opened_at for trade in trades), timedelta()) / len(trades)
    return Group(
        name=name,
        trades=len(trades),
        win_rate=say("win_rate_ratio", numbers["win_rate_ratio"]),
        mean=say("profit_mean_ratio", numbers["profit_mean_ratio"], signed=True),
        profit=sum(trade.profit for trade in trades),
        profit_factor=say("profit_factor", numbers["profit_factor"]),
        held=duration(held),
    )


def _extreme(trade: ClosedTrade) -> Extreme:
    return Extreme(
        pair=plain_text(trade.pair, NAME_LIMIT),
        opened=trade.opened_at.strftime("%Y-%m-%d %H:%M"),
        held=duration(trade.closed_at - trade.opened_at),
        profit_ratio=say("profit_mean_ratio", trade.profit_ratio, signed=True),
        profit=trade.profit,
        enter_tag=plain_text(trade.enter_tag, NAME_LIMIT) or NOTHING,
        exit_reason=plain_text(trade.exit_reason, NAME_LIMIT) or NOTHING,
    )
