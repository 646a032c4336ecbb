"""Where and in which currency a bot trades, beside its open trades: freqtrade takes trades of other terms up without a word.

It manages their exits, which go by ratios and by the pair. But it adds their stakes to those in the new currency, sizes entries and values the
account by the sum (`Trade.total_open_trades_stakes`, `Wallets`), and sells on an exchange that never bought, where that was changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.trading import TradingEnvironment

TOLD = 5
"""Trades that a sentence names."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same for all trades of a bot. Its market is always spot."""

    exchange: str
    stake_currency: str

    def __str__(self) -> str:
        return f"{self.stake_currency} on {self.exchange}"

    def same(self, other: "Terms") -> bool:
        return self._key() == other._key()

    def _key(self) -> tuple[str, str]:
        return self.exchange.lower(), self.stake_currency.upper()


@dataclass(frozen=True, slots=True)
class BookedTrade:
    """An open trade as a database holds it, an entry that waits to be filled among them; `opened_at` is aware UTC."""

    pair: str
    opened_at: datetime
    terms: Terms

    def __str__(self) -> str:
        return f"{self.pair} since {self.opened_at:%Y-%m-%d %H:%M} UTC"


def terms_of(environment: TradingEnvironment) -> Terms:
    """The terms of a bot that is given the environment as it is now."""
    return Terms(environment.exchange, environment.stake_currency)


def foreign(trades: Iterable[BookedTrade], terms: Terms) -> tuple[BookedTrade, ...]:
    """The trades that were entered on other terms."""
    return tuple(trade for trade in trades if not trade.terms.same(terms))


def elsewhere(trades: Iterable[BookedTrade], terms: Terms) -> tuple[BookedTrade, ...]:
    """The trades that lie on another exchange: a bot of these terms cannot even sell them."""
    return tuple(trade for trade in trades if trade.terms.exchange.lower() != terms.exchange.lower())


def open_on_other_terms(trades: Sequence[BookedTrade]) -> str:
    """The first half of a sentence: which trades are open, and on which terms."""
    by_terms: dict[str, list[BookedTrade]] = {}
    for trade in trades:
        by_terms.setdefault(str(trade.terms), []).append(trade)
    return ", and ".join(
        f"{_count(of_them)} in {terms} ({_named(of_them)})" for terms, of_them in sorted(by_terms.items())
    )


def against_open_trades(environment: TradingEnvironment, strategy: str, trades: Sequence[BookedTrade]) -> str:
    """What speaks against a new start in the environment; "" where all open trades were entered on its terms."""
    strange = foreign(trades, terms_of(environment))
    if not strange:
        return ""
    return (
        f"{open_on_other_terms(strange)}, and '{environment.name}' trades {terms_of(environment)} now, so that its bot would size, value "
        f"and limit its trades by a sum of both: {way_out(environment.name, strategy)}, or put the earlier configuration back"
    )


def held_for(
    environment: TradingEnvironment, strategy: str, bundle: str, home: Terms, trades: Sequence[BookedTrade]
) -> str:
    """Why a bot that runs manages its exits and enters nothing; "" where nothing keeps it from entering.

    Args:
        bundle: as a person names it.
        home: what the bot was configured with.
    """
    now = terms_of(environment)
    strange = foreign(trades, home)
    if home.same(now) and not strange:
        return ""
    first = f"'{environment.name}' trades {now} now"
    first += "" if home.same(now) else f", and the bot goes on in {home}, with which it was started before"
    commands = [f"`freqtrain stop {environment.name} {strategy} --release --reason …`"]
    if not home.same(now):
        commands.insert(0, f"`freqtrain deploy {environment.name} {bundle} --again`")
    remedy = ", then ".join(commands)
    open_now = foreign(trades, now)
    if not open_now:
        return f"{first}: {remedy}"
    return (
        f"{first}; {open_on_other_terms(open_now)}: it manages exits and enters nothing; sell them or let it end them, and when none "
        f"is left: {remedy}"
    )


def way_out(environment: str, strategy: str) -> str:
    """How open trades end under the configuration that they were entered with, by the bot that has them."""
    return (
        f"let the bot that has them sell them (`freqtrain stop {environment} {strategy} --exit`, or deploy with `--open-trades exit`) "
        "or manage them to their end (`--open-trades drain`)"
    )


def _count(trades: Sequence[BookedTrade]) -> str:
    return "a trade is open" if len(trades) == 1 else f"{len(trades)} trades are open"


def _named(trades: Sequence[BookedTrade]) -> str:
    more = f" and {len(trades) - TOLD} more" if len(trades) > TOLD else ""
    return ", ".join(str(trade) for trade in trades[:TOLD]) + more
