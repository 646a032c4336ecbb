"""Cases on the disk: a packed incident, or a folder with what was unpacked of one; and what is expected of each."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from pipeline.adapters.bot_home_files import PRIVATE, PRIVATE_FOLDER
from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.files import write_whole
from pipeline.adapters.folders import whole_folder
from pipeline.adapters.incident_archive import read_incident
from pipeline.adapters.incident_material import read_material
from pipeline.domain.canonical import Plain
from pipeline.domain.incident import HEAD, INDEX, LARGEST_LEDGER, LARGEST_MATERIAL, LEDGER, MATERIAL, Index
from pipeline.domain.incident_case import Case, case
from pipeline.domain.moving import PackedFile
from pipeline.errors import Refused, ToolFailed, UsageError

EXPECTED = "expected.json"
SUFFIX = ".tar.gz"
_MOST_EXPECTED = 32 << 20


class CasesOnDisk:
    """See `ports.incidents.Cases`."""

    def read(self, place: Path) -> Case:
        """See `ports.incidents.Cases`."""
        return read_case(place)[0]

    def expectation_of(self, place: Path) -> Path:
        """See `ports.incidents.Cases`: in its folder, or beside the archive as `NAME.expected.json`."""
        return place / EXPECTED if place.is_dir() else place.with_name(f"{place.name.removesuffix(SUFFIX)}.{EXPECTED}")

    def expectation(self, file: Path) -> Plain:
        """See `ports.incidents.Cases`."""
        try:
            found: Plain = json.loads(read_bounded(file, _MOST_EXPECTED))
        except FileNotFoundError:
            hint = "`freqtrain incident check CASE --record` writes down what is so now"
            raise UsageError(f"{file} is not there", hint=hint) from None
        except (OSError, ValueError, RecursionError) as error:
            told = getattr(error, "strerror", None) or error
            raise Refused(f"{file} is no expectation: {told}", hint="record it anew") from error
        return found

    def expect(self, file: Path, told: Plain) -> None:
        """See `ports.incidents.Cases`. It is written for people to read, and to be kept in a repository."""
        try:
            write_whole(file, json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        except OSError as error:
            raise ToolFailed(f"{file}: {error.strerror or error}", hint="mend its rights, or make room") from error


def read_case(place: Path) -> tuple[Case, Index | None]:
    """The case in an archive, whose every digest is verified, with its index; or the one in a folder.

    Raises:
        UsageError: there is none.
        Refused: the archive is damaged, or holds what it must not.
    """
    if place.is_dir():
        return _in_folder(place), None
    if not place.is_file():
        raise UsageError(
            f"{place}: there is no case", hint="name a packed incident, or a folder that one was unpacked into"
        )
    kept = {LEDGER: io.BytesIO(), HEAD: io.BytesIO(), MATERIAL: io.BytesIO()}
    index = read_incident(place, lambda file: kept.get(file.path))
    try:
        material = read_material(kept[MATERIAL].getvalue()) if kept[MATERIAL].tell() else None
    except ValueError as error:
        raise Refused(f"{place} cannot be read: {error}", hint="pack it anew, with this freqtrain") from error
    return case(index.environment, kept[LEDGER].getvalue(), kept[HEAD].getvalue(), material), index


def unpack_incident(archive: Path, folder: Path, wanted: Callable[[str], bool]) -> Index:
    """Write the files of an archive whose paths are wanted into a new folder, with its index; the folder appears whole or not at all.

    Raises:
        UsageError: the folder is there already.
        Refused, ToolFailed: see `read_incident`; nothing was left.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(f"{folder} is there already", hint="name a folder that is not there yet")
    try:
        with whole_folder(folder) as made:
            opened: list[BinaryIO] = []

            def sink(file: PackedFile) -> BinaryIO | None:
                while opened:
                    opened.pop().close()
                if not wanted(file.path):
                    return None
                target = made / file.path
                target.parent.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
                opened.append(os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb"))
                return opened[-1]

            try:
                index = read_incident(archive, sink)
            finally:
                while opened:
                    opened.pop().close()
            write_whole(made / INDEX, index.text(), mode=PRIVATE)
    except OSError as error:
        raise ToolFailed(
            f"{error.filename or folder}: {error.strerror or error}", hint="make room on the disk"
        ) from error
    return index


def cases_in(folder: Path) -> tuple[Path, ...]:
    """The cases of a folder: archives, and folders with a ledger."""
    found = [one for one in folder.iterdir() if one.name.endswith(SUFFIX) or (one / LEDGER).is_file()]
    return tuple(sorted(found))


def _in_folder(folder: Path) -> Case:
    try:
        index = json.loads(read_bounded(folder / INDEX, LARGEST_LEDGER))
        environment = str(index["environment"])
        file = folder / MATERIAL
        material = read_material(read_bounded(file, LARGEST_MATERIAL)) if file.exists() else None
        ledger, head = (read_bounded(folder / name, LARGEST_LEDGER) for name in (LEDGER, HEAD))
        return case(environment, ledger, head, material)
    except FileNotFoundError as error:
        raise UsageError(f"{folder} holds no case: {error.filename} is not there") from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Refused(f"{folder} holds no case: {getattr(error, 'strerror', None) or error}") from error
