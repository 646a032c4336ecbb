"""The files in a zip file that a stranger may have made: read into memory within bounds, and never written by their names."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from pipeline.errors import Refused
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

_KINDS = 0o170000
_REGULAR = 0o100000
_UNIX = 3
_ENCRYPTED = 0x1


def files_of(content: bytes, what: str, *, most_bytes: int, most_files: int = 100) -> Mapping[str, bytes]:
    """The plain files by their paths, POSIX and relative; folders are left out.

    Args:
        what: names the zip file in errors.
        most_bytes: of all files together, unpacked.

    Raises:
        Refused: it is no zip file, is damaged, is larger than it may be, or holds a path or a kind of file that no honest one does.
    """
    found: dict[str, bytes] = {}
    left = most_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > most_files:
                raise Refused(f"{what} holds {len(members)} files", hint=f"it may hold {most_files}")
            for member in members:
                if member.filename.endswith("/"):
                    continue
                _check(member, what, found)
                with archive.open(member) as file:
                    found[member.filename] = file.read(left + 1)
                left -= len(found[member.filename])
                if left < 0:
                    raise Refused(
                        f"{what} is larger than {most_bytes} bytes when it is unpacked", hint="nothing of it was used"
                    )
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OSError,
        RuntimeError,
    ) as error:
        raise Refused(
            f"{what} is no zip file that can be read: {type(error).__name__}", hint="nothing of it was used"
        ) from error
    return found


def _check(member: zipfile.ZipInfo, what: str, found: Mapping[str, bytes]) -> None:
    name = member.filename
    kind = (member.external_attr >> 16) & _KINDS
    wrong = (
        not name.isascii()
        or not name.isprintable()
        or set(name) & set('\\:*?"<>|')
        or any(part in ("", ".", "..") for part in name.split("/"))
        or name in found
        or member.flag_bits & _ENCRYPTED
        or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        or (member.create_system == _UNIX and kind not in (0, _REGULAR))
    )
    if wrong:
        shown = no_commands(plain_text(name, NAME_LIMIT))
        raise Refused(f"{what} holds {shown!r}, which no honest one does", hint="nothing of it was used")
