"""Two environments' weights side by side: what is at stake in each, and what guards it."""

from dataclasses import dataclass
from decimal import Decimal

from pipeline.domain.trading import Approval, Boarding, Brake, TradingEnvironment


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One weight, left and right; `times` is how many times the left the right is, "" where that says nothing."""

    what: str
    left: str
    right: str
    times: str = ""


def weight_rows(
    left: TradingEnvironment, right: TradingEnvironment, full_weight: tuple[bool, bool] = (False, False)
) -> tuple[WeightRow, ...]:
    """What is at stake in two environments, with their variables filled in; `full_weight` says which of them demand the most of their device."""
    sides = ((*_weights(one), _device(one, full)) for one, full in zip((left, right), full_weight, strict=True))
    pairs = tuple(zip(*sides, strict=True))
    same = left.stake_currency == right.stake_currency
    return tuple(
        WeightRow(what, one, other, _times(amount, against) if same else "")
        for (what, one, amount), (_, other, against) in pairs
    )


def _weights(environment: TradingEnvironment) -> tuple[tuple[str, str, Decimal | None], ...]:
    limits, brakes = environment.limits, environment.brakes
    currency = environment.stake_currency
    return (
        ("money", "simulated" if environment.dry_run else "real", None),
        ("capital of a bot", f"{limits.capital_per_bot:f} {currency}", limits.capital_per_bot),
        ("capital in all", _amount(limits.capital_in_all, currency), limits.capital_in_all),
        ("stake of a trade, at most", f"{_short(environment.largest_stake)} {currency}", environment.largest_stake),
        ("open trades of a bot", str(limits.max_open_trades), Decimal(limits.max_open_trades)),
        ("to board", _boarding(environment.boarding), None),
        ("brake: drawdown", _ratio(brakes.drawdown_max_ratio), None),
        ("brake: loss of a day", _ratio(brakes.daily_loss_max_ratio), None),
        ("approval", _approval(environment.approval), None),
        ("promotion, roll-back", f"{environment.promotion}, {environment.roll_back}", None),
    )


def _device(environment: TradingEnvironment, full: bool) -> tuple[str, str, Decimal | None]:
    """What `freqtrain preflight --environment` demands, each including what the lighter ones do."""
    if full:
        return ("of the device", "private, clock set, encrypted, backed up", None)
    return ("of the device", "private" if environment.dry_run else "private, clock set", None)


def _times(left: Decimal | None, right: Decimal | None) -> str:
    return "" if left is None or right is None else f"x {_short(right / left)}"


def _short(amount: Decimal) -> str:
    """At most two digits behind the point; more only where nothing else would be left."""
    rounded = amount.quantize(Decimal("0.01")) if amount >= 1 else Decimal(f"{amount:.3g}")
    return format(rounded.normalize(), "f")


def _amount(amount: Decimal | None, currency: str) -> str:
    return "no limit" if amount is None else f"{amount:f} {currency}"


def _boarding(boarding: Boarding | None) -> str:
    if boarding is None:
        return "the gate's verdict"
    count = len(boarding.thresholds)
    more = f", {count} {'threshold' if count == 1 else 'thresholds'}" if count else ""
    return f"{boarding.healthy_hours:g} h healthy, {boarding.closed_trades} closed trades{more}"


def _ratio(brake: Brake) -> str:
    return f"{brake.limit * 100:g} %, {brake.action.replace('_', ' ')}"


def _approval(approval: Approval) -> str:
    return f"signed, for {approval.valid_hours:g} h, {approval.team}" if approval.required else "none"
