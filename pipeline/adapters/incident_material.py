"""What brakes and decisions read, gathered from a device's observations, databases, store and watch, and as a file of a packed incident."""

import json
import math
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from pipeline.adapters.bot_databases import DATABASES
from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.incident_parts import OBSERVATIONS, Parts
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.schema import milliseconds, moment
from pipeline.adapters.untouched import address
from pipeline.adapters.watch_home import MEMORY
from pipeline.adapters.watch_memory import WatchMemoryFile
from pipeline.domain.canonical import Plain
from pipeline.domain.incident import MATERIAL
from pipeline.domain.incident_case import Case
from pipeline.domain.incident_material import (
    Material,
    Opened,
    PolicyInForce,
    Promised,
    SeenBundle,
    decided_in,
    nonsense,
    thinned,
)
from pipeline.domain.train.promised import promised_numbers
from pipeline.errors import FreqtrainError
from pipeline.ports import Narrator

BUSY_SECONDS = 5.0
_OPENED = "SELECT open_date, close_date FROM trades WHERE is_open = 1 OR close_date >= ? ORDER BY open_date, close_date"
_NUMBERS = re.compile(r"\[\n([-+\d.eE,\s]+)\]")
_SHAPE = TypeAdapter(Material)


def material(
    parts: Parts, found: Case, store: BundleStore, policy: PolicyInForce | None, narrator: Narrator
) -> Material:
    """Gather it, and put it into the parts; what cannot be had is left out, and that is said."""
    decided = decided_in(found.entries, parts.since)
    strategies = sorted({strategy for strategy, _ in decided})
    kept = WatchMemoryFile(parts.own / MEMORY, narrator).load()
    made = Material(
        parts.since,
        policy,
        tuple(_bundles(parts, decided, store, policy)),
        {name: one.readings for name, one in sorted(kept.items()) if one.readings},
        {name: opened for name in strategies if (opened := _opened(parts, name, policy)) is not None},
    )
    parts.put(MATERIAL, to_text(made))
    return made


def to_text(made: Material) -> bytes:
    """As it stands in a packed incident, a list of numbers on one line; what is no number is a text, because JSON has no such numbers."""
    text = json.dumps(_finite(_SHAPE.dump_python(made, mode="json")), indent=1, sort_keys=True)
    return _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text).encode() + b"\n"


def read_material(text: bytes) -> Material:
    """The material in a file; raises ValueError where it is none."""
    try:
        found = _SHAPE.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{MATERIAL}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if wrong := next(nonsense(found), ""):
        raise ValueError(f"{MATERIAL}: {wrong}")
    return found


def _bundles(
    parts: Parts,
    decided: Mapping[tuple[str, str], Sequence[datetime]],
    store: BundleStore,
    policy: PolicyInForce | None,
) -> Iterator[SeenBundle]:
    past = ObservationReader(parts.own / OBSERVATIONS)
    for (strategy, bundle), moments in decided.items():
        promised = tuple(_promised(parts, store, bundle, simulated=bool(policy and policy.simulated)))
        try:
            samples = past.samples(strategy, bundle)
            known = [(milliseconds(one.at), one.equity) for one in samples]
            at, equity = thinned(
                [at for at, value in known if value is not None],
                [value for _, value in known if value is not None],
                [milliseconds(one) for one in moments],
            )
            trades, gaps = past.trades(strategy, bundle), past.gaps(strategy, bundle)
        except FreqtrainError as error:
            parts.leave(MATERIAL, error)
            continue
        seen = [*(one.at for one in samples[:1]), *(trade.closed_at for trade in trades)]
        yield SeenBundle(strategy, bundle, min(seen, default=None), trades, at, equity, gaps, promised)


def _promised(parts: Parts, store: BundleStore, bundle: str, *, simulated: bool) -> Iterator[Promised]:
    """What each evidence of a bundle promises, the oldest first; none of one that is not in the store."""
    try:
        for manifest in store.get(bundle).manifests:
            yield Promised(manifest.cut_at, promised_numbers(store.evidence(manifest), simulated=simulated))
    except FreqtrainError as error:
        parts.leave(MATERIAL, error)


def _opened(parts: Parts, strategy: str, policy: PolicyInForce | None) -> tuple[Opened, ...] | None:
    """When trades of a strategy were opened and closed that were open since; None where its database cannot be read."""
    mode = policy.mode if policy else ""
    files = sorted((parts.own / DATABASES).glob(f"{strategy}.{mode or '*'}.sqlite"))
    try:
        if len(files) != 1:
            raise OSError(f"there are {len(files)} databases of {strategy}")
        with closing(sqlite3.connect(address(files[0]), uri=True, timeout=BUSY_SECONDS)) as database:
            since = f"{moment(milliseconds(parts.since)):%Y-%m-%d}"
            return tuple(
                Opened(_utc(opened), _utc(closed) if closed else None)
                for opened, closed in database.execute(_OPENED, (since,))
            )
    except (OSError, ValueError, sqlite3.Error) as error:
        parts.leave(f"which trades of {strategy} were open", error)
        return None


def _utc(text: object) -> datetime:
    return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)


def _finite(value: Plain) -> Plain:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list) else value
