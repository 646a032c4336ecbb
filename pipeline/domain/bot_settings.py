"""What one bot's entry point is told by the `bot.json` in its home: who it is, what it may trade with, and where its files are."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from pipeline.domain.strategy import ID_PATTERN

DRY_RUN = "dry_run"
LIVE = "live"

SETTINGS_FILE = "bot.json"
DOUBT_SUFFIX = ".doubt.json"
ORDER_ERRORS_SUFFIX = ".order-errors.json"
BRAKE_FILE = "brake.json"
"""While a file of this name lies in a bot's home, the bot enters nothing, restarts included. Its content is for people."""


@dataclass(frozen=True, slots=True)
class BotSettings:
    """The content of `bot.json`, field by field; `canonical.plain` writes it. Relative paths start at the bot's home.

    The database's lock file is no setting: it is always the one beside the database, so that no two bots can disagree about it.
    """

    name: str
    """Unique on the device; freqtrade shows it as `bot_name`."""
    environment: str
    strategy: str
    """The strategy's id; a database belongs to one for life."""
    bundle: str
    """`sha256:…`, shown as `strategy_version`."""
    class_name: str
    mode: str
    """DRY_RUN or LIVE."""
    capital: Decimal
    """What all open positions and entry orders of this bot may cost together, in the stake currency."""
    strategy_dir: str
    """The folder of the bundle's files, read-only."""
    database: str
    config_files: tuple[str, ...]
    """Fragments of freqtrade's configuration; a later one wins."""
    lease_file: str = ""
    lease_seconds: float = 0.0
    """How old the lease file may be, by its time of change; 0 without a lease. A live bot has one."""
    strategy_files: Mapping[str, str] = field(default_factory=dict)
    """sha256 of each file in `strategy_dir`, by path; where given, the folder must hold exactly these."""

    loopback_only: bool = False
    """Whether it may reach nothing but this machine: a rehearsal's bot."""

    @property
    def dry_run(self) -> bool:
        return self.mode == DRY_RUN

    @property
    def lock(self) -> str:
        """The file whose lock the bot holds for life."""
        return f"{self.database}.lock"

    @property
    def doubt(self) -> str:
        """The file that a bot writes when it does not know what became of an entry's order. While it is there, no bot of this database enters."""
        return f"{self.database}{DOUBT_SUFFIX}"

    @property
    def order_errors(self) -> str:
        """The file in which a bot keeps when its orders failed, until one does not."""
        return f"{self.database}{ORDER_ERRORS_SUFFIX}"


def read_settings(value: object) -> BotSettings:
    """The settings in a parsed JSON value.

    Raises:
        ValueError: it is not exactly that; the message has one line for each problem.
    """
    if not isinstance(value, dict):
        raise ValueError("holds no JSON object")
    known = {one.name for one in fields(BotSettings)}
    problems = [f"{key}: is not known here" for key in sorted(set(value) - known)]
    problems += [f"{key}: is missing" for key in sorted(_NEEDED - set(value))]
    read: dict[str, Any] = {}
    for key in sorted(known & set(value)):
        try:
            read[key] = _READERS[key](value[key])
        except ValueError as error:
            problems.append(f"{key}: {error}")
    if not problems:
        problems = _together(read)
    if problems:
        raise ValueError("\n".join(problems))
    return BotSettings(**read)


def _together(read: Mapping[str, Any]) -> list[str]:
    lease, seconds = read.get("lease_file", ""), read.get("lease_seconds", 0.0)
    if bool(lease) != bool(seconds):
        return ["lease_file and lease_seconds: belong together"]
    if read["mode"] == LIVE and not lease:
        return ["lease_file: a live bot needs the watch's lease"]
    return []


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("must be a text")
    return value


def _matching(pattern: str, told: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"must be {told}")
        return value

    return read


def _capital(value: object) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0:
        raise ValueError('must be an amount above zero, written as text ("250.5")')
    return amount


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        raise ValueError("must be a number of seconds up to a day")
    return float(value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _files(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("must be a list of paths")
    return tuple(_text(item) for item in value)


def _digests(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(path, str) and path for path in value):
        raise ValueError("must map paths to digests")
    return {path: _DIGEST(digest) for path, digest in sorted(value.items())}


_DIGEST = _matching(r"sha256:[0-9a-f]{64}", "a digest, sha256:…")
_NAME = _matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", "a name of letters, digits, dots, dashes and underscores")

_READERS: dict[str, Callable[[object], object]] = {
    "name": _NAME,
    "environment": _NAME,
    "strategy": _matching(ID_PATTERN, "a strategy's id"),
    "bundle": _DIGEST,
    "class_name": _matching(r"[A-Za-z_][A-Za-z0-9_]{0,127}", "the name of a class"),
    "mode": _matching(f"{DRY_RUN}|{LIVE}", f"{DRY_RUN} or {LIVE}"),
    "capital": _capital,
    "strategy_dir": _text,
    "database": _text,
    "config_files": _files,
    "lease_file": lambda value: "" if value == "" else _text(value),
    "lease_seconds": _seconds,
    "strategy_files": _digests,
    "loopback_only": _truth,
}
_NEEDED = set(_READERS) - {"lease_file", "lease_seconds", "strategy_files", "loopback_only"}
