"""A packed incident as a file: a tar archive within gzip, in an order that never changes, read block by block and never believed."""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, cast

from pydantic import TypeAdapter, ValidationError

from pipeline.adapters.bot_home_files import PRIVATE, sync
from pipeline.adapters.tar_stream import exactly, next_header, padding
from pipeline.domain.incident import BUNDLE, INDEX, LARGEST_INDEX, Index, problems
from pipeline.domain.moving import PackedFile
from pipeline.domain.tar import BLOCK, END, header
from pipeline.errors import Refused, ToolFailed, UsageError

CHUNK = 1 << 20
PART = ".part"
Sink = Callable[[PackedFile], BinaryIO | None]
"""Where a file's content goes as it is read; None: nowhere, it is only verified."""

_SHAPE = TypeAdapter(Index)


def demand_free(out: Path) -> None:
    """Raise UsageError where no archive can be written, because of what is there already."""
    if out.exists() or out.is_symlink():
        raise UsageError(f"{out} is there already", hint="name a file that is not there yet")
    if not out.parent.is_dir():
        raise UsageError(f"{out.parent} is no folder", hint="make it first")


def write_incident(index: Index, sources: Mapping[str, Path], out: Path) -> str:
    """Write an archive for its owner alone, whole or not at all; returns its digest. Equal files make equal archives.

    Args:
        sources: where the file of each path in the index lies.

    Raises:
        OSError: the disk.
        ValueError: a file is not any more what the index says.
    """
    part = out.with_name(f".{out.name}{PART}")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE), "w+b") as file:
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packing:
                _write(index, sources, cast(BinaryIO, packing))
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.link(part, out)  # unlike a rename, it never replaces what somebody else has put there meanwhile
        sync(out.parent)
    finally:
        part.unlink(missing_ok=True)
    return f"sha256:{digest}"


def read_incident(archive: Path, sink: Sink) -> Index:
    """Read an archive to its end; every file has the digest that the index tells of it, and every bundle the one that it is named by.

    Nothing is believed: no file that is not plain, has no name of a part of an incident, comes out of order, or is larger than it says.

    Raises:
        Refused: it is none, is damaged or cut short, or holds something else; the message names it.
        ToolFailed: the disk.
    """
    hint = (
        "nothing was written; compare its digest with the one that was told when it was packed, and copy it once more"
    )
    try:
        with archive.open("rb") as file, gzip.GzipFile(fileobj=file, mode="rb") as unpacking:
            stream = cast(BinaryIO, unpacking)
            index = _index(stream)
            for one in index.files:
                _read(stream, one, sink(one))
            if stream.read(len(END) + 1) != END:
                raise ValueError("does not stop where its files end")
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        told = str(error) if isinstance(error, ValueError) else "is no packed incident, or is damaged or cut short"
        raise Refused(f"{archive} {told}", hint=hint) from error
    except OSError as error:
        told = f"{error.filename or archive}: {error.strerror or error}"
        raise ToolFailed(told, hint="is it there, may it be read, and is there room on the disk?") from error
    return index


def _write(index: Index, sources: Mapping[str, Path], archive: BinaryIO) -> None:
    text = index.text()
    archive.write(header(INDEX, len(text)) + text + b"\0" * (-len(text) % BLOCK))
    for one in index.files:
        archive.write(header(one.path, one.size))
        told = hashlib.sha256()
        with sources[one.path].open("rb") as content:
            while chunk := content.read(CHUNK):
                told.update(chunk)
                archive.write(chunk)
        if told.hexdigest() != one.sha256:
            raise ValueError(f"{one.path} was changed while it was packed")
        archive.write(b"\0" * (-one.size % BLOCK))
    archive.write(END)


def _index(stream: BinaryIO) -> Index:
    path, size = next_header(stream)
    if path != INDEX or size > LARGEST_INDEX:
        raise ValueError("is no packed incident")
    text = exactly(stream, size, path)
    padding(stream, size, path)
    try:
        index = _SHAPE.validate_json(text, strict=True)
        same = index.text() == text and json.loads(text).keys() == json.loads(index.text()).keys()
    except ValidationError as error:
        raise ValueError(f"does not say what it holds: {error.errors(include_url=False)[0]['msg']}") from None
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise ValueError("does not say what it holds in the way in which it must")
    if wrong := problems(index):
        shown = [f"  {told}" for told in wrong[:20]]
        raise ValueError("cannot be read:\n" + "\n".join(shown))
    return index


def _read(stream: BinaryIO, one: PackedFile, into: BinaryIO | None) -> None:
    path, size = next_header(stream)
    if (path, size) != (one.path, one.size):
        raise ValueError(f"holds {path!r} ({size} bytes) where {one.path!r} ({one.size} bytes) belongs")
    told, left = hashlib.sha256(), size
    while left:
        chunk = exactly(stream, min(left, CHUNK), path)
        told.update(chunk)
        left -= len(chunk)
        if into is not None:
            into.write(chunk)
    if told.hexdigest() != one.sha256:
        raise ValueError(f"is damaged: {path} does not have the digest that it tells of it")
    if (bundle := BUNDLE.fullmatch(path)) and bundle[1] != one.sha256:
        raise ValueError(f"holds {path}, which is not the bundle that it is named for")
    padding(stream, size, path)
