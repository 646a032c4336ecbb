"""Keeping bots from entering at once, without waiting for anybody's lock: their homes say so first, then they are told."""

from collections.abc import Callable, Sequence
from functools import partial

from pipeline.domain.train.sight import SeenBot
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.flows.road import Road


def hold(bots: Sequence[SeenBot], road: Road, reason: str) -> list[str]:
    """Every bot's home first, so that a crash in between leaves them braked; then the bots. Returns what did not work, one sentence each."""
    failures: list[str] = []
    for bot in bots:
        failures += tried(bot.bot.spec.name, partial(road.homes.hold, bot.bot.spec, reason))
    for bot in bots:
        if bot.alive and not bot.held:
            _tell(bot, road)
    return failures


def tried(what: str, does: Callable[[], None]) -> list[str]:
    """Do something; what went wrong, in a sentence that says with what."""
    try:
        does()
    except FreqtrainError as error:
        return [f"{what}: {error.message}"]
    return []


def _tell(bot: SeenBot, road: Road) -> None:
    try:
        road.homes.bot(bot.bot.spec).stop_entries()
    except ToolFailed as error:
        road.narrator.say(
            f"{bot.bot.spec.name} does not answer ({error.message}); it reads its home before every entry"
        )
