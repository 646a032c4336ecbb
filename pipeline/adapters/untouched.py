"""Looking into an SQLite database of others so that nothing is left beside it."""

from pathlib import Path


def address(file: Path) -> str:
    """The address under which SQLite only reads a database.

    One in WAL mode gets a `-wal` and a `-shm` file from whoever opens it first, a reader too, and a reader leaves them behind. Where nobody has it
    open there are none; then it is read as a file that does not change. A bot that opens it in that moment writes beside it, not into it, before
    a reader of some milliseconds has ended.
    """
    beside = (file.with_name(file.name + end) for end in ("-wal", "-journal"))
    still = not any(one.exists() for one in beside)
    return f"{file.absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}"
