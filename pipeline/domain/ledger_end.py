"""The end of a ledger's bytes: whether it is what its head says, and what a crash can have left behind it."""

import json
from contextlib import suppress

from pipeline.domain.canonical import canonical
from pipeline.domain.ledger import Head, after, intact, read_entry


def read_head(content: bytes) -> Head | None:
    """The head in a head file; None where it is not exactly one."""
    try:
        value = json.loads(content)
        head = Head(value["length"], value["size"], value["hash"])
        same = canonical(head) + b"\n" == content
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    counts = all(type(number) is int and number >= 0 for number in (head.length, head.size))  # 4.0 counts nothing
    return head if same and counts and isinstance(head.hash, str) else None


def ends_with(content: bytes, head: Head) -> bool:
    """Whether the last line is the entry that the head names."""
    if head == Head():
        return not content
    last = content[content.rfind(b"\n", 0, -1) + 1 :]
    try:
        entry = read_entry(last.removesuffix(b"\n"))
    except ValueError:
        return False
    return last.endswith(b"\n") and intact(entry) and (entry.seq, entry.hash) == (head.length, head.hash)


def left_by_crash(tail: bytes, head: Head) -> tuple[Head | None, bytes]:
    """What a crash can have left: the head that counts one more whole entry, or the bytes of a torn line, or neither."""
    first, feed, rest = tail.partition(b"\n")
    if feed:
        with suppress(ValueError):
            entry = read_entry(first)
            follows = intact(entry) and (entry.seq, entry.previous) == (head.length + 1, head.hash)
            return (after(head, entry), b"") if follows and not rest else (None, b"")
    return (None, tail) if tail and not _holds_json(tail) else (None, b"")


def head_of(lines: list[bytes]) -> Head:
    """A head that fits the lines, for checking a ledger whose head file cannot be used."""
    try:
        return Head(len(lines), hash=read_entry(lines[-1]).hash)
    except (ValueError, IndexError):
        return Head(len(lines))


def lines_of(content: bytes) -> list[bytes]:
    """The lines without their line feeds; what stands behind the last line feed is a line too."""
    return content.removesuffix(b"\n").split(b"\n") if content else []


def _holds_json(tail: bytes) -> bool:
    """Whether any whole line is JSON: then somebody wrote it, and it is not torn."""
    for text in tail.split(b"\n")[:-1]:
        with suppress(ValueError, RecursionError):
            json.loads(text)
            return True
    return False
