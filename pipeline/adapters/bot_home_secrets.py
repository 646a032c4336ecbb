"""The secrets of a bot: those that were injected, or else those that another home of the same environment holds."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.bot_home_files import OLD
from pipeline.adapters.bounded import read_bounded
from pipeline.domain.canonical import Plain
from pipeline.domain.trading import Secret, Secrets, TradingEnvironment
from pipeline.domain.trading.sign_in import PASSWORD_EXCHANGES
from pipeline.domain.train.account import Account
from pipeline.errors import Refused
from pipeline.render.bot_configuration import ApiAccess

BOTS = "bots"
PUBLIC_FILE = "public.json"
SECRET_FILE = "secret.json"
ACCOUNT_FILE = "account.json"
"""Says whose account the key in a home belongs to: the strategy's own, or the one that the environment's bots share."""

USERNAME = "freqtrain"

_MOST_BYTES = 1 << 20


def secrets_for(
    environment: TradingEnvironment,
    injected: Secrets | None,
    bots: Path,
    strategy: str = "",
    own: Mapping[str, Secrets] | None = None,
) -> Secrets:
    """What the bot of a strategy is given. A dry-run's holds no access to the exchange, whatever was injected.

    `injected` is the account that bots share, `own` the accounts of strategies that have one of their own. The access to the exchange and Telegram's
    values are taken as they were injected, each as a whole; where nothing of it was, from the home below `bots` that was written last and
    holds it for the same account of the same exchange.

    Raises:
        Refused: a live bot would have no access, or half of one.
    """
    homes = sorted(_homes(bots), key=lambda one: one.written_at, reverse=True)
    sources = [injected or Secrets(), *(one.secrets for one in homes)]
    telegram = next((one for one in sources if one.telegram_token and one.telegram_chat_id), Secrets())
    if not environment.bots_on_telegram:
        telegram = Secrets()
    account = strategy if environment.own_account(strategy) else ""
    given = (own or {}).get(account, Secrets()) if account else sources[0]
    same = [one.secrets for one in homes if (one.exchange, one.account) == (environment.exchange, account)]
    access = Secrets() if environment.dry_run else _access(environment, strategy, (given, *same))
    return Secrets(
        access_key=access.access_key,
        access_secret=access.access_secret,
        access_password=access.access_password,
        telegram_token=telegram.telegram_token,
        telegram_chat_id=telegram.telegram_chat_id,
    )


def same_key(device: Path, account: Account, key: Secret) -> tuple[Account, ...]:
    """The other accounts of the device whose bots' homes hold that key; homes that cannot be read hold none."""
    found = {
        Account(bots.parent.name, home.account)
        for bots in device.glob(f"*/{BOTS}")
        for home in _homes(bots)
        if home.secrets.access_key == key
    }
    return tuple(sorted(found - {account}, key=lambda one: (one.environment, one.strategy)))


def new_access() -> ApiAccess:
    """How to sign in to one bot's API, known to nobody yet."""
    password, key, token = (Secret(secrets.token_urlsafe(32)) for _ in range(3))
    return ApiAccess(USERNAME, password, key, token)


def access_in(home: Path) -> ApiAccess | None:
    """How one signs in to the API of the bot whose home that is; None where the home does not tell."""
    try:
        api = _object(_read(home / SECRET_FILE).get("api_server"))
        password, key, token = (Secret(str(api[name])) for name in ("password", "jwt_secret_key", "ws_token"))
        return ApiAccess(str(api["username"]), password, key, token)
    except (OSError, ValueError, KeyError):
        return None


@dataclass(frozen=True, slots=True)
class _Home:
    """What lies in an earlier home; `written_at` in seconds since the epoch."""

    written_at: float
    exchange: str
    account: str
    """The strategy whose own account it is; "" for the one that bots share."""
    secrets: Secrets


def _homes(bots: Path) -> Iterator[_Home]:
    """The homes that can be read, one that was moved away by a caller who then was killed among them."""
    try:
        folders = [one for one in bots.iterdir() if not one.name.startswith(".") or one.name.endswith(OLD)]
    except OSError:
        return
    for folder in folders:
        try:
            public, secret = _read(folder / PUBLIC_FILE), _read(folder / SECRET_FILE)
            written_at = (folder / SECRET_FILE).stat().st_mtime
            account = _account(folder)
        except (OSError, ValueError):
            continue
        signs_in, telegram = _object(secret.get("exchange")), _object(secret.get("telegram"))
        held = Secrets(
            access_key=_secret(signs_in, "key"),
            access_secret=_secret(signs_in, "secret"),
            access_password=_secret(signs_in, "password"),
            telegram_token=_secret(telegram, "token"),
            telegram_chat_id=_secret(telegram, "chat_id"),
        )
        exchange = str(_object(public.get("exchange")).get("name"))
        yield _Home(written_at, exchange, account, held)


def _account(folder: Path) -> str:
    """Raises OSError or ValueError where the home does not tell; one without the file is of the account that bots share."""
    try:
        return str(_read(folder / ACCOUNT_FILE).get("strategy", ""))
    except FileNotFoundError:
        return ""


def _access(environment: TradingEnvironment, strategy: str, sources: Sequence[Secrets]) -> Secrets:
    """The first source with anything of an access to the exchange; raises Refused where that is not all of it, or there is none."""
    found = next((one for one in sources if one.access_key or one.access_secret or one.access_password), None)
    names, held = environment.names_for(strategy), found or Secrets()
    needed = {names.access_key: held.access_key, names.access_secret: held.access_secret}
    if environment.exchange in PASSWORD_EXCHANGES:
        needed[names.access_password] = held.access_password
    lacking = [name for name, secret in needed.items() if secret is None or not secret.reveal()]
    if not lacking:
        return held
    whose = f"the bot of '{strategy}' in" if environment.own_account(strategy) else "a bot of"
    whose += f" '{environment.name}'"
    where = "" if found else f", and no bot of '{environment.name}' on this device has it"
    raise Refused(
        f"{whose} trades on {environment.exchange} and needs {' and '.join(lacking)}, which was not injected{where}",
        hint=f"deploy with the secrets of the GitHub Environment '{environment.name}', or set the variables where you call",
    )


def _secret(content: dict[str, Plain], key: str) -> Secret | None:
    value = content.get(key)
    return Secret(value) if isinstance(value, str) and value else None


def _object(value: Plain) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}


def _read(file: Path) -> dict[str, Plain]:
    return _object(json.loads(read_bounded(file, _MOST_BYTES)))
