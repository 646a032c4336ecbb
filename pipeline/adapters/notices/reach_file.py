"""How many channels work and how much waits, for whoever counts and may read no words: three numbers in a small file an environment."""

import json
import stat
from pathlib import Path

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.files import write_whole
from pipeline.domain.notices import Reached
from pipeline.errors import ToolFailed

FILE = "reach.json"
MOST_BYTES = 4096


class ReachFile:
    """`<device home>/<environment>/reach.json`: for its owner, and where its folder hands its group on to what is made in it, for that group."""

    def __init__(self, environment: Path) -> None:
        self._path = environment / FILE

    def write(self, reached: Reached) -> None:
        """Write it, whole or not at all; raises OSError."""
        words = {"channels": reached.channels, "undelivered": reached.undelivered, "failing": reached.failing}
        mode = 0o640 if self._path.parent.stat().st_mode & stat.S_ISGID else 0o600
        write_whole(self._path, json.dumps(words) + "\n", mode=mode)

    def read(self) -> Reached | None:
        """What whoever told last left; None where nobody ever did. Raises ToolFailed where it cannot be read or is not what `write` makes."""
        try:
            found = json.loads(read_bounded(self._path, MOST_BYTES))
            numbers = [found[name] for name in ("channels", "undelivered", "failing")]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ToolFailed(f"{self._path} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, RecursionError):
            numbers = [None]
        if not all(type(number) is int and 0 <= number < 1 << 40 for number in numbers):
            raise ToolFailed(f"{self._path} is damaged", hint="whoever tells next writes it anew")
        return Reached(*numbers)

    def forget(self) -> None:
        """Nobody is told any more, and nothing is known; raises OSError."""
        self._path.unlink(missing_ok=True)
