"""An environment's archive on the device to which it came: unpacked aside, verified, and put in place in one step."""

import errno
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import cast

from pipeline.adapters.bot_databases import DATABASES
from pipeline.adapters.bot_home_files import PRIVATE_FOLDER, exchange, make_private, sync
from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.bundle_store import ARCHIVE, LARGEST_EVIDENCE, LARGEST_MANIFEST, BundleStore
from pipeline.adapters.environment_archive import archive_digest, unpack_archive
from pipeline.adapters.environment_lock import EnvironmentLock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.manifest_text import read_manifest
from pipeline.adapters.secret_file import FILE as SECRETS
from pipeline.domain.bundle import LARGEST_ARCHIVE, read_bundle
from pipeline.domain.canonical import Plain, digest_bytes
from pipeline.domain.ledger import Entry
from pipeline.domain.moving import HEAD, LEDGER, About
from pipeline.domain.train.decisions import Arrived
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.ports import Arrival, Clock, Narrator

MOVED = "moved"
"""Below the device's home: what an environment was here before it came back."""

BOTS = "bots"
LOCK = "lock"
STALE_SECONDS = 6 * 3600
_LEDGER_MODE = 0o640
_EMPTY_IS_FREE = (BOTS, DATABASES)


class ArrivalsOnDevice:
    """See `ports.Arrivals`. An archive is unpacked below the device's home, where its place will be."""

    def __init__(self, home: Path, store: BundleStore, clock: Clock, narrator: Narrator, by: str) -> None:
        self._home = home
        self._store = store
        self._clock = clock
        self._narrator = narrator
        self._by = by

    @contextmanager
    def opened(self, file: Path) -> Iterator[Arrival]:
        """See `ports.Arrivals`."""
        digest = archive_digest(file)
        try:
            make_private(self._home)
            made = Path(tempfile.mkdtemp(prefix=".import-", dir=self._home))
        except OSError as error:
            raise ToolFailed(f"{self._home}: {error.strerror}", hint="make room on the disk") from error
        try:
            self._sweep(made)
            about = unpack_archive(file, made)
            lock = EnvironmentLock(self._home / about.environment / LOCK, self._by, self._clock)
            found = ArrivalOnDevice(self._home, made, about, digest, self._store, self._clock, self._narrator, lock)
            found.verify()
            yield found
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _sweep(self, made: Path) -> None:
        """Remove what callers that were killed have left; younger ones may still be at work."""
        for other in self._home.glob(".import-*"):
            with suppress(FileNotFoundError):
                if made.stat().st_mtime - other.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(other, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class ArrivalOnDevice:
    """See `ports.Arrival`. `made` is where it was unpacked."""

    home: Path
    made: Path
    about: About
    archive: str
    store: BundleStore
    clock: Clock
    narrator: Narrator
    lock: EnvironmentLock

    def verify(self) -> None:
        """See that ledger and databases are whole; raises Refused."""
        self.entries()
        for path in self.about.databases:
            if damage := _damage(self.made / path):
                raise Refused(
                    f"the archive's {path} is damaged: {damage}", hint="nothing was changed; export it once more"
                )

    def entries(self) -> tuple[Entry, ...]:
        """See `ports.Arrival`."""
        return tuple(self._ledger(self.made).entries())

    def there(self) -> tuple[Entry, ...]:
        """See `ports.Arrival`."""
        return tuple(self._ledger(self._own).entries())

    def in_the_way(self) -> tuple[str, ...]:
        """See `ports.Arrival`. A lock, and folders in which nothing is yet, are in nobody's way."""
        if not self._own.is_dir():
            return ()
        free = {LEDGER, HEAD, SECRETS, LOCK}
        others = [path for path in sorted(self._own.iterdir()) if path.name not in free]
        return tuple(
            path.name
            for path in others
            if not (path.name in _EMPTY_IS_FREE and path.is_dir() and not any(path.iterdir()))
            and not path.name.startswith(f".{SECRETS}.")
        )

    def locked(self) -> AbstractContextManager[None]:
        """See `ports.Arrival`."""
        return self.lock("environment import")

    def stays(self, by: str) -> None:
        """See `ports.Arrival`."""
        self._arrived(self._own, by)

    def put(self, by: str) -> None:
        """See `ports.Arrival`."""
        for digest in self.about.bundles:
            self._put_bundle(digest)
        try:
            self._make_ready(by)
            self._take_place()
        except OSError as error:
            raise ToolFailed(
                f"{error.filename or self._own}: {error.strerror}", hint="make room on the disk, or mend its rights"
            ) from error

    @property
    def _own(self) -> Path:
        return self.home / self.about.environment

    def _ledger(self, folder: Path) -> LedgerFile:
        return LedgerFile(folder / LEDGER, self.clock, self.narrator)

    def _arrived(self, folder: Path, by: str) -> None:
        fact = Arrived(self.about.environment, by, self.archive)
        self._ledger(folder).append(kind_of(fact), body_of(fact))

    def _put_bundle(self, digest: str) -> None:
        folder = self.made / "store" / digest.removeprefix("sha256:")
        try:
            archive = read_bounded(folder / ARCHIVE, LARGEST_ARCHIVE)
            if digest_bytes(archive) != digest:
                raise ValueError(f"it has the digest {digest_bytes(archive)}")
            bundle = read_bundle(archive)
            for number in count(1):
                path = folder / f"manifest-{number:06}.json"
                if not path.exists():
                    break
                manifest = read_manifest(read_bounded(path, LARGEST_MANIFEST))
                name = f"evidence-{manifest.evidence.removeprefix('sha256:')}.json"
                self.store.put(bundle, manifest, _evidence(read_bounded(folder / name, LARGEST_EVIDENCE)))
            self.store.get(digest)
        except (OSError, ValueError, FreqtrainError) as error:
            if isinstance(error, ToolFailed):
                if not _is_of_another(error):
                    raise
                hint = f"`freqtrain bundle fetch --commit {manifest.commit}` as that user gets it"
                self.narrator.say(f"{digest} is not kept, since the store is another user's; {hint}")
                return
            told = error.message if isinstance(error, FreqtrainError) else error
            raise Refused(
                f"the archive's bundle {digest} cannot be kept: {told}",
                hint="nothing of the environment was changed; export it once more",
            ) from error

    def _make_ready(self, by: str) -> None:
        """What was unpacked becomes the environment's folder, but for its name: rights and secrets are those of this device."""
        shutil.rmtree(self.made / "store", ignore_errors=True)
        (self.made / DATABASES).mkdir(PRIVATE_FOLDER, exist_ok=True)
        if (self._own / SECRETS).is_file():
            shutil.copy2(self._own / SECRETS, self.made / SECRETS, follow_symlinks=False)
        self._arrived(self.made, by)
        for name in (LEDGER, HEAD):
            (self.made / name).chmod(_LEDGER_MODE)
        if self._own.is_dir():
            told = self._own.stat()
            with suppress(PermissionError):
                for path in (self.made, self.made / LEDGER, self.made / HEAD):
                    os.chown(path, -1, told.st_gid)
            self.made.chmod(told.st_mode & 0o7777)
        for path in (self.made / DATABASES, self.made):
            sync(path)

    def _take_place(self) -> None:
        if not self._own.is_dir():
            self.made.rename(self._own)
        else:
            exchange(self.made, self._own)
            self._set_aside()
        sync(self.home)

    def _set_aside(self) -> None:
        """What the environment was here is under the other name by now. Where it has a history it is kept, but for its secrets."""
        shutil.rmtree(self.made / BOTS, ignore_errors=True)
        (self.made / SECRETS).unlink(missing_ok=True)
        if not (self.made / LEDGER).exists():
            return
        kept = self.home / MOVED / f"{self.about.environment}-{self.archive.removeprefix('sha256:')[:12]}"
        try:
            make_private(kept.parent)
            self.made.rename(kept)
        except OSError as error:
            self.narrator.say(f"what was here of it before is not kept: {kept}: {error.strerror}")
        else:
            self.narrator.say(f"what was here of it before is in {kept}")


def _is_of_another(error: ToolFailed) -> bool:
    """Whether the store is read here and written by another user, as on a device where one user fetches for all environments."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in (errno.EACCES, errno.EPERM, errno.EROFS)


def _damage(file: Path) -> str:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            (health,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "" if health == "ok" else str(health)


def _evidence(content: bytes) -> Mapping[str, Plain]:
    document = json.loads(content)
    if not isinstance(document, dict):
        raise ValueError("its evidence is no object")
    return cast(Mapping[str, Plain], document)
