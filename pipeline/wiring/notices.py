"""The real things by which people elsewhere are told what happens in an environment."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.notices.channel_file import ChannelFile
from pipeline.adapters.notices.chat import Chat
from pipeline.adapters.notices.delivery import Delivery
from pipeline.adapters.notices.inbox import NoticeInbox
from pipeline.adapters.notices.outbox_file import OutboxFile
from pipeline.adapters.notices.ping import NAME as PING
from pipeline.adapters.notices.reach_file import ReachFile
from pipeline.adapters.notices.sender import NoticeSender
from pipeline.config.trading import load_trading_environment
from pipeline.domain.notice_line import NoticeLine, notice_line
from pipeline.domain.notices import Outbox
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.trading.injection import read_channels
from pipeline.errors import FreqtrainError
from pipeline.flows.chat import ChatGround, answer
from pipeline.flows.notify import NotifyGround
from pipeline.flows.road import Road
from pipeline.ports import Clock, Narrator
from pipeline.wiring.environment_files import environment_file
from pipeline.wiring.homes import outside
from pipeline.wiring.secrets import injected


def keep_channels(own: TradingEnvironment, values: Mapping[str, str], home: Path, narrator: Narrator) -> None:
    """Write down the channels that came with the process or lie on the device, for the watch; that this fails stops nothing."""
    try:
        ChannelFile(home / own.name).keep(read_channels(own, values), SystemClock().now())
    except FreqtrainError as error:
        narrator.say(f"notifications: {error.message}")


def inbox(environment: str, home: Path, clock: Clock, narrator: Narrator) -> NoticeInbox:
    """What a verb of the environment has to tell."""
    return NoticeInbox(environment, home / environment, clock, narrator, Delivery())


def sender(environment: str, home: Path, clock: Clock, narrator: Narrator) -> NoticeSender:
    """What tells on the watch's behalf; it has begun."""
    made = NoticeSender(environment, home / environment, clock, narrator, Delivery())
    made.start()
    return made


def chat(tells: NoticeSender, road: Callable[[], Road]) -> Chat:
    """Who listens to the one chat that may ask, for as long as this process is the one that tells."""
    heard = ChatGround(SystemClock(), road)
    return Chat(
        lambda: tells.channels() if tells.place() is not None else None,
        lambda message: answer(message, heard),
        tells.note,
    )


def notice_lines(environment: str, home: Path) -> tuple[NoticeLine, ...]:
    """Whether people are told; none where no channel was ever given."""
    folder = home / environment
    try:
        found = ChannelFile(folder).read()
        outbox = OutboxFile(folder).load()
    except FreqtrainError as error:
        return (NoticeLine(environment, (), 0, None, f"nobody can be told what happens: {error.message}", False),)
    except (OSError, ValueError):
        outbox = Outbox()
    if not found.names and found.ping is None:
        return ()
    others = tuple(one for one in outbox.others if one.name != PING or found.ping is not None)
    return (notice_line(environment, found.names, replace(outbox, others=others)),)


def _forget(kept: ChannelFile, reach: ReachFile, at: datetime) -> None:
    kept.forget(at)
    with suppress(OSError):  # Who still tells writes it anew.
        reach.forget()


def ground(environment: str, home: Path, narrator: Narrator) -> NotifyGround:
    """An environment's channels: what the process or the device holds of them is written down first.

    Raises:
        ConfigError: the environment's file or its variables are wrong.
        Refused: a file with secrets cannot be trusted.
    """
    outside(home)
    file = environment_file(environment)
    process = injected(file, home, narrator, strict=False)
    own = load_trading_environment(file, process.variables).environment
    kept, clock = ChannelFile(home / own.name), SystemClock()
    return NotifyGround(
        own.name,
        lambda: kept.keep(read_channels(own, process.values), clock.now()),
        kept.read,
        lambda: _forget(kept, ReachFile(home / own.name), clock.now()),
        Delivery(),
        clock,
    )
