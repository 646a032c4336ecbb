"""`freqtrain notify`: whether people elsewhere can be told, found out by telling them."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.domain.channels import Channels
from pipeline.errors import Refused, ToolFailed

TITLE, TEXT = "freqtrain · {environment}", "This is a test: what happens in '{environment}' is told here."


@dataclass(frozen=True, slots=True)
class NotifyGround:
    """One environment's channels: `keep` writes down what was given, `read` reads what is there, `forget` takes all of it away.

    `deliver` takes the channels, the name of one, title and text, and raises ToolFailed where it could not be told.
    """

    environment: str
    keep: Callable[[], None]
    read: Callable[[], Channels]
    forget: Callable[[], None]
    deliver: Callable[[Channels, str, str, str], object]


@dataclass(frozen=True, slots=True)
class Tried:
    """One channel, and why it could not be told; "" where it was."""

    channel: str
    problem: str = ""


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
    try:
        ground.deliver(found, name, title, text)
    except ToolFailed as error:
        return Tried(name, error.message)
    return Tried(name)
