"""freqtrade's configuration of one bot: the fragments in its home, and on top of them what no fragment decides."""

import json
import os
import re
from pathlib import Path
from typing import Any

from freqtrade.configuration import Configuration
from freqtrade.configuration.config_validation import validate_config_consistency
from freqtrade.configuration.load_config import load_from_files
from freqtrade.exceptions import OperationalException

from pipeline.adapters.freqtrade.bot_ending import BotRefused
from pipeline.domain.bot_settings import BotSettings

OWNED_FILE = "owned.json"
"""What the entry point decides, written into the bot's home at each start, for freqtrade and for whoever looks. It holds no secret."""


_SECRET = re.compile("key|secret|password|token|uid|private|wallet_?address|chat_id", re.IGNORECASE)


def owned(settings: BotSettings) -> dict[str, Any]:
    """The settings of freqtrade's that the entry point decides."""
    return {
        "bot_name": settings.name,
        "dry_run": settings.dry_run,
        "initial_state": "paused",
        "available_capital": float(settings.capital),
        "db_url": f"sqlite:///{settings.database}",
        "strategy": settings.class_name,
        "strategy_path": settings.strategy_dir,
        "recursive_strategy_search": False,
    }


def arguments(settings: BotSettings, home: Path) -> dict[str, Any]:
    """The arguments from which freqtrade makes its configuration, now and whenever it is told to reload.

    Variables called FREQTRADE__… would beat every file; they are taken out of the environment.

    Raises:
        BotRefused: a fragment is of the other mode.
    """
    for name in [name for name in os.environ if name.upper().startswith("FREQTRADE__")]:
        del os.environ[name]
    fragments = load_from_files(list(settings.config_files))
    if fragments.get("dry_run", settings.dry_run) is not settings.dry_run:
        raise BotRefused(
            f"the configuration says dry_run {fragments['dry_run']}, and the bot is of the mode {settings.mode}"
        )
    user_dir = home / "user_data"
    for folder in ("strategies", "data", "logs"):
        (user_dir / folder).mkdir(parents=True, exist_ok=True)
    file = home / OWNED_FILE
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(owned(settings), stream, indent=1)
    return {
        "config": [*settings.config_files, str(file)],
        "user_data_dir": str(user_dir),
        "strategy": settings.class_name,
        "print_colorized": False,
    }


def finished(settings: BotSettings, given: dict[str, Any]) -> dict[str, Any]:
    """The configuration as freqtrade finishes it.

    Raises:
        BotRefused: freqtrade refuses it, or made something else of what the entry point decides.
    """
    try:
        config: dict[str, Any] = Configuration(given, None).get_config()
    except OperationalException as error:
        raise BotRefused(f"freqtrade refuses the configuration: {error}") from error
    lost = [key for key, value in owned(settings).items() if config.get(key) != value]
    if lost:
        raise BotRefused(f"freqtrade changed what the entry point decides: {', '.join(lost)}")
    return config


def demand_consistency(config: dict[str, Any]) -> None:
    """Let freqtrade check a configuration. It logs and tells what it finds together with the whole section around it, so secrets are covered.

    Raises:
        BotRefused: it does not hold.
    """
    covered = _covered(config)
    try:
        validate_config_consistency(covered)
    except OperationalException as error:
        raise BotRefused(f"freqtrade refuses the configuration: {error}") from error


def _covered(value: Any) -> Any:
    """A copy in which every text under a name that sounds secret is another one of its length."""
    if isinstance(value, list):
        return [_covered(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: "x" * len(item) if isinstance(item, str) and _SECRET.search(str(key)) else _covered(item)
        for key, item in value.items()
    }
