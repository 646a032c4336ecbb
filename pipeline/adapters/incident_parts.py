"""What a device has of an incident, copied aside and redacted, in the order of what matters most."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline.adapters.bot_database_files import copied, reading
from pipeline.adapters.bot_databases import DATABASES
from pipeline.adapters.bot_home_files import PRIVATE
from pipeline.adapters.bot_home_secrets import ACCOUNT_FILE, BOTS, PUBLIC_FILE
from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.files import write_whole
from pipeline.adapters.observations.schema import milliseconds
from pipeline.adapters.remembered_variables import FILE as VARIABLES
from pipeline.adapters.remembered_variables import WATCH
from pipeline.adapters.secret_search import SecretSearch
from pipeline.adapters.watch_home import ENVIRONMENTS, MEMORY
from pipeline.domain.bot_settings import BRAKE_FILE, DOUBT_SUFFIX, SETTINGS_FILE
from pipeline.domain.incident import HEAD, LEDGER, LeftOut, allowed, safe_name
from pipeline.domain.redaction import redacted, without_secrets
from pipeline.domain.watch_process import watch_name
from pipeline.errors import FreqtrainError

OBSERVATIONS = "observations.sqlite"
MOST_SMALL = 8 << 20
MOST_OF_A_LOG = 4 << 20
"""Bytes, the latest of each log."""

_TRIES = 5
_FIRST_LINE_WHOLE = b"\n"


@dataclass(slots=True)
class Parts:
    """Files below `folder`, by their paths in the archive, the most important first; and what could not be had.

    Args:
        own: the environment's folder; `runtime` that of the processes' output.
        since: logs that were not written since, and observations from before, are left out.
    """

    folder: Path
    own: Path
    runtime: Path
    since: datetime
    search: SecretSearch
    files: dict[str, Path] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    redacted: int = 0

    def ledger(self) -> tuple[bytes, bytes]:
        """Ledger and head as they are, broken or not, at one moment between two writers; what crashes have torn off too."""
        file, head_file = self.own / LEDGER, self.own / HEAD
        content = head = b""
        for _ in range(_TRIES):
            head = _bytes(head_file)
            content = _bytes(file)
            if _bytes(head_file) == head:
                break
        self.put(LEDGER, content)
        self.put(HEAD, head)
        for torn in sorted(self.own.glob(f"{LEDGER}.torn-*")):
            self.take(torn.name, torn)
        return content, head

    def settings(self, written: Sequence[Path] = ()) -> None:
        """The environments' files and variables as the watch reads them, what it remembers, and each bot's public configuration.

        Args:
            written: the files of a checkout, which are taken where none was written down for a watch.
        """
        for file in sorted((self.own / WATCH / ENVIRONMENTS).glob("*.y*ml")) or written:
            self.take(f"{ENVIRONMENTS}/{file.name}", file)
        self.take_json(f"{ENVIRONMENTS}/{VARIABLES}", self.own / WATCH / VARIABLES)
        self.take_json(MEMORY, self.own / MEMORY)
        for bot in self._folders(self.own / BOTS):
            for name in (SETTINGS_FILE, PUBLIC_FILE, ACCOUNT_FILE, BRAKE_FILE):
                self.take_json(f"{BOTS}/{safe_name(bot.name)}/{name}", bot / name)

    def logs(self) -> None:
        """The end of each log that was written since, the latest first: what bots and the watch print, what was kept of earlier ones."""
        found = [(file, "") for file in _plain_files(self.own / "logs")]
        for bot in self._folders(self.own / BOTS):
            found += [(file, f"{bot.name}.") for file in _plain_files(bot / "logs")]
        for bot in self._folders(self.own / "compose" / BOTS):
            found += [(file, f"{bot.name}.") for file in _plain_files(bot / "earlier")]
        for program in self._folders(self.runtime / BOTS):
            if program.name == watch_name(self.own.name) or program.name.rsplit("-", 2)[0] == self.own.name:
                found += [(file, f"{program.name}.") for file in sorted(program.glob("output.log*"))]
        found += [(file, "") for file in sorted(self.runtime.glob("supervisord.log*"))]
        dated = [(_changed(file), file, prefix) for file, prefix in found if not file.is_symlink()]
        for at, file, prefix in sorted(dated, reverse=True):
            if at >= self.since.timestamp():
                self._log(f"logs/{safe_name(prefix + file.name)}", file)

    def log(self, name: str, text: str) -> None:
        """What a bot has printed that lies in no file; nothing where it printed nothing."""
        if text:
            self.put(f"logs/{safe_name(name)}", self._redacted(text.encode(errors="replace")))

    def databases(self) -> None:
        """Each bot's database at one moment, through SQLite's own backup, with its doubts."""
        for file in sorted((self.own / DATABASES).glob("*.sqlite")):
            self._database(f"{DATABASES}/{file.name}", file)
            self.take_json(f"{DATABASES}/{file.name}{DOUBT_SUFFIX}", file.with_name(file.name + DOUBT_SUFFIX))

    def observations(self) -> Path | None:
        """What was observed since; the copy, None where there is none."""
        file = self.own / OBSERVATIONS
        if not file.is_file():
            return None
        return self._database(OBSERVATIONS, file, self._forget_earlier)

    def take(self, path: str, file: Path) -> None:
        """A small text file as it is, but for known secrets: an environment's file tells secrets' names, and has to be read again."""
        try:
            content = read_bounded(file, MOST_SMALL)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            self.leave(path, error)
            return
        self.put(path, self._blackened(content))

    def take_json(self, path: str, file: Path) -> None:
        """A small JSON file, in which everything that stands under the name of a secret is blacked out."""
        try:
            value, count = without_secrets(json.loads(read_bounded(file, MOST_SMALL)))
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError) as error:
            self.leave(path, error)
            return
        self.redacted += count
        self.put(path, self._blackened(json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"))

    def put(self, path: str, content: bytes) -> None:
        """Content that was made here."""
        if not self.may_hold(path):
            return
        write_whole(self._aside(path), content, mode=PRIVATE)
        self.files[path] = self._aside(path)

    def may_hold(self, path: str) -> bool:
        """Whether an archive may hold a file of that path; otherwise it is left out, and that is said."""
        if not allowed(path):
            self.left_out.append(LeftOut(path[:200], "its name is none that an incident holds"))
        return allowed(path)

    def leave(self, what: str, error: Exception) -> None:
        """Say that something could not be had."""
        told = error.message if isinstance(error, FreqtrainError) else getattr(error, "strerror", None) or str(error)
        self.left_out.append(LeftOut(what[:200], str(told)[:500]))

    def _log(self, path: str, file: Path) -> None:
        try:
            with file.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                stream.seek(max(0, size - MOST_OF_A_LOG))
                content = stream.read(MOST_OF_A_LOG)
        except OSError as error:
            self.leave(path, error)
            return
        if size > MOST_OF_A_LOG:
            content = content.partition(_FIRST_LINE_WHOLE)[2]
            self.left_out.append(LeftOut(path, f"all but its last {MOST_OF_A_LOG >> 20} MiB of {size >> 20}"))
        self.put(path, self._redacted(content))

    def _redacted(self, content: bytes) -> bytes:
        text, count = redacted(self._blackened(content).decode(errors="replace"))
        self.redacted += count
        return text.encode()

    def _blackened(self, content: bytes) -> bytes:
        content, count = self.search.redacted(content)
        self.redacted += count
        return content

    def _database(
        self, path: str, file: Path, change: Callable[[sqlite3.Connection], None] | None = None
    ) -> Path | None:
        """A copy without what was deleted from it: pages that nobody uses any more may hold anything."""
        if not self.may_hold(path):
            return None
        copy = self._aside(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            with reading(file, repair=False) as source:
                damage = copied(source, copy)
            if damage:
                raise sqlite3.DatabaseError(damage)
            database = sqlite3.connect(copy, isolation_level=None)
            try:
                if change is not None:
                    change(database)
                database.execute("VACUUM")
            finally:
                database.close()
        except (OSError, sqlite3.Error) as error:
            copy.unlink(missing_ok=True)
            self.leave(path, error)
            return None
        self.files[path] = copy
        return copy

    def _forget_earlier(self, database: sqlite3.Connection) -> None:
        since = milliseconds(self.since)
        database.execute("DELETE FROM samples WHERE at < ?", (since,))
        database.execute("DELETE FROM gaps WHERE until < ?", (since,))

    def _aside(self, path: str) -> Path:
        return self.folder / path

    def _folders(self, parent: Path) -> Iterable[Path]:
        try:
            return sorted(one for one in parent.iterdir() if one.is_dir() and not one.name.startswith("."))
        except FileNotFoundError:
            return ()
        except OSError as error:
            self.leave(parent.name, error)
            return ()


def _plain_files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(one for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))
    except OSError:
        return


def _changed(file: Path) -> float:
    """Seconds since 1970; a log that was rotated away meanwhile is an old one."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
