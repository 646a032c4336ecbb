"""Whether a bot may enter a position now, and with how much: what its entry point decides before every order that spends money."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

CLOCK_SLACK_SECONDS = 5.0
"""How far a lease may lie in the future before the clock is taken to have been set back."""

LIMIT_RESERVE = Decimal("0.001")
"""Kept back of the room for rounding a limit order's price and amount to the exchange's steps."""

MARKET_RESERVE = Decimal("0.05")
"""Kept back of the room for a market order's slippage; freqtrade's dry run simulates as much at the most."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a bot knows of the moment. `lease_age_seconds` is None where the lease cannot be read."""

    ending: bool = False
    braked: bool = False
    doubtful: bool = False
    mode_changed: bool = False
    lease_seconds: float = 0.0
    lease_age_seconds: float | None = None


def no_entry(now: Circumstances) -> str:
    """Why nothing may be entered, in a sentence that stays the same while the reason does; empty where it may."""
    if now.mode_changed:
        return "the configuration's dry_run was changed while the bot ran"
    if now.ending:
        return "the bot was asked to end"
    if now.braked:
        return "the bot is braked"
    if now.doubtful:
        return "an order's fate is not known: compare the exchange with the database"
    if not now.lease_seconds:
        return ""
    if now.lease_age_seconds is None:
        return "the watch's lease is not there"
    if now.lease_age_seconds < -CLOCK_SLACK_SECONDS:
        return "the watch's lease lies in the future: the clock was set back"
    if now.lease_age_seconds > now.lease_seconds:
        return f"the watch's lease is older than {now.lease_seconds:g} s"
    return ""


def room(capital: Decimal, committed: Iterable[Decimal]) -> Decimal:
    """What may still be spent: the capital less what open positions and open entry orders cost, never below zero."""
    return max(Decimal(0), capital - sum(committed, Decimal(0)))


def stake_within(room_left: Decimal, wanted: Decimal, least: Decimal, *, market_order: bool) -> Decimal:
    """The stake of an entry: what was wanted, or as much as the room allows; zero where that much is below `least`."""
    allowed = room_left * (1 - (MARKET_RESERVE if market_order else LIMIT_RESERVE))
    if wanted <= allowed:
        return wanted
    return allowed if allowed >= least and allowed > 0 else Decimal(0)
