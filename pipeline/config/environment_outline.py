"""What the repository on GitHub has to know of environments/<name>.yml: variables need not be filled in, because only their names count."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainValidator

from pipeline.config.fields import Strict, refuse
from pipeline.config.source import Source, check, read
from pipeline.config.trading_fields import ENVIRONMENT_PATTERN, After
from pipeline.config.trading_file import ApprovalEntry, OwnKeysEntry, SecretNamesEntry, VariableNamesEntry
from pipeline.domain.canonical import Plain
from pipeline.domain.repository.names import Needs
from pipeline.domain.trading.sign_in import PASSWORD_EXCHANGES
from pipeline.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class Outline:
    """One environment. `approval`: a person approves; `several`: it must not be the author; `signers`: the file that says who may sign."""

    name: str
    mode: str
    after: str = ""
    automatic: bool = False
    approval: bool = False
    several: bool = False
    signers: str = ""
    needs: Needs = field(default_factory=Needs)


def load_outlines(files: Sequence[Path]) -> tuple[Outline, ...]:
    """All environments, in the order of the files.

    Raises:
        ConfigError: all problems of all files at once, as far as these keys are concerned.
    """
    found: list[Outline] = []
    problems: list[Problem] = []
    for path in files:
        try:
            found.append(outline_of(read(path), path.stem))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(tuple(problems), hint="freqtrain environment check tells everything about these files")
    return tuple(found)


def outline_of(source: Source, name: str) -> Outline:
    """One environment from its file's source; raises ConfigError with all problems."""
    if source.at(("mode",)) == "history":
        return Outline(name, "history")
    model, problems = check(OutlineFile, source)
    if not re.fullmatch(ENVIRONMENT_PATTERN, name):
        problems = (*problems, Problem(source.name, 0, 0, f"'{name}' cannot be the name of an environment"))
    if model is None or problems:
        raise ConfigError(problems)
    return Outline(
        name,
        model.mode,
        model.after,
        model.promotion == "automatic" or (model.promotion is None and model.mode == "dry_run"),
        model.approval.required,
        model.approval.team == "several",
        model.approval.allowed_signers or "",
        _needs(model, source),
    )


def _exchange(value: object) -> str:
    return value if isinstance(value, str) else refuse("must be the name of an exchange, or a variable")


class OutlineFile(Strict):
    """The keys that count here; `environment check` looks at all the others."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    mode: Literal["dry_run", "live"] = Field(description="history is dealt with before")
    after: After
    approval: ApprovalEntry
    exchange: Annotated[str, PlainValidator(_exchange)] = ""
    promotion: Literal["manual", "automatic"] | None = None
    variables: VariableNamesEntry = Field(default_factory=VariableNamesEntry)
    secrets: SecretNamesEntry = Field(default_factory=SecretNamesEntry)
    own_keys: tuple[OwnKeysEntry, ...] = ()


def _needs(model: OutlineFile, source: Source) -> Needs:
    """A live environment needs its accounts' keys and the word that it is live; Telegram takes both of its values or none."""
    names, live = model.secrets, model.mode == "live"
    accounts = [(names.access_key, names.access_secret, names.access_password)]
    accounts += [(one.access_key, one.access_secret, one.access_password or "") for one in model.own_keys]
    asks = model.exchange in PASSWORD_EXCHANGES
    needed = [name for key, secret, password in accounts for name in (key, secret, password if asks else "") if name]
    variables = [*([model.variables.dry_run] if live else []), *leaf_variables(source.data)]
    others = [names.telegram_token, names.telegram_chat_id, names.apprise_url, names.ping_url]
    private = {*(name for account in accounts for name in account if name), *others}
    return Needs(
        secrets=tuple(dict.fromkeys(needed)) if live else (),
        variables=tuple(dict.fromkeys(variables)),
        pairs=((names.telegram_token, names.telegram_chat_id),),
        private=frozenset(private),
    )


def leaf_variables(value: Plain) -> Iterator[str]:
    """The names of all variables that stand in leaves."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaf_variables(item)
    elif isinstance(value, str) and (match := re.fullmatch(r"\$\{([A-Z_][A-Z0-9_]*)\}", value)):
        yield match[1]


def modes(outlines: Sequence[Outline]) -> Mapping[str, str]:
    """Each environment's mode by its name."""
    return {one.name: one.mode for one in outlines}
