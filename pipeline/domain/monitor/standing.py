"""How a strategy stands: what the ledger, the runtime and the last look say of it, taken together."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pipeline.domain.bot import BotState, RunningBot
from pipeline.domain.monitor.curve import Latest
from pipeline.domain.monitor.overview import Condition
from pipeline.domain.train.state import EnvironmentState, StrategyState
from pipeline.domain.train.steps import bot_name, short

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
FRESH = timedelta(minutes=3)
"""A look that is older is none: the watch samples once a minute."""

_SAID = {
    "running": "it trades",
    "paused": "it enters nothing",
    "stopped": "its loop is stopped",
    "silent": "it does not answer",
    "strange": "it is not what it was started as",
    "down": "it was down",
}
_DOWN = "down"
_TELLING = ("running", "paused", "stopped")


def standing(
    state: EnvironmentState,
    known: StrategyState,
    bots: Sequence[RunningBot] | None,
    latest: Latest | None,
    now: datetime,
) -> tuple[Condition, str]:
    """The condition, and what is known of its bot in a sentence.

    Args:
        bots: those that the runtime holds for this strategy in this environment; None where it cannot be asked: then the watch's word counts.
        latest: the last look at the standing bundle.
    """
    if known.progress and known.progress.target:
        purpose = known.progress.purpose.value.replace("_", " ")
        return Condition.DEPLOYING, f"the {purpose} of {short(known.progress.target.bundle)} is not ended"
    if known.standing is None:
        strays = [bot for bot in bots or () if bot.state is not BotState.DOWN]
        return Condition.NOTHING, f"{strays[0].spec.name} runs and should not" if strays else "nothing should run"
    name = bot_name(state.environment, known.strategy, known.standing.slot)
    bot = next((bot for bot in bots or () if bot.spec.name == name), None)
    if bots is not None and (bot is None or bot.state is BotState.DOWN):
        return Condition.DOWN, f"its bot is down: {bot.reason}" if bot and bot.reason else "its bot is down"
    up = "by the last look" if bot is None else "its bot is up"
    if bot is not None and bot.restarts:
        up += f", started again {bot.restarts} times"
    said = _said(latest, now)
    if said is None or latest is None:
        last = f"the last look was at {latest.at:%Y-%m-%d %H:%M} UTC" if latest else "nobody has looked yet"
        return Condition.UNSEEN, last if bot is None else f"{up}; {last}"
    told = f"{up}, {said}" if bot is None else f"{up}; {said}"
    if latest.state == _DOWN and bot is None:
        return Condition.DOWN, told
    if latest.state not in _TELLING:
        return Condition.UNSEEN, told
    if state.holds(known.strategy, known.standing.bundle):
        return Condition.HELD, told
    return (Condition.TRADING if latest.state == "running" else Condition.PAUSED), told


def elsewhere(state: EnvironmentState, known: StrategyState) -> tuple[Condition, str]:
    """The same where bots and observations are another user's, so that only the ledger tells."""
    if known.standing is None or known.progress:
        return standing(state, known, None, None, _NEVER)
    held = state.holds(known.strategy, known.standing.bundle)
    return (Condition.HELD if held else Condition.ELSEWHERE), "its bot and what was observed are another user's"


def _said(latest: Latest | None, now: datetime) -> str | None:
    """What the bot said at the last look; None where nobody looked lately."""
    if latest is None or now - latest.at > FRESH:
        return None
    return _SAID.get(latest.state, latest.state)
