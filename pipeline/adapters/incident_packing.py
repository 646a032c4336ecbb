"""Packing an incident: everything is copied aside, searched for secrets, and written into one archive."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.adapters.bot_home_secrets import PUBLIC_FILE
from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.datasets import DataSet
from pipeline.adapters.environment_archive import packed
from pipeline.adapters.incident_archive import demand_free, write_incident
from pipeline.adapters.incident_bundles import bundles, in_order
from pipeline.adapters.incident_candles import candles, listed_pairs, traded_pairs
from pipeline.adapters.incident_material import material
from pipeline.adapters.incident_parts import Parts
from pipeline.adapters.secret_search import SecretSearch
from pipeline.domain.incident import BUNDLE, STATE, Index, LeftOut, Searched, fits, named_bundles
from pipeline.domain.incident_case import Case, case
from pipeline.domain.incident_material import PolicyInForce
from pipeline.domain.moving import bundles_named
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.ports import Clock, Narrator

STORE = "store"
RUNTIME = "runtime"
ASIDE = ".incident-"
STALE_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be packed.

    `most` are bytes, unpacked; `content` says whether strategies' code comes along; `sets` are data sets with candles; `written` are the
    environments' files of a checkout, for where none was written down for a watch. `policy` is the one in force, None where it cannot be read.
    """

    environment: str
    since: datetime
    most: int
    content: bool = True
    sets: tuple[DataSet, ...] = ()
    written: tuple[Path, ...] = ()
    policy: PolicyInForce | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed, and the archive's digest."""

    index: Index
    digest: str
    size: int


class IncidentPacking:
    """Packs incidents of one device.

    Args:
        secrets: all that must not get out.
        versions: what runs here, by name.
        pages: makes what is said of the environment now, by path; whatever it cannot make raises FreqtrainError.
        printed: asks for what bots have printed that lies in no file of the home, by name; raises FreqtrainError.
    """

    def __init__(
        self,
        home: Path,
        secrets: Collection[str],
        versions: Mapping[str, str],
        pages: Callable[[], Mapping[str, bytes]],
        clock: Clock,
        narrator: Narrator,
        printed: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._home = home
        self._printed = printed
        self._search = SecretSearch(secrets)
        self._versions = versions
        self._pages = pages
        self._clock = clock
        self._narrator = narrator

    def pack(self, wish: Wish, out: Path) -> Packed:
        """Write the archive, whole or not at all, for its owner alone.

        Raises:
            UsageError: something is at `out` already.
            Refused: a secret stands in something that cannot be blacked out, such as the ledger; the message names it, and nothing was written.
            ToolFailed: the disk.
        """
        demand_free(out)
        try:
            with _aside(out.parent) as folder:
                parts = Parts(folder, self._home / wish.environment, self._home / RUNTIME, wish.since, self._search)
                now = self._clock.now()
                found, named = self._gather(parts, wish, now)
                return self._write(parts, wish, now, found, named, out)
        except (OSError, ValueError, sqlite3.Error) as error:
            told = getattr(error, "strerror", None) or error
            raise ToolFailed(
                f"the incident could not be packed: {told}",
                hint="make room on the disk, or try again; nothing was left",
            ) from error

    def _gather(self, parts: Parts, wish: Wish, now: datetime) -> tuple[Case, dict[str, list[str]]]:
        self._narrator.say("ledger, settings and logs")
        found = case(wish.environment, *parts.ledger())
        parts.settings(wish.written)
        if wish.policy is None:
            parts.left_out.append(
                LeftOut(f"the policy of '{wish.environment}'", "its file, or a variable in it, cannot be read")
            )
        material(parts, found, BundleStore(self._home / STORE), wish.policy, self._narrator)
        try:
            for path, content in self._pages().items():
                parts.put(path, content)
        except FreqtrainError as error:
            parts.leave(STATE, error)
        parts.logs()
        try:
            for name, text in self._printed().items():
                parts.log(f"{name}.output.log", text)
        except FreqtrainError as error:
            parts.leave("logs of containers", error)
        self._narrator.say("databases and observations")
        parts.databases()
        parts.observations()
        copies = [file for path, file in parts.files.items() if path.endswith(".sqlite")]
        public = [file for path, file in parts.files.items() if path.endswith(f"/{PUBLIC_FILE}")]
        states = tuple(found.state.strategies.values()) if found.state else ()
        standing = {one.standing.bundle for one in states if one.standing}
        self._narrator.say("bundles and candles")
        store = self._home / STORE
        order = in_order(bundles_named(found.entries), standing)
        named = bundles(parts, BundleStore(store), store, order, content=wish.content)
        for one in states:
            for made in one.deployments:
                named.setdefault(made.bundle, [one.strategy])
        candles(parts, wish.sets, traded_pairs(copies) | listed_pairs(public), now)
        if not wish.sets:
            parts.left_out.append(LeftOut("candles", "there is no data set here; --data names one"))
        return found, named

    def _write(
        self, parts: Parts, wish: Wish, now: datetime, found: Case, named: Mapping[str, Sequence[str]], out: Path
    ) -> Packed:
        self._demand_clean(parts)
        sizes = [(path, file.stat().st_size) for path, file in parts.files.items()]
        chosen, omitted = fits(sizes, wish.most)
        files = tuple(packed(path, parts.files[path]) for path in sorted(chosen))
        whole = frozenset(f"sha256:{match[1]}" for path in chosen if (match := BUNDLE.fullmatch(path)))
        index = Index(
            wish.environment,
            now,
            wish.since,
            found.named,
            Searched(len(self._search), self._search.short, parts.redacted),
            dict(sorted(self._versions.items())),
            named_bundles(named, whole),
            files,
            tuple(sorted((*parts.left_out, *omitted), key=lambda one: (one.what, one.why))),
        )
        if index.text() in self._search:
            raise _leak("what the archive would have said of itself")
        digest = write_incident(index, {path: parts.files[path] for path in chosen}, out)
        return Packed(index, digest, out.stat().st_size)

    def _demand_clean(self, parts: Parts) -> None:
        """The last word before anything is written: whatever was redacted, and however, nothing may hold a secret."""
        held = sorted(path for path, file in parts.files.items() if self._leaks(path, file))
        if held:
            raise _leak(", ".join(held))

    def _leaks(self, path: str, file: Path) -> bool:
        if path.encode() in self._search or self._search.in_file(file):
            return True
        return file.suffix == ".sqlite" and self._search.in_database(file)


def _leak(where: str) -> Refused:
    return Refused(
        f"a secret of this device stands in {where}, and no archive was written",
        hint="find out how it got there; then make a new key, and remove the old one wherever it is",
    )


@contextmanager
def _aside(parent: Path) -> Iterator[Path]:
    """A folder for copies that nobody else can look into, gone at the end; what callers that were killed have left goes too."""
    made = Path(tempfile.mkdtemp(prefix=ASIDE, dir=parent))
    try:
        for other in parent.glob(f"{ASIDE}*"):
            with suppress(FileNotFoundError):
                if made.stat().st_mtime - other.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(other, ignore_errors=True)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
