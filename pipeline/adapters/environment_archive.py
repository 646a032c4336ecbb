"""An environment's archive: a plain tar file, equal byte for byte for equal files, read block by block and never believed."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter, ValidationError

from pipeline.adapters.bot_home_files import PRIVATE, PRIVATE_FOLDER
from pipeline.adapters.tar_stream import exactly, next_header, padding
from pipeline.domain.moving import ABOUT, LARGEST_ABOUT, About, PackedFile, problems
from pipeline.domain.tar import BLOCK, END, header
from pipeline.errors import Refused, ToolFailed

CHUNK = 2**20
_SHAPE = TypeAdapter(About)
_HINT = "nothing was changed; compare its digest with the one that the export told, and copy it once more"


def packed(path: str, file: Path) -> PackedFile:
    """A file as it will stand in an archive; raises OSError."""
    with file.open("rb") as content:
        return PackedFile(path, os.fstat(content.fileno()).st_size, hashlib.file_digest(content, "sha256").hexdigest())


def write_archive(about: About, sources: Mapping[str, Path], out: Path) -> str:
    """Write an archive for its owner alone, flushed to the disk; returns its digest.

    Args:
        sources: where the file of each path in `about` lies.

    Raises:
        OSError: the disk, or there is a file of that name already.
        ValueError: a file is not any more what `about` says.
    """
    digest = hashlib.sha256()
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as archive:

        def write(content: bytes) -> None:
            archive.write(content)
            digest.update(content)

        text = about.text()
        write(header(ABOUT, len(text)) + text + b"\0" * (-len(text) % BLOCK))
        for file in about.files:
            write(header(file.path, file.size))
            told = hashlib.sha256()
            with sources[file.path].open("rb") as content:
                while chunk := content.read(CHUNK):
                    told.update(chunk)
                    write(chunk)
            if told.hexdigest() != file.sha256:
                raise ValueError(f"{file.path} was changed while it was packed")
            write(b"\0" * (-file.size % BLOCK))
        write(END)
        archive.flush()
        os.fsync(archive.fileno())
    return f"sha256:{digest.hexdigest()}"


def archive_digest(archive: Path) -> str:
    """The digest of an archive, whatever is in it; raises ToolFailed where it cannot be read."""
    try:
        with archive.open("rb") as content:
            return f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}"
    except OSError as error:
        raise ToolFailed(f"{archive}: {error.strerror}", hint="is it there, and may it be read?") from error


def unpack_archive(archive: Path, folder: Path) -> About:
    """Write the files of an archive into an empty folder, each with the digest that the archive tells of it.

    Nothing is written that is not a plain file with the name of a part of an environment, in order, and no larger than it says.

    Raises:
        Refused: it is no archive of an environment, is damaged or cut short, or holds something else; the message names it.
        ToolFailed: the disk.
    """
    try:
        with archive.open("rb") as stream:
            about = _about(stream)
            for file in about.files:
                _one(stream, file, folder)
            if stream.read(len(END) + 1) != END:
                raise ValueError("does not stop where its files end")
    except ValueError as error:
        raise Refused(f"{archive} {error}", hint=_HINT) from error
    except OSError as error:
        raise ToolFailed(
            f"{error.filename or archive}: {error.strerror}", hint="make room on the disk, or mend its rights"
        ) from error
    return about


def _about(stream: BinaryIO) -> About:
    path, size = next_header(stream)
    if path != ABOUT or size > LARGEST_ABOUT:
        raise ValueError("is no archive of an environment")
    text = exactly(stream, size, path)
    padding(stream, size, path)
    try:
        about = _SHAPE.validate_json(text, strict=True)
    except ValidationError as error:
        raise ValueError(f"does not say what it holds: {error.errors(include_url=False)[0]['msg']}") from None
    if about.text() != text or json.loads(text).keys() != json.loads(about.text()).keys():
        raise ValueError("does not say what it holds in the way in which it must")
    if wrong := problems(about):
        raise ValueError("cannot be imported:\n" + "\n".join(f"  {told}" for told in wrong))
    return about


def _one(stream: BinaryIO, file: PackedFile, folder: Path) -> None:
    path, size = next_header(stream)
    if (path, size) != (file.path, file.size):
        raise ValueError(f"holds {path!r} ({size} bytes) where {file.path!r} ({file.size} bytes) belongs")
    target = folder / path
    target.parent.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    told, left = hashlib.sha256(), size
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as written:
        while left:
            chunk = exactly(stream, min(left, CHUNK), path)
            told.update(chunk)
            written.write(chunk)
            left -= len(chunk)
        written.flush()
        os.fsync(written.fileno())
    if told.hexdigest() != file.sha256:
        raise ValueError(f"is damaged: {path} does not have the digest that it tells of it")
    padding(stream, size, path)
