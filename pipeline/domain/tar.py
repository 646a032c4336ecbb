"""A plain tar archive (POSIX ustar) that is equal byte for byte for equal files, on every machine and with every version of Python."""

from collections.abc import Iterator, Mapping

BLOCK = 512
END = b"\0" * (2 * BLOCK)

_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"5": "a folder",
    b"6": "a pipe",
}
_PLAIN = b"0"
_LONGEST_NAME, _LONGEST_PREFIX = 100, 155


def pack(files: Mapping[str, bytes]) -> bytes:
    """The archive of files by path: sorted, mode 0644, without owners and times.

    Raises:
        ValueError: a path is too long for the format, or leads out of a folder.
    """
    parts: list[bytes] = []
    for path, content in sorted(files.items()):
        _refuse_path(path)
        parts += [header(path, len(content)), content, b"\0" * (-len(content) % BLOCK)]
    return b"".join([*parts, END])


def unpack(archive: bytes) -> dict[str, bytes]:
    """The files of an archive that `pack` wrote; there is exactly one archive for one set of files.

    Nothing else is accepted: no links, folders or devices, no path that leads out of a folder, no file that comes twice or out of order, no
    header that `pack` would have written otherwise, nothing behind the end.

    Raises:
        ValueError: says what is wrong.
    """
    files: dict[str, bytes] = {}
    last = ""
    for path, content in _entries(archive):
        if path in files:
            raise ValueError(f"holds {path!r} twice")
        if path < last:
            raise ValueError(f"holds {path!r} out of order")
        files[path] = content
        last = path
    return files


def _entries(archive: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while archive[at : at + BLOCK] != END[:BLOCK]:
        block = archive[at : at + BLOCK]
        if len(block) < BLOCK:
            raise ValueError("is cut short: it has no end")
        path, size = read_header(block)
        begin = at + BLOCK
        at = begin + size + (-size % BLOCK)
        if at > len(archive):
            raise ValueError(f"is cut short: {path!r} should have {size} bytes")
        if archive[begin + size : at].strip(b"\0"):
            raise ValueError(f"hides something behind {path!r}")
        yield path, archive[begin : begin + size]
    if archive[at:] != END:
        raise ValueError("does not stop where its files end")


def read_header(block: bytes) -> tuple[str, int]:
    """The path and size that a header block tells.

    Raises:
        ValueError: `header` would not have written it; the message begins with a verb.
    """
    name, prefix, kind = block[:_LONGEST_NAME], block[345 : 345 + _LONGEST_PREFIX], block[156:157]
    try:
        path = b"/".join(part.split(b"\0", 1)[0] for part in (prefix, name) if part.strip(b"\0")).decode()
        size = int(block[124:135], 8)
    except ValueError:
        raise ValueError("is no tar archive") from None
    if kind != _PLAIN:
        raise ValueError(f"holds {path!r}, which is {_KINDS.get(kind, 'no plain file')}")
    _refuse_path(path)
    if size < 0 or block != header(path, size):
        raise ValueError(f"does not write the header of {path!r} as it must be written")
    return path, size


def _refuse_path(path: str) -> None:
    parts = path.split("/")
    if not path.isprintable() or "\\" in path or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"holds {path!r}, which is no path within a folder")


def header(path: str, size: int) -> bytes:
    """The block before a file's content; raises ValueError where the path is too long for the format."""
    prefix, name = _split(path)
    fields = (
        name.ljust(_LONGEST_NAME, b"\0"),
        b"0000644\0",
        b"0000000\0" * 2,  # owner and group
        b"%011o\0" % size,
        b"00000000000\0",  # time
        b" " * 8,  # where the checksum goes; it is made with spaces here
        _PLAIN,
        b"\0" * 100,  # the target of a link
        b"ustar\x0000",
        b"\0" * 64,  # names of owner and group
        b"0000000\0" * 2,  # numbers of a device
        prefix.ljust(_LONGEST_PREFIX, b"\0"),
        b"\0" * 12,
    )
    block = b"".join(fields)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _split(path: str) -> tuple[bytes, bytes]:
    """A path as ustar's two fields: all of it in the second where it fits."""
    whole = path.encode()
    if len(whole) <= _LONGEST_NAME:
        return b"", whole
    for at, letter in enumerate(whole):
        if letter == ord("/") and at <= _LONGEST_PREFIX and len(whole) - at - 1 <= _LONGEST_NAME:
            return whole[:at], whole[at + 1 :]
    raise ValueError(f"holds {path!r}, whose name is too long")
