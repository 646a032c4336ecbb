"""On which exchange and in which currency the bot of a home trades, read from what it would be started with."""

import json
from pathlib import Path

from pipeline.adapters.bot_home_secrets import PUBLIC_FILE, SECRET_FILE, access_in
from pipeline.adapters.bounded import read_bounded
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_settings import SETTINGS_FILE, read_settings
from pipeline.domain.train.terms import Terms

_MOST_BYTES = 1 << 20


def terms_in(spec: BotSpec, database: Path) -> Terms | None:
    """The terms of the home of a bot.

    None where there is none, a part of it is missing or is not understood, or it is a home for another bundle, port or database: then it could
    not be started from as it lies.
    """
    home = Path(spec.home)
    try:
        settings = read_settings(json.loads(read_bounded(home / SETTINGS_FILE, _MOST_BYTES)))
        public = json.loads(read_bounded(home / PUBLIC_FILE, _MOST_BYTES))
        exchange, currency = public["exchange"]["name"], public["stake_currency"]
        port = public["api_server"]["listen_port"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    asked = (spec.name, spec.bundle, spec.api_port, str(database))
    there = (settings.name, settings.bundle, port, settings.database)
    whole = (home / SECRET_FILE).is_file() and access_in(home) is not None
    if asked != there or not whole or not isinstance(exchange, str) or not isinstance(currency, str):
        return None
    return Terms(exchange, currency)
