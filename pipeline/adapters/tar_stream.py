"""Reading a tar archive of ours block by block, without believing it: every message says what is wrong, and begins with a verb."""

from typing import BinaryIO

from pipeline.domain.tar import BLOCK, END, read_header


def next_header(stream: BinaryIO) -> tuple[str, int]:
    """The path and size of the file that comes next; raises ValueError where none does."""
    block = stream.read(BLOCK)
    if len(block) < BLOCK:
        raise ValueError("is cut short: it has no end")
    if block == END[:BLOCK]:
        raise ValueError("ends before everything that it tells of")
    return read_header(block)


def exactly(stream: BinaryIO, size: int, path: str) -> bytes:
    """So many bytes of a file; raises ValueError where there are fewer."""
    content = stream.read(size)
    if len(content) < size:
        raise ValueError(f"is cut short within {path}")
    return content


def padding(stream: BinaryIO, size: int, path: str) -> None:
    """What fills the last block of a file of that size; raises ValueError where anything stands there."""
    filling = stream.read(-size % BLOCK)
    if len(filling) != -size % BLOCK:
        raise ValueError(f"is cut short within {path}")
    if filling.strip(b"\0"):
        raise ValueError(f"hides something behind {path}")
