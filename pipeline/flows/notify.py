"""`freqtrain notify`: whether people elsewhere can be told, and be shown a week, found out by doing it."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.domain.channels import Channels
from pipeline.domain.week_picture import example_week
from pipeline.errors import Refused, ToolFailed
from pipeline.ports import Clock
from pipeline.render.notices import Illustrated

TITLE, TEXT = "freqtrain · {environment}", "This is a test: what happens in '{environment}' is told here."
PICTURE = "The picture is an example: each Monday one shows the week, if the watch saw any."


@dataclass(frozen=True, slots=True)
class NotifyGround:
    """One environment's channels: `keep` writes down what was given, `read` reads what is there, `forget` takes all of it away.

    `deliver` takes the channels, the name of one, title, text, and a picture with the text that goes with it; it returns why it went without the
    picture, "" where it did not, and raises ToolFailed where nothing could be told.
    """

    environment: str
    keep: Callable[[], None]
    read: Callable[[], Channels]
    forget: Callable[[], None]
    deliver: Callable[[Channels, str, str, str, Illustrated], str]
    clock: Clock


@dataclass(frozen=True, slots=True)
class Tried:
    """One channel, why it could not be told, and why it was told without the picture; "" where it was, and where nothing was lacking."""

    channel: str
    problem: str = ""
    lacking: str = ""


def channels(ground: NotifyGround) -> Channels:
    """The environment's channels, after what was given was written down; raises Refused where there is none."""
    ground.keep()
    found = ground.read()
    if not found.names and found.ping is None:
        raise Refused(
            f"nobody is told what happens in '{ground.environment}': no channel was given",
            hint=f"freqtrain secrets set {ground.environment} APPRISE_URL, or TELEGRAM_TOKEN and TELEGRAM_CHAT_ID",
        )
    return found


def tell_each(ground: NotifyGround) -> tuple[Tried, ...]:
    """Tell each channel something, one after the other, and wait for what comes of it; raises Refused as `channels`."""
    found = channels(ground)
    if not found.names:
        raise Refused(
            "there is only an address to be pinged, and nobody to be told",
            hint="the watch pings it after each good round",
        )
    return tuple(_tried(ground, found, name) for name in found.names)


def _tried(ground: NotifyGround, found: Channels, name: str) -> Tried:
    title, text = (words.format(environment=ground.environment) for words in (TITLE, TEXT))
    shown = Illustrated(f"{text} {PICTURE}", example_week(ground.environment, ground.clock.now()))
    try:
        return Tried(name, lacking=ground.deliver(found, name, title, text, shown))
    except ToolFailed as error:
        return Tried(name, error.message)
