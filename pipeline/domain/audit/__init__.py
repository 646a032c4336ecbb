"""The audit: no trade is believed that the candles, the exchange's rules and the account do not allow.

It is computed from trades, candles and the market snapshot alone; nothing that the engine's process says is taken for granted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from pipeline.domain.audit.book import Book
from pipeline.domain.audit.money import capital, stakes
from pipeline.domain.audit.possible import complaints
from pipeline.domain.audit.terms import Terms, fee_ratio, terms_of
from pipeline.domain.audit.together import overlaps, slots
from pipeline.domain.canonical import Plain
from pipeline.domain.job import Account
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.verdict import Finding, Outcome
from pipeline.domain.windows import Window

__all__ = ["CHECK", "MOST_NAMED", "Terms", "audit", "bounded", "named", "terms_of"]

CHECK = "audit"

MOST_NAMED = 5
"""Trades that are named for each rule; the others are counted."""


def audit(
    trades: Sequence[ClosedTrade],
    window: Window,
    frames: Mapping[str, pd.DataFrame],
    markets: Mapping[str, Plain],
    account: Account,
    terms: Terms,
) -> tuple[Finding, ...]:
    """Check that every trade of a window was possible, and that all of them were possible together.

    Args:
        trades: as the engine gave them: in the order of closing, with their fills.
        frames: pair -> candles with the columns date (UTC, ascending), open, high, low and close, covering the window.
        markets: the frozen snapshot, ccxt's unified market by pair.
        account: the money that the window started with.
        terms: what else these trades are held to (`terms_of`).

    Returns:
        FAIL findings (check "audit"), at most `MOST_NAMED` + 1 a rule; none where every trade was possible.
    """
    book = Book(frames, window, terms.timeframe)
    fee = fee_ratio(account, markets, terms.pairs)
    broken: dict[str, list[tuple[int, str]]] = defaultdict(list)
    sound: list[tuple[int, ClosedTrade]] = []
    for number, trade in enumerate(trades):
        found = list(complaints(trade, book, markets, terms, fee))
        for rule, what in found:
            broken[rule].append((number, what))
        if not any(rule in ("pair", "fills", "times") for rule, _ in found):
            sound.append((number, trade))
    for number, rule, what in (
        *overlaps(sound),
        *slots(sound, account.max_open_trades),
        *capital(sound, account, terms),
        *stakes(sound, account, terms, markets),
    ):
        broken[rule].append((number, what))
    findings: list[Finding] = []
    for rule, cases in broken.items():
        sentences = [f"{named(number, trades[number])} {what}." for number, what in sorted(cases)]
        failed = [Finding(CHECK, rule, Outcome.FAIL, sentence, window=window.name) for sentence in sentences]
        findings += bounded(failed)
    return tuple(findings)


def named(number: int, trade: ClosedTrade) -> str:
    """How a trade is called in a sentence: its place in the window's list, its pair and when it was opened."""
    return f"Trade {number + 1} ({trade.pair}, {trade.opened_at:%Y-%m-%d %H:%M})"


def bounded(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The first findings of one rule, and one that counts the rest."""
    rest = len(findings) - MOST_NAMED
    if rest <= 0:
        return tuple(findings)
    return (*findings[:MOST_NAMED], replace(findings[0], reason=f"And {rest} more like these."))
