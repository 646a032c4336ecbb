"""A ledger's head file held against the ledger: whether it alone is at fault, and the head that belongs there."""

from dataclasses import dataclass

from pipeline.domain.ledger import Entry, Head, after, follow_on, read_entry
from pipeline.domain.ledger_end import lines_of, read_head


@dataclass(frozen=True, slots=True)
class HeadCondition:
    """What is wrong with the head file where the lines hold together ("": nothing), the head that belongs there, and what a crash left behind it.

    `rebuilt` is None where no head would fit: then a head file that is missing is the least of it.
    """

    problem: str = ""
    rebuilt: Head | None = None
    left: str = ""


def condition(content: bytes, head_file: bytes | None) -> HeadCondition:
    """How a ledger's bytes and those of its head file (None: there is none) fit. A torn last line is no fault of the head."""
    whole = content[: content.rfind(b"\n") + 1]
    entries = _entries(whole)
    if not entries:
        return HeadCondition()
    heads = [Head()]
    for entry in entries:
        heads.append(after(heads[-1], entry))
    rebuilt, torn = heads[-1], len(content) - len(whole)
    left = f"a torn last line of {torn} bytes in the ledger" if torn else ""
    if head_file is None:
        return HeadCondition("the head file is missing", rebuilt, left)
    head = read_head(head_file)
    if head is None:
        return HeadCondition("the head file was edited or is damaged", rebuilt, left)
    if head.length > len(entries):
        return HeadCondition()  # Entries are gone: a head that fits would hide that.
    if head != heads[head.length]:
        return HeadCondition()  # It names another entry than the one that stands there.
    behind = len(entries) - head.length
    if behind > 1:
        return HeadCondition(f"the head file counts {head.length} entries, and there are {len(entries)}", rebuilt, left)
    if behind == 1 and not torn:
        left = "one entry that the ledger's head file does not count yet"
    return HeadCondition("", rebuilt, left)


def _entries(whole: bytes) -> tuple[Entry, ...]:
    """The entries of an intact chain from its beginning; none where it is not."""
    lines = lines_of(whole)
    try:
        last = read_entry(lines[-1])
    except (ValueError, IndexError):
        return ()
    return follow_on(lines, Head(len(lines), len(whole), last.hash)) or ()
