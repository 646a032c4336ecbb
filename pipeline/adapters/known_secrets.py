"""Everything that a device's home keeps secret, for whoever makes sure that nothing of it gets out."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pipeline.adapters.bot_home_secrets import BOTS, SECRET_FILE, USERNAME
from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.secret_file import FILE
from pipeline.domain.canonical import Plain
from pipeline.errors import Refused

_MOST_BYTES = 4 << 20
_NO_SECRETS = frozenset({"username"})


def known_secrets(home: Path, own: str, public: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The texts in all files of a home that hold secrets; those of other users, which this one cannot read, can be in nothing of its own.

    Args:
        own: the environment whose files have to be read.
        public: environment -> names under which a device keeps what is none: its variables.

    Raises:
        Refused: a file of the environment cannot be read, so that nobody knows what is to be searched for.
    """
    found: set[str] = set()
    for file in _files(home):
        environment = file.relative_to(home).parts[0]
        try:
            value = json.loads(read_bounded(file, _MOST_BYTES))
            found |= set(_kept(value, public.get(environment, ())) if file.name == FILE else _texts(value))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError) as error:
            if environment != own:
                continue
            told = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise Refused(
                f"{file} cannot be read ({told}), so that nobody knows what must not get out",
                hint="mend its rights, or remove it if its bot is gone",
            ) from None
    return frozenset(found - {USERNAME, ""})


def _files(home: Path) -> Iterator[Path]:
    for folder in sorted(one for one in home.iterdir() if one.is_dir()):
        yield folder / FILE
        try:
            bots = sorted((folder / BOTS).iterdir())
        except OSError:
            continue
        yield from (bot / SECRET_FILE for bot in bots)


def _kept(value: Plain, public: Collection[str]) -> Iterator[str]:
    kept = value.get("kept") if isinstance(value, dict) else None
    if not isinstance(kept, dict):
        raise ValueError
    for name, entry in kept.items():
        if name not in public and isinstance(entry, dict):
            yield str(entry.get("value", ""))


def _texts(value: Plain) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _NO_SECRETS:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
