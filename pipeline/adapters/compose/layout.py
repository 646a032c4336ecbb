"""Where the files of an environment's containers lie in a device's home: `<home>/<environment>/compose/`."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.supervisor.layout import NAME
from pipeline.errors import Refused


@dataclass(frozen=True, slots=True)
class ContainerFiles:
    """One container's files. Only `state` is mounted into it."""

    folder: Path

    @property
    def launch(self) -> Path:
        """What to start, and how: see `launch`."""
        return self.folder / "launch.json"

    @property
    def state(self) -> Path:
        """The folder that its keeper writes into."""
        return self.folder / "state"

    @property
    def record(self) -> Path:
        """What became of it: see `supervisor.record`."""
        return self.state / "record.json"

    @property
    def asked(self) -> Path:
        """That somebody asked it to end, and within how many seconds."""
        return self.state / "asked.json"

    @property
    def earlier(self) -> Path:
        """What containers of this name printed that are gone, a file each."""
        return self.folder / "earlier"


@dataclass(frozen=True, slots=True)
class Project:
    """One environment's containers."""

    environment: str
    folder: Path
    mark: str
    """Tells this home's containers and networks from all others on the engine."""

    @property
    def name(self) -> str:
        """What compose calls it."""
        return f"freqtrain-{self.mark}-{self.environment}"

    @property
    def file(self) -> Path:
        """The compose file; JSON, which is YAML too."""
        return self.folder / "compose.json"

    @property
    def calls(self) -> Path:
        """Held by whoever starts or removes."""
        return self.folder / "calls.lock"

    @property
    def bridge(self) -> str:
        """The network's interface on the device; a firewall can name all of them with `ft-+`. At most 15 characters."""
        return f"ft-{_short(f'{self.mark} {self.environment}', 12)}"

    def files(self, name: str) -> ContainerFiles:
        """The files of a container whose name was checked."""
        return ContainerFiles(self.folder / "bots" / name)

    def names(self) -> tuple[str, ...]:
        """What is held, in order."""
        return tuple(sorted(path.parent.name for path in self.folder.glob("bots/*/launch.json")))

    def container(self, name: str) -> str:
        """The container's name, which is unique on the engine."""
        return f"freqtrain-{self.mark}-{name}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The projects of one device's home."""

    home: Path

    @property
    def mark(self) -> str:
        """Tells this home's containers, networks and images from all others on the engine."""
        return _short(str(self.home), 8)

    def project(self, environment: str) -> Project:
        """The project of an environment.

        Raises:
            Refused: no environment can have that name.
        """
        check(environment, "an environment's name")
        return Project(environment, self.home / environment / "compose", self.mark)

    def projects(self) -> tuple[Project, ...]:
        """Those that are there, by environment."""
        found = (path.parent.name for path in self.home.glob("*/compose") if path.is_dir())
        return tuple(self.project(name) for name in sorted(found) if NAME.fullmatch(name))

    def holding(self, name: str) -> Project | None:
        """The project that holds a container of this name; None where none does.

        Raises:
            Refused: no container can have that name.
        """
        check(name)
        return next((one for one in self.projects() if one.files(name).launch.is_file()), None)


def layout(home: Path) -> Layout:
    """The layout of a device's home."""
    return Layout(Path(os.path.realpath(home)))


def check(name: str, what: str = "a bot's name") -> None:
    """Refuse what cannot name a container.

    Raises:
        Refused: it cannot.
    """
    if not NAME.fullmatch(name):
        raise Refused(f"{name!r} cannot be {what}", hint="use lower-case letters, digits, and . _ - between them")


def _short(text: str, length: int) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:length]
