"""`Board: <id> <reason>` in the message of an annotated tag: whoever may tag may board a strategy that still lacks something, and says why."""

import re
from dataclasses import dataclass

from pipeline.domain.strategy import ID_PATTERN

WORD = "Board:"
_LINE = re.compile(rf"{WORD} ({ID_PATTERN}) (\S.*)")
_LIKE = re.compile(r"\W*board\s*[:=]", re.IGNORECASE)
_SIGNATURE = re.compile(r"-----BEGIN [A-Z ]*SIGNATURE-----")


@dataclass(frozen=True, slots=True)
class Override:
    """A strategy that boards anyway, and the reason."""

    strategy: str
    reason: str


@dataclass(frozen=True, slots=True)
class BoardLines:
    """What a message asks for, and what is wrong with it, a sentence for each line; with a problem, nothing may be taken from it."""

    overrides: tuple[Override, ...] = ()
    problems: tuple[str, ...] = ()


def board_lines(message: str) -> BoardLines:
    """The overrides in a tag's message. A line that was meant to be one and is not is a problem, so that no typing error passes for a no."""
    overrides: dict[str, Override] = {}
    problems = []
    for number, line in enumerate(_SIGNATURE.split(message)[0].splitlines(), start=1):
        if not _LIKE.match(line):
            continue
        found = _LINE.fullmatch(line.rstrip())
        if found is None or not line.isprintable():
            problems.append(f"line {number} of the tag's message is not '{WORD} <id> <reason>': {line.strip()[:80]!r}")
        elif found[1] in overrides:
            problems.append(f"line {number} of the tag's message names '{found[1]}' once more")
        else:
            overrides[found[1]] = Override(found[1], found[2].strip())
    return BoardLines(tuple(overrides.values()), tuple(problems))
