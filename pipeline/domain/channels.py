"""By what people elsewhere are reached: values that are secret, under names that are not."""

import re
from dataclasses import dataclass

from pipeline.domain.trading.secrets import Secret, Secrets

TELEGRAM = "telegram"
KEYS = ("telegram_token", "telegram_chat_id", "apprise_url", "ping_url")
"""The secrets that are channels, by their keys below `secrets` in an environment's file."""


@dataclass(frozen=True, slots=True)
class Telegram:
    """A bot of Telegram's and the one chat that it speaks with."""

    token: Secret
    chat: Secret


@dataclass(frozen=True, slots=True)
class Channels:
    """All of one environment's. `messengers` are apprise URLs by name; `ping` is an address that wants to be asked again and again."""

    telegram: Telegram | None = None
    messengers: tuple[tuple[str, Secret], ...] = ()
    ping: Secret | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What the channels that take messages are called."""
        return (*((TELEGRAM,) if self.telegram else ()), *(name for name, _ in self.messengers))

    @property
    def hidden(self) -> tuple[str, ...]:
        """Every text that nobody may read anywhere: the values, and the parts of addresses that may be a password or a key."""
        values = [self.telegram.token, self.telegram.chat] if self.telegram else []
        values += [address for _, address in self.messengers] + ([self.ping] if self.ping else [])
        texts = {text for value in values for text in (value.reveal(), *_parts(value.reveal()))}
        return tuple(sorted((text for text in texts if len(text) >= SHORTEST), key=len, reverse=True))


SHORTEST = 4
"""Characters; shorter parts of an address are no secret, and are found in every sentence."""


def channels_of(secrets: Secrets) -> Channels:
    """The channels among an environment's secrets. Several apprise URLs may stand in one value, with white space between."""
    token, chat = secrets.telegram_token, secrets.telegram_chat_id
    addresses = secrets.apprise_url.reveal().split() if secrets.apprise_url else []
    return Channels(
        Telegram(token, chat) if token and chat else None, tuple(_named(addresses)), secrets.ping_url or None
    )


def without(text: str, hidden: tuple[str, ...]) -> str:
    """The text with everything hidden that is to be."""
    for one in hidden:
        text = text.replace(one, "***")
    return text


def _named(addresses: list[str]) -> list[tuple[str, Secret]]:
    """Each by its service, which is no secret; numbered where there are more of one."""
    found: list[tuple[str, Secret]] = []
    for address in addresses:
        scheme = re.match(r"[a-z][a-z0-9]{1,19}(?=://)", address.lower())
        service = scheme[0] if scheme else "apprise"
        service = f"{service} by apprise" if service == TELEGRAM else service
        count = sum(name == service or name.startswith(f"{service} ") for name, _ in found)
        found.append((f"{service} {count + 1}" if count else service, Secret(address)))
    return found


def _parts(address: str) -> list[str]:
    """What stands behind the service and its host: users, passwords, paths, parameters."""
    rest = address.partition("://")[2]
    return [part for part in re.split(r"[/:@?&=;,#\s]+", rest) if part and not _is_plain(part)]


def _is_plain(part: str) -> bool:
    return part in ("localhost", "127.0.0.1") or part.isdecimal()
