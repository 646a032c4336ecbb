"""Which secrets and variables an environment's file asks for, by name; variables need not be filled in."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.config.environment_outline import OutlineFile, leaf_variables, outline_of
from pipeline.config.source import load, read
from pipeline.domain.trading.kept import Kind, Named, Names


def load_names(path: Path) -> Names:
    """The names of the environment in a file; none where it is judged on history, because nothing is injected there but a process's variables.

    Raises:
        ConfigError: all problems at once, as far as the keys about names are concerned.
    """
    source = read(path)
    outline = outline_of(source, path.stem)
    if outline.mode == "history":
        return Names(path.stem, str(path))
    model, needs = load(OutlineFile, source), outline.needs
    names, own = model.secrets, model.own_keys
    accounts = [(names.access_key, names.access_secret, names.access_password)]
    accounts += [(one.access_key, one.access_secret, one.access_password or "") for one in own]
    wholes = [*accounts, (names.telegram_token, names.telegram_chat_id)]
    secrets = [name for whole in (*wholes, (names.apprise_url, names.ping_url)) for name in whole if name]
    switches = (model.variables.dry_run, model.variables.exchange_name)
    variables = [*switches, *(name for name in leaf_variables(source.data) if name not in secrets)]
    every = (
        *(Named(name, Kind.VARIABLE, name in needs.variables) for name in dict.fromkeys(variables)),
        *(Named(name, Kind.SECRET, name in needs.secrets) for name in dict.fromkeys(secrets)),
    )
    return Names(path.stem, str(path), every, tuple(_apart(wholes)))


def _apart(wholes: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Each without what has no name; a name belongs to the first that has it."""
    seen: set[str] = set()
    for whole in wholes:
        own = tuple(dict.fromkeys(name for name in whole if name and name not in seen))
        seen.update(own)
        if own:
            yield own
