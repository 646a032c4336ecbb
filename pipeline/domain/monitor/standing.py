"""How a strategy stands: what the ledger, the runtime and the last look say of it, taken together."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.domain.bot import BotState, RunningBot
from pipeline.domain.monitor.curve import Latest
from pipeline.domain.monitor.overview import Condition
from pipeline.domain.train.state import EnvironmentState, StrategyState
from pipeline.domain.train.steps import bot_name, short

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
        bots: those that the runtime holds for this strategy in this environment; None where it cannot be asked.
        latest: the last look at the standing bundle.
    """
    if known.progress and known.progress.target:
        purpose = known.progress.purpose.value.replace("_", " ")
        return Condition.DEPLOYING, f"the {purpose} of {short(known.progress.target.bundle)} is not ended"
    if bots is None:
        return Condition.UNSEEN, "nobody knows what runs, because the runtime cannot be asked"
    if known.standing is None:
        strays = [bot for bot in bots if bot.state is not BotState.DOWN]
        return Condition.NOTHING, f"{strays[0].spec.name} runs and should not" if strays else "nothing should run"
    name = bot_name(state.environment, known.strategy, known.standing.slot)
    bot = next((bot for bot in bots if bot.spec.name == name), None)
    if bot is None or bot.state is BotState.DOWN:
        return Condition.DOWN, f"its bot is down: {bot.reason}" if bot and bot.reason else "its bot is down"
    said = _said(latest, now)
    if said is None or latest is None:
        last = f"the last look was at {latest.at:%Y-%m-%d %H:%M} UTC" if latest else "nobody has looked yet"
        return Condition.UNSEEN, f"its bot is up; {last}"
    again = f", started again {bot.restarts} times" if bot.restarts else ""
    told = f"its bot is up{again}; {said}"
    if latest.state not in _TELLING:
        return Condition.UNSEEN, told
    if state.holds(known.strategy, known.standing.bundle):
        return Condition.HELD, told
    return (Condition.TRADING if latest.state == "running" else Condition.PAUSED), told


def _said(latest: Latest | None, now: datetime) -> str | None:
    """What the bot said at the last look; None where nobody looked lately."""
    if latest is None or now - latest.at > FRESH:
        return None
    return _SAID.get(latest.state, latest.state)
