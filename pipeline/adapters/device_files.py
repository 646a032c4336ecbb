"""The files that make a machine a device of the train: what it was set up as, who owns the hook, and who can get at homes and secrets."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.adapters.bounded import read_bounded
from pipeline.domain.preflight_device import Exposed, Hook
from pipeline.errors import Refused

DEVICE = Path("/etc/freqtrain/device.json")
HOOKS = Path("/opt/freqtrain/hooks")
INSTALLED = Path("/opt/freqtrain")
LARGEST = 1 << 16
OTHERS = 0o077
PASSED_THROUGH = 0o010
"""A home may be passed through by its group, which cannot list it: on the way to the ledger."""


class DeviceEnvironment(BaseModel):
    """One environment of the device."""

    model_config = ConfigDict(strict=True, frozen=True)
    user: str
    reads: tuple[str, ...] = ()
    compose: bool = False


class DeviceFile(BaseModel):
    """What `runner/set-up` wrote down of the device; no secret."""

    model_config = ConfigDict(frozen=True)
    repository: str
    folder: Path
    private_network: str = "none"
    monitor_port: int = 0
    backup_off_device: bool = False
    environments: Mapping[str, DeviceEnvironment]


def device(file: Path = DEVICE) -> DeviceFile | None:
    """What this machine was set up as; None where it was not.

    Raises:
        Refused: the file is not what the set-up writes.
    """
    try:
        return DeviceFile.model_validate_json(read_bounded(file, LARGEST))
    except FileNotFoundError:
        return None
    except (ValidationError, OSError, ValueError) as error:
        raise Refused(f"{file} is not what the set-up wrote", hint="sudo runner/set-up") from error


def hook(repository: str, folder: Path = HOOKS, owner: int = 0) -> Hook:
    """The hook that the runner asks, and the list beside it."""
    script, allowed = folder / "job-started.sh", folder / "job-started.allow"
    for path in (folder, script, allowed):
        try:
            found = path.lstat()
        except OSError:
            return Hook(str(path), "missing, so that any job may run here")
        if stat.S_ISLNK(found.st_mode) or found.st_uid != owner or found.st_mode & 0o022:
            return Hook(str(path), "others than root can write to it")
    if f"repository {repository}" not in allowed.read_text(errors="replace").splitlines():
        return Hook(str(allowed), f"it does not name the repository {repository}")
    return Hook(str(script))


def exposed(home: Path, environment: str) -> tuple[Exposed, ...]:
    """Folders and files of a device's home that others can get at and should not; what is not there is not exposed."""
    return tuple(one for path, spared in _private(home, home / environment) if (one := _judged(path, spared)))


def running_from() -> Path:
    """The folder that this very freqtrain was imported from."""
    return Path(__file__).resolve().parents[2]


def _private(home: Path, own: Path) -> Iterator[tuple[Path, int]]:
    yield home, PASSED_THROUGH
    yield from ((own / name, 0) for name in ("bots", "databases", "secrets.json", "watch/secrets.json"))
    yield home / "runtime", 0
    yield from ((path, 0) for path in sorted(own.glob("bots/*/secret.json")))
    yield from ((path, 0) for path in sorted(own.glob("databases/*.sqlite")))


def _judged(path: Path, spared: int) -> Exposed | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    mode, foreign = stat.S_IMODE(found.st_mode), found.st_uid != os.geteuid()
    return Exposed(str(path), mode, foreign) if mode & OTHERS & ~spared or foreign else None
