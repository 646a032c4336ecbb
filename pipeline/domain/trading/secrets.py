"""Secrets as values that show themselves nowhere: not in a repr, a message, JSON, a digest or a pickle."""

from dataclasses import dataclass, replace
from typing import NoReturn


class Secret:
    """A text that is only given out by `reveal()`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, exactly as it was given; for the file that only the bot may read, and nothing else."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied into a pickle")


@dataclass(frozen=True, slots=True)
class SecretNames:
    """The names under which an environment's secrets come in; where no name is given, none is read.

    Key and secret must be there in a live environment. The password is read where there is one, and must be there for exchanges that ask for it.
    Telegram takes both of its values or none.
    """

    access_key: str = "EXCHANGE_ACCESS_KEY"
    access_secret: str = "EXCHANGE_ACCESS_SECRET"
    access_password: str = "EXCHANGE_ACCESS_PASSWORD"
    telegram_token: str = "TELEGRAM_TOKEN"
    telegram_chat_id: str = "TELEGRAM_CHAT_ID"
    apprise_url: str = "APPRISE_URL"
    ping_url: str = "PING_URL"


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """The names of one strategy's keys to an account of its own, in which it may trade pairs that another strategy trades too."""

    strategy: str
    access_key: str
    access_secret: str
    access_password: str = ""

    def instead_of(self, names: SecretNames) -> SecretNames:
        """The environment's names, with these keys in place of its own."""
        return replace(
            names,
            access_key=self.access_key,
            access_secret=self.access_secret,
            access_password=self.access_password,
        )


@dataclass(frozen=True, slots=True)
class Secrets:
    """What came in under those names. A dry-run holds no access to an exchange, whatever came in."""

    access_key: Secret | None = None
    access_secret: Secret | None = None
    access_password: Secret | None = None
    telegram_token: Secret | None = None
    telegram_chat_id: Secret | None = None
    apprise_url: Secret | None = None
    ping_url: Secret | None = None
