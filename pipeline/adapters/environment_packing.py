"""Everything that an environment must not lose, packed into one archive; no secret is looked at."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pipeline.adapters.bot_database_files import copied, in_use, reading
from pipeline.adapters.bot_databases import DATABASES, held_by
from pipeline.adapters.bot_home_files import PRIVATE_FOLDER, sync
from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.bundle_store import ARCHIVE, BundleStore
from pipeline.adapters.environment_archive import packed, write_archive
from pipeline.adapters.files import write_whole
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.manifest_text import manifest_text
from pipeline.adapters.watch_home import MEMORY
from pipeline.domain.bot_settings import DOUBT_SUFFIX
from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.canonical import canonical
from pipeline.domain.ledger import Entry, Head, after, line
from pipeline.domain.moving import HEAD, LEDGER, About, bundles_named
from pipeline.domain.trading import TradingEnvironment
from pipeline.errors import Refused, ToolFailed, UsageError
from pipeline.ports import Narrator

OBSERVATIONS = "observations.sqlite"
PART = ".part"
MOST_SMALL = 8 << 20
"""The most that the watch's memory or a doubt may take, in bytes."""


class EnvironmentPacking:
    """See `ports.Packing`. The archive is written as `FILE.part` beside its place, and takes its name when the ledger tells of it."""

    def __init__(
        self, home: Path, environment: TradingEnvironment, ledger: LedgerFile, store: BundleStore, narrator: Narrator
    ) -> None:
        self._own = home / environment.name
        self._environment = environment
        self._ledger = ledger
        self._store = store
        self._narrator = narrator

    def free(self, out: Path) -> None:
        """See `ports.Packing`."""
        if out.exists() or out.is_symlink():
            raise UsageError(f"{out} is there already", hint="name a file that is not there yet")
        if not out.parent.is_dir():
            raise UsageError(f"{out.parent} is no folder", hint="make it first")

    def pack(self, out: Path, needed: frozenset[str]) -> tuple[str, int]:
        """See `ports.Packing`."""
        part = out.with_name(f"{out.name}{PART}")
        try:
            part.unlink(missing_ok=True)
            for left in self._own.glob(".export-*"):  # A caller that was killed left it; the lock is this one's.
                shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix=".export-", dir=self._own) as made:
                folder = Path(made)
                entries = tuple(self._ledger.entries())
                sources = dict(self._sources(folder, entries, needed))
                files = tuple(packed(path, sources[path]) for path in sorted(sources))
                own = self._environment
                about = About(own.name, own.mode.value, own.exchange, own.stake_currency, files)
                digest = write_archive(about, sources, part)
            if self._ledger.entries()[-1].hash != entries[-1].hash:
                raise ToolFailed("something was recorded while it was packed", hint="try again")
        except (OSError, ValueError, sqlite3.Error) as error:
            part.unlink(missing_ok=True)
            told = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise ToolFailed(
                f"'{self._environment.name}' could not be packed: {told}", hint="make room on the disk"
            ) from error
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return digest, len(files)

    def hand_over(self, out: Path) -> None:
        """See `ports.Packing`."""
        part = out.with_name(f"{out.name}{PART}")
        try:
            part.rename(out)
            sync(out.parent)
        except OSError as error:
            raise ToolFailed(f"{out}: {error.strerror}", hint=f"the archive is {part}, whole") from error

    def _sources(self, folder: Path, entries: tuple[Entry, ...], needed: frozenset[str]) -> Iterator[tuple[str, Path]]:
        head = Head()
        for entry in entries:
            head = after(head, entry)
        write_whole(folder / LEDGER, b"".join(map(line, entries)))
        write_whole(folder / HEAD, canonical(head) + b"\n")
        yield LEDGER, folder / LEDGER
        yield HEAD, folder / HEAD
        databases = sorted((self._own / DATABASES).glob("*.sqlite"))
        for number, database in enumerate([*databases, self._own / OBSERVATIONS]):
            if database.is_file() and not database.is_symlink():
                yield (
                    database.relative_to(self._own).as_posix(),
                    self._copied(database, folder / f"{number}.sqlite", bots=database.name != OBSERVATIONS),
                )
        doubts = [database.with_name(database.name + DOUBT_SUFFIX) for database in databases]
        for small in (*doubts, self._own / MEMORY):
            with suppress(FileNotFoundError):
                copy = folder / f"small-{small.name}"
                write_whole(copy, read_bounded(small, MOST_SMALL))
                yield small.relative_to(self._own).as_posix(), copy
        for digest in sorted(bundles_named(entries) & set(self._store.digests())):
            yield from self._bundle(folder, digest, digest in needed)
        if lost := sorted(needed - set(self._store.digests())):
            raise Refused(
                f"not on this device, though it should run: {', '.join(lost)}", hint="`freqtrain bundle fetch` it first"
            )

    def _copied(self, database: Path, copy: Path, *, bots: bool) -> Path:
        if bots and (held_by(database) or in_use(database)):
            raise Refused(f"{database} is in use", hint="stop what uses it: what it writes now would be lost")
        with reading(database) as source:
            if damage := copied(source, copy):
                raise Refused(f"{database} is damaged: {damage}", hint="look at its copies beside it")
        return copy

    def _bundle(self, folder: Path, digest: str, needed: bool) -> Iterator[tuple[str, Path]]:
        """A bundle with all its manifests and their evidence. One that does not run any more and is damaged stays behind, and that is told."""
        try:
            stored = self._store.get(digest)
            evidence = {manifest.evidence: canonical(self._store.evidence(manifest)) for manifest in stored.manifests}
        except Refused as error:
            if needed:
                raise
            self._narrator.say(f"left behind: {error.message}")
            return
        digits = digest.removeprefix("sha256:")
        (folder / digits).mkdir(PRIVATE_FOLDER)
        for name, content in _parts(stored, evidence):
            write_whole(folder / digits / name, content)
            yield f"store/{digits}/{name}", folder / digits / name


def _parts(stored: StoredBundle, evidence: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    yield ARCHIVE, stored.bundle.archive
    for number, manifest in enumerate(stored.manifests, 1):
        yield f"manifest-{number:06}.json", manifest_text(manifest)
    for digest, content in evidence.items():
        yield f"evidence-{digest.removeprefix('sha256:')}.json", content
