"""The secrets that a device keeps for one environment: a file that its user alone can read, written whole."""

import errno
import fcntl
import json
import os
import shlex
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from pipeline.adapters.files import write_whole
from pipeline.domain.trading import Secret
from pipeline.domain.trading.kept import Kept
from pipeline.errors import Refused, ToolFailed

FILE = "secrets.json"
_MOST_BYTES = 4 << 20


class SecretFile:
    """See `ports.KeptSecrets`.

    The file belongs to whoever keeps and uses it and has mode 0600. Its folder is made with mode 0700; from one that is there already, which a
    group may have been let into on purpose, everybody else is shut out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / FILE

    def kept(self) -> Mapping[str, Kept]:
        content = self._read()
        if content is None:
            return {}
        try:
            model = _File.model_validate_json(content)
        except ValidationError:
            # What pydantic says of a file shows the file.
            raise Refused(
                f"{self.path} is damaged, and nothing is taken from it",
                hint=f"rm {shlex.quote(str(self.path))}, and set the secrets anew",
            ) from None
        return {name: Kept(Secret(one.value), one.since) for name, one in model.kept.items()}

    def change(self, put: Mapping[str, Secret], drop: Collection[str], at: datetime) -> None:
        self._make_folder()
        with self._alone():
            self._sweep()
            entries = {name: (one.value, one.since_at) for name, one in self.kept().items() if name not in drop}
            entries.update({name: (value, at) for name, value in put.items()})
            kept = {
                name: {"since": since.isoformat(), "value": value.reveal()}
                for name, (value, since) in sorted(entries.items())
            }
            text = json.dumps({"kept": kept}, indent=2, ensure_ascii=True)
            try:
                write_whole(self.path, text + "\n", mode=0o600)
                _sync(self._folder)
            except OSError as error:
                _failed(self.path, error)

    def _read(self) -> bytes | None:
        """The file's bytes, once it is sure that nobody else could have read or written them; None where there is none."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise self._foreign() from error
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise Refused(
                    f"{self.path} is a link", hint=f"rm {shlex.quote(str(self.path))}, and set them anew"
                ) from error
            _failed(self.path, error)
        try:
            self._check(os.fstat(descriptor))
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(_MOST_BYTES + 1)
        finally:
            os.close(descriptor)
        if len(content) > _MOST_BYTES:
            raise Refused(f"{self.path} is larger than {_MOST_BYTES >> 20} MiB: that are no secrets")
        return content

    def _check(self, found: os.stat_result) -> None:
        quoted = shlex.quote(str(self.path))
        if not stat.S_ISREG(found.st_mode):
            raise Refused(f"{self.path} is no plain file", hint=f"rm {quoted}, and set the secrets anew")
        if found.st_uid != os.geteuid():
            raise self._foreign()
        if found.st_nlink != 1:
            raise Refused(f"{self.path} has a second name somewhere", hint=f"rm {quoted}, and set the secrets anew")
        if found.st_mode & 0o077:
            raise Refused(
                f"{self.path} can be used by others than its owner (mode {stat.S_IMODE(found.st_mode):04o})",
                hint=f"chmod 600 {quoted}; if anybody else uses this machine, make new keys: these may be known",
            )
        folder = self._folder.stat()
        if folder.st_mode & 0o022:
            raise Refused(
                f"{self._folder}, in which {FILE} lies, can be written to by others (mode {stat.S_IMODE(folder.st_mode):04o})",
                hint=f"chmod go-w {shlex.quote(str(self._folder))}",
            )

    def _foreign(self) -> Refused:
        return Refused(
            f"{self.path} does not belong to the user who runs this",
            hint=f"run it as its owner (sudo -u USER freqtrain …), or: sudo chown $(id -un) {shlex.quote(str(self.path))}",
        )

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = stat.S_IMODE(self._folder.stat().st_mode)
            if mode & 0o007:
                self._folder.chmod(mode & ~0o007)
        except OSError as error:
            _failed(self._folder, error)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time, so that two who set different names both keep theirs."""
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _sweep(self) -> None:
        """Remove what a writer that was killed left beside the file; none is at work now."""
        for left in self._folder.glob(f".{FILE}.*"):
            with suppress(OSError):
                left.unlink()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class _Entry(_Strict):
    since: AwareDatetime
    value: str


class _File(_Strict):
    kept: dict[Annotated[str, StringConstraints(min_length=1, max_length=200)], _Entry]


def _failed(path: Path, error: OSError) -> NoReturn:
    hint = "make room on the disk" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    raise ToolFailed(f"{path}: {error.strerror or error}; nothing was changed", hint=hint) from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
