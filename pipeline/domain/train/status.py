"""What runs where, since when and on which evidence: the ledger's word beside what is seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.bot import BotState
from pipeline.domain.train.sight import SeenBot, of_strategy
from pipeline.domain.train.state import EnvironmentState, StrategyState
from pipeline.domain.train.steps import short


@dataclass(frozen=True, slots=True)
class Line:
    """One strategy in one environment. `bundle` is the digest that should run, "" where none should; `well` is False where a person should look."""

    environment: str
    strategy: str
    bundle: str
    since_at: datetime | None
    evidence: str
    bot: str
    entries: str
    open_trades: int | None
    well: bool


def status(state: EnvironmentState, seen: Sequence[SeenBot]) -> tuple[Line, ...]:
    """One line a strategy, by id; bots that the ledger does not know included."""
    held = {bot.bot.spec.strategy for bot in seen if bot.bot.spec.environment == state.environment}
    return tuple(
        _line(state, state.of(strategy), of_strategy(seen, state.environment, strategy))
        for strategy in sorted(held | set(state.strategies))
    )


def _line(state: EnvironmentState, known: StrategyState, mine: Sequence[SeenBot]) -> Line:
    standing = known.standing
    bundle = standing.bundle if standing else ""
    own = next((b for b in mine if standing and (b.slot, b.bundle) == (standing.slot, standing.bundle)), None)
    last = next((d for d in reversed(known.deployments) if d.bundle == bundle and d.until_at is None), None)
    holds = state.holds(known.strategy, bundle) if standing else ()
    bot, well = _bot(known, own, mine)
    entries = "; ".join(str(hold) for hold in holds) or ("yes" if own and own.entering else "no")
    well = well and (not standing or bool(holds) or bool(own and own.entering))
    trades = own.says.open_trades if own and own.says else None
    since, evidence = (last.since_at, last.evidence) if last else (None, "")
    return Line(state.environment, known.strategy, bundle, since, evidence, bot, entries, trades, well)


def _bot(known: StrategyState, own: SeenBot | None, mine: Sequence[SeenBot]) -> tuple[str, bool]:
    if known.progress and known.progress.target:
        return (
            f"the {known.progress.purpose.value.replace('_', ' ')} of {short(known.progress.target.bundle)} is not ended",
            False,
        )
    strays = [bot for bot in mine if bot is not own and bot.alive]
    if strays:
        return f"{strays[0].bot.spec.name} runs and should not", False
    if own is None:
        return ("down", False) if known.standing else ("none", True)
    if own.bot.state is BotState.DOWN:
        return f"down: {own.bot.reason}", False
    return ("up", True) if own.says else ("up, does not answer", False)
