"""What is asked from the one chat that may ask: how it stands, and to stop entries. Nothing here starts a bot or lets one enter."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.domain.chat import HELP, Message, Wants, too_old, understood
from pipeline.domain.train.status import status
from pipeline.errors import FreqtrainError, Refused
from pipeline.flows.road import Road
from pipeline.flows.stop import stop
from pipeline.ports import Clock
from pipeline.render.chat import status_text

REASON = "asked for in the chat"


@dataclass(frozen=True, slots=True)
class ChatGround:
    """One environment; `road` is made anew for each message, because the watch goes on with its own meanwhile."""

    clock: Clock
    road: Callable[[], Road]


def answer(message: Message, ground: ChatGround) -> str:
    """What the chat is told. Whoever writes there may stop, and is recorded by name; who may write there is Telegram's to say."""
    wanted = understood(message.text)
    if wanted.wants is Wants.HELP:
        return HELP
    if too_old(message, ground.clock.now()):
        return "That was written too long ago, and nothing was done: write it again if you still mean it."
    try:
        road = ground.road()
        if wanted.wants is Wants.STATUS:
            return status_text(road.environment.name, status(road.state(), road.seen()))
        return _stopped(wanted.strategies, message.by, road)
    except FreqtrainError as error:
        return f"Not all of it worked: {error.message}" + (f" ({error.hint})" if error.hint else "")


def _stopped(strategies: tuple[str, ...], by: str, road: Road) -> str:
    name, wanted = road.environment.name, strategies or _all(road)
    if not wanted:
        return f"Nothing runs in {name}."
    stop(wanted, road, f"telegram:{by}", REASON, exits=False)
    which = ", ".join(wanted)
    return f"Entries of {which} in {name} are stopped, exits go on. A person lets them enter again: freqtrain stop {name} ID --release"


def _all(road: Road) -> tuple[str, ...]:
    """Every strategy that runs or should; a ledger that cannot be read hides none that runs."""
    held = {bot.spec.strategy for bot in road.runtime.running() if bot.spec.environment == road.environment.name}
    try:
        return tuple(sorted(held | set(road.state().strategies)))
    except Refused as error:
        road.narrator.say(error.message)
        return tuple(sorted(held))
