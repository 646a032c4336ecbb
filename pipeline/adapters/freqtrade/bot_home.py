"""A bot's home as its entry point finds it: `bot.json`, and the strategy's files, which have to be those that were named."""

import hashlib
from dataclasses import replace
from pathlib import Path

from pipeline.adapters import strict_json
from pipeline.adapters.freqtrade.bot_ending import BotRefused
from pipeline.domain.bot_settings import SETTINGS_FILE, BotSettings, read_settings

_MOST_BYTES = 1 << 20


def open_home(home: Path) -> BotSettings:
    """The settings, with every path absolute.

    Raises:
        BotRefused: the file cannot be read, or says what does not fit; or the strategy's folder holds other files than the settings name.
    """
    file = home / SETTINGS_FILE
    try:
        with file.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise BotRefused(f"{file}: is larger than {_MOST_BYTES} bytes")
        settings = read_settings(strict_json.loads(content))
    except OSError as error:
        raise BotRefused(f"{file}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BotRefused("\n".join(f"{file}: {line}" for line in str(error).splitlines())) from error
    settings = _absolute(settings, home)
    problems = _problems(settings)
    if problems:
        raise BotRefused("\n".join(f"{file}: {problem}" for problem in problems))
    return settings


def _absolute(settings: BotSettings, home: Path) -> BotSettings:
    return replace(
        settings,
        strategy_dir=str((home / settings.strategy_dir).resolve()),
        database=str((home / settings.database).resolve()),
        config_files=tuple(str(home / file) for file in settings.config_files),
        lease_file=str(home / settings.lease_file) if settings.lease_file else "",
    )


def _problems(settings: BotSettings) -> list[str]:
    problems = [f"config_files: {file} is not there" for file in settings.config_files if not Path(file).is_file()]
    if "?" in settings.database:
        problems.append("database: a question mark cannot stand in its path")
    folder = Path(settings.strategy_dir)
    if not folder.is_dir():
        return [*problems, f"strategy_dir: {folder} is not a folder"]
    return problems + (_foreign(folder, settings) if settings.strategy_files else [])


def _foreign(folder: Path, settings: BotSettings) -> list[str]:
    """What the folder holds otherwise than the settings name: the digest that the bot reports must be that of the code that it runs."""
    there = {
        file.relative_to(folder).as_posix(): f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    named = dict(settings.strategy_files)
    return [
        f"strategy_dir: {path} is {'missing' if path not in there else 'not named' if path not in named else 'another one'}"
        for path in sorted(set(there) | set(named))
        if there.get(path) != named.get(path)
    ]
