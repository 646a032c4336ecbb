"""manifest.yml of a data set: read strictly, written deterministically."""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from pipeline.config.small_yaml import scalar
from pipeline.config.source import Source, check, read
from pipeline.domain.canonical import Plain, plain
from pipeline.domain.dataset import SCHEMA, CandleFile, Gap, Manifest, candle_path
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.errors import ConfigError, Problem

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Pair = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,24}/[A-Za-z0-9]{1,24}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Gap(_Strict):
    first: AwareDatetime
    last: AwareDatetime
    candles: Annotated[int, Field(ge=1)]


class _CandleFile(_Strict):
    path: str
    pair: Pair
    timeframe: str
    rows: Annotated[int, Field(ge=1)]
    first: AwareDatetime
    last: AwareDatetime
    sha256: Digest
    known_gaps: list[_Gap] = []


class _Manifest(_Strict):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Name
    digest: Digest
    kind: Literal["simulated", "imported", "pulled"]
    exchange: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
    taken_at: AwareDatetime | None = None
    notes: list[str] = []
    markets_sha256: Digest
    files: Annotated[list[_CandleFile], Field(min_length=1)]


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file.

    Raises:
        ConfigError: all problems at once, each with line and column: syntax, keys, types; a file name that is not freqtrade's for its pair
            and timeframe (a path never leads out of the set), an entry that stands twice, a digest that is not the one of the entries.
    """
    source = read(path)
    model, problems = check(_Manifest, source)
    if model is None:
        raise ConfigError(problems)
    if problems := _contradictions(source, model):
        raise ConfigError(problems)
    manifest = _domain(model)
    if manifest.digest != model.digest:
        problem = source.problem(
            ("digest",), f"the entries below have the digest {manifest.digest}: one of them was changed"
        )
        raise ConfigError((problem,), hint="take the data set from where it came from, or make it again")
    return manifest


def manifest_text(manifest: Manifest) -> str:
    """The manifest as YAML; equal manifests give equal texts, and `read_manifest` gives the manifest back."""
    entries = plain(manifest)
    assert isinstance(entries, dict)
    ordered: dict[str, Plain] = {key: entries[key] for key in ("schema", "name")}
    ordered |= {"digest": manifest.digest} | {
        key: entries[key] for key in ("kind", "exchange", "taken_at", "notes", "markets_sha256")
    }
    files = entries["files"]
    assert isinstance(files, list)
    ordered["files"] = [{k: v for k, v in file.items() if v != []} for file in files if isinstance(file, dict)]
    return yaml.dump(
        {k: v for k, v in ordered.items() if v not in (None, [])}, Dumper=_Dumper, sort_keys=False, width=10_000
    )


class _Dumper(yaml.SafeDumper):
    """Quotes what the small YAML would not read as text."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    try:
        quoted = scalar(text) != text
    except ValueError:
        quoted = True
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


_Dumper.add_representer(str, _text)


def _contradictions(source: Source, model: _Manifest) -> tuple[Problem, ...]:
    problems = []
    seen: set[tuple[str, str]] = set()
    for index, file in enumerate(model.files):
        route = ("files", index)
        if file.timeframe not in TIMEFRAMES:
            problems.append(
                source.problem((*route, "timeframe"), f"{file.timeframe!r} is none of {', '.join(TIMEFRAMES)}")
            )
        elif file.path != candle_path(file.pair, file.timeframe):
            problems.append(
                source.problem(
                    (*route, "path"), f"must be {candle_path(file.pair, file.timeframe)}, freqtrade's name for it"
                )
            )
        if (file.pair, file.timeframe) in seen:
            problems.append(source.problem(route, f"{file.pair} {file.timeframe} stands twice"))
        if file.first > file.last:
            problems.append(source.problem((*route, "first"), "is later than the last candle"))
        seen.add((file.pair, file.timeframe))
    return tuple(problems)


def _domain(model: _Manifest) -> Manifest:
    files = tuple(
        CandleFile(
            file.path,
            file.pair,
            file.timeframe,
            file.rows,
            file.first,
            file.last,
            file.sha256,
            tuple(Gap(gap.first, gap.last, gap.candles) for gap in file.known_gaps),
        )
        for file in model.files
    )
    return Manifest(
        name=model.name,
        kind=model.kind,
        exchange=model.exchange,
        markets_sha256=model.markets_sha256,
        files=files,
        notes=tuple(model.notes),
        taken_at=model.taken_at,
        schema=SCHEMA,
    )
