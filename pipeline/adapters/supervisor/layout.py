"""Where supervisord's files lie in a device's home. Loaded inside supervisord and before each bot: the standard library only."""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import Refused

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
LONGEST_SOCKET_PATH = 107 - len(".4194304")
"""A unix socket's path has at most 107 bytes; supervisord binds it under a name with its process id first, and moves it."""
SHORT_FOLDER = "/tmp/freqtrain-{uid}"
"""For sockets of homes whose path is too long. Not XDG_RUNTIME_DIR: it goes away when its user logs out, and bots stay."""


@dataclass(frozen=True, slots=True)
class BotFiles:
    """One bot's files below `bots/`."""

    folder: Path

    @property
    def launch(self) -> Path:
        """What to start, and how: see `launch`."""
        return self.folder / "launch.json"

    @property
    def section(self) -> Path:
        """supervisord's configuration of this bot."""
        return self.folder / "program.conf"

    @property
    def record(self) -> Path:
        """What became of it, kept for when supervisord is gone: see `record`."""
        return self.folder / "record.json"

    @property
    def output(self) -> Path:
        """What it prints; older parts are output.log.1, .2, ..."""
        return self.folder / "output.log"

    @property
    def lock(self) -> Path:
        """Held by each of its processes, so that there are never two bots of one name."""
        return self.folder / "lock"

    @property
    def scratch(self) -> Path:
        """Its HOME and TMPDIR."""
        return self.folder / "scratch"

    @property
    def mark(self) -> str:
        """The environment variable that tells its processes from all others."""
        return f"FREQTRAIN_BOT={self.folder}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The folder `runtime/` of a home."""

    folder: Path

    @property
    def configuration(self) -> Path:
        return self.folder / "supervisord.conf"

    @property
    def log(self) -> Path:
        return self.folder / "supervisord.log"

    @property
    def launch_script(self) -> Path:
        """Starts the launcher; it holds the interpreter's path, which could not stand in supervisord's configuration."""
        return self.folder / "launch.sh"

    @property
    def lock(self) -> Path:
        """Held by supervisord for its life."""
        return self.folder / "supervisord.lock"

    @property
    def calls(self) -> Path:
        """Held by whoever starts, removes or shuts down."""
        return self.folder / "calls.lock"

    @property
    def bots(self) -> Path:
        return self.folder / "bots"

    @property
    def mark(self) -> str:
        """The environment variable that tells this home's supervisord from all others."""
        return f"FREQTRAIN_SUPERVISOR={self.folder}"

    @property
    def identifier(self) -> str:
        """How supervisord names itself: another home's, or one that speaks in another way, has another name."""
        return f"freqtrain-1-{_short(self.folder)}"

    @property
    def socket(self) -> Path:
        """The socket that it listens on: in the folder, or where the path would be too long in one of the user's own below /tmp."""
        own = self.folder / "supervisor.sock"
        if len(os.fsencode(own)) <= LONGEST_SOCKET_PATH:
            return own
        return Path(SHORT_FOLDER.format(uid=os.getuid())) / f"{_short(self.folder)}.sock"

    def bot(self, name: str) -> BotFiles:
        """The files of a bot.

        Raises:
            Refused: no bot can have that name.
        """
        if not NAME.fullmatch(name):
            raise Refused(
                f"{name!r} cannot be a bot's name", hint="use lower-case letters, digits, and . _ - between them"
            )
        return BotFiles(self.bots / name)

    def names(self) -> tuple[str, ...]:
        """The bots that are held, in order."""
        try:
            found = sorted(entry.name for entry in self.bots.iterdir())
        except FileNotFoundError:
            return ()
        return tuple(name for name in found if NAME.fullmatch(name) and (self.bots / name / "launch.json").is_file())

    def make(self) -> None:
        """Make the folders, for nobody else to look into.

        Raises:
            Refused: the folder for sockets belongs to somebody else.
            OSError: the disk.
        """
        self.bots.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        short = self.socket.parent
        if short == self.folder:
            return
        short.mkdir(mode=0o700, exist_ok=True)
        found = short.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise Refused(f"{short} is not a folder of yours alone", hint="remove it, or use a shorter --home")


def layout(home: Path) -> Layout:
    """The layout of a device's home.

    Raises:
        Refused: supervisord could not find its files there.
    """
    folder = Path(os.path.realpath(home)) / "runtime"
    if any(character in str(folder) for character in "*?[\n"):
        raise Refused(f"{home} has *, ?, [ or a line feed in its path", hint="use another --home")
    return Layout(folder)


def _short(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
