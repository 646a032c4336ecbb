"""What is seen on the device: the bots that the runtime holds, and what each of them says of itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.domain.bot import BotState, RunningBot
from pipeline.domain.train.steps import SLOTS, bot_name
from pipeline.errors import Refused


@dataclass(frozen=True, slots=True)
class Says:
    """A bot's own words: which bundle it is, whether it may enter, and how many trades it has open.

    `halted`: its loop was stopped, as in the middle of an order-safe stop: then nobody manages its exits.
    """

    bundle: str
    entries: bool
    open_trades: int
    halted: bool = False


@dataclass(frozen=True, slots=True)
class SeenBot:
    """A bot that a runtime holds; `says` is None where it does not answer: it starts, waits for the database, or hangs.

    `gave_up`: it is down, and the runtime will not start it again: it crashed too often, or ended in a way that a restart does not mend.
    """

    bot: RunningBot
    says: Says | None = None
    gave_up: bool = False

    @property
    def slot(self) -> str:
        """The slot that its name tells; empty for a name that the train does not give."""
        spec = self.bot.spec
        return next((slot for slot in SLOTS if spec.name == bot_name(spec.environment, spec.strategy, slot)), "")

    @property
    def bundle(self) -> str:
        return self.bot.spec.bundle

    @property
    def alive(self) -> bool:
        """Whether a process of it may be there."""
        return self.bot.state is not BotState.DOWN

    @property
    def held(self) -> bool:
        """Whether it says that it enters nothing; a silent bot counts as one that enters."""
        return self.says is not None and not self.says.entries

    @property
    def entering(self) -> bool:
        """Whether it says that it may enter."""
        return self.says is not None and self.says.entries

    @property
    def needs_restart(self) -> bool:
        """Whether its loop was stopped, or it says that it is another bundle than the one it was started as."""
        return self.says is not None and (self.says.halted or self.says.bundle != self.bundle)


def of_strategy(seen: Iterable[SeenBot], environment: str, strategy: str) -> tuple[SeenBot, ...]:
    """The bots of one strategy in one environment, by name.

    Raises:
        Refused: one of them has a name that the train does not give; which slot it takes up cannot be known.
    """
    mine = [b for b in seen if (b.bot.spec.environment, b.bot.spec.strategy) == (environment, strategy)]
    if unknown := [bot.bot.spec.name for bot in mine if not bot.slot]:
        raise Refused(
            f"'{unknown[0]}' runs for '{strategy}' in '{environment}', and the train gives no such name",
            hint="end it by hand, with no order in flight",
        )
    return tuple(sorted(mine, key=lambda bot: bot.bot.spec.name))
