"""How one bot hands its database over to another: the successor is ready first, and the old one is stopped right after a loop."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.bot import BotSpec, BotState
from pipeline.domain.bot_log import is_ready
from pipeline.domain.bot_report import Trading
from pipeline.errors import ToolFailed
from pipeline.flows.road import Road
from pipeline.ports import Bot

LOOP_SECONDS = 10.0
"""How long the end of a loop is waited for: freqtrade's throttle, and a loop of a few seconds."""

LOOK_SECONDS = 0.05
READY_LINES = 50


@dataclass(frozen=True, slots=True)
class Stopped:
    """What is known of a bot that was stopped: its last loop, and what did not go as it should."""

    last_loop_at: datetime | None = None
    note: str = ""


def await_ready(spec: BotSpec, road: Road) -> None:
    """Wait until a bot that was started has imported everything and waits for the database, where another one has that.

    Raises:
        ToolFailed: it went down, or needs too long; the other one goes on as it was.
    """
    until = road.clock.now() + timedelta(seconds=road.proof_seconds)
    while _others(spec, road):
        held_since(spec, road)
        if is_ready(road.runtime.logs(spec.name, READY_LINES)) or answering(spec, road):
            return
        if road.clock.now() >= until:
            raise ToolFailed(
                f"it was not ready to take over within {road.proof_seconds:g} s",
                hint=f"its last words:\n{road.runtime.logs(spec.name, 20)}",
            )
        road.clock.sleep(LOOK_SECONDS)


def stop_safely(spec: BotSpec, road: Road) -> Stopped:
    """Stop the loop right after one, so that the successor has the time up to the next; then end the process."""
    found = Stopped(note="it did not answer; its process was asked to finish its loop")
    if (bot := answering(spec, road)) is not None:
        try:
            found = Stopped(_after_a_loop(bot, road))
            bot.stop(spec.stop_seconds)
            found = Stopped(bot.health().last_loop_at or found.last_loop_at)
        except ToolFailed as error:  # What it leaves behind on the exchange is found before its successor is released.
            told = f"it did not say that it had stopped ({error.message}); its process was asked to finish its loop"
            found = Stopped(found.last_loop_at, told)
    road.runtime.stop(spec.name, spec.stop_seconds)
    return found


def answering(spec: BotSpec, road: Road) -> Bot | None:
    """The bot's API where this very bot answers it."""
    try:
        bot = road.homes.bot(spec)
        return bot if bot.identity().name == spec.name else None
    except ToolFailed:
        return None


def held_since(spec: BotSpec, road: Road) -> datetime:
    """Since when the runtime holds the bot's process.

    Raises:
        ToolFailed: it does not, or no more.
    """
    for bot in road.runtime.running():
        if bot.spec.name == spec.name:
            if bot.state is BotState.DOWN:
                raise ToolFailed(f"it went down: {bot.reason}", hint=road.runtime.logs(spec.name, 20))
            return bot.since
    raise ToolFailed("the runtime does not hold it")


def _others(spec: BotSpec, road: Road) -> bool:
    """Whether another bot may have the database."""
    return any(
        (bot.spec.environment, bot.spec.strategy) == (spec.environment, spec.strategy)
        and bot.spec.name != spec.name
        and bot.state is not BotState.DOWN
        for bot in road.runtime.running()
    )


def _after_a_loop(bot: Bot, road: Road) -> datetime | None:
    """Wait for the end of a loop; not of a bot that is stopped or hangs. Returns the last one."""
    now = road.clock.now()
    first = last = bot.health().last_loop_at
    if first is None or first < now - timedelta(seconds=LOOP_SECONDS) or bot.identity().state is Trading.STOPPED:
        return first
    while last == first and road.clock.now() < now + timedelta(seconds=LOOP_SECONDS):
        road.clock.sleep(LOOK_SECONDS)
        last = bot.health().last_loop_at
    return last
