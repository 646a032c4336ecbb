"""An environment on its way to another device: what its archive holds, and how that fits to what is there already."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from pipeline.domain.canonical import Plain, canonical
from pipeline.domain.ledger import Entry
from pipeline.domain.strategy import ID_PATTERN

FORMAT = 1
ABOUT = "about.json"
LEDGER = "ledger.jsonl"
HEAD = "ledger.jsonl.head"

MOST_FILES = 50_000
LARGEST_FILE = 4 * 2**30
LARGEST_ABOUT = 16 * 2**20

_NAMED = re.compile(r"sha256:[0-9a-f]{64}")
_PATHS = re.compile(
    r"ledger\.jsonl(\.head)?|observations\.sqlite|watch\.json"
    rf"|databases/{ID_PATTERN.strip('^$')}\.(dry_run|live)\.sqlite(\.doubt\.json)?"
    r"|store/[0-9a-f]{64}/(bundle\.tar|manifest-\d{6}\.json|evidence-[0-9a-f]{64}\.json)"
)


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of the archive: its path there, its bytes, and the sha256 of them (64 digits)."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class About:
    """What an archive says of itself, before everything else in it. `mode` is dry_run or live."""

    environment: str
    mode: str
    exchange: str
    stake_currency: str
    files: tuple[PackedFile, ...]
    format: int = FORMAT

    @property
    def bundles(self) -> tuple[str, ...]:
        """The digests of the bundles that travel along."""
        digits = {file.path.split("/")[1] for file in self.files if file.path.startswith("store/")}
        return tuple(f"sha256:{one}" for one in sorted(digits))

    @property
    def databases(self) -> tuple[str, ...]:
        """The paths of the SQLite databases."""
        return tuple(file.path for file in self.files if file.path.endswith(".sqlite"))

    def text(self) -> bytes:
        """As it stands in the archive."""
        return canonical(self) + b"\n"


def problems(about: About) -> tuple[str, ...]:
    """What is wrong with what an archive says of itself, a sentence each; none where it can be unpacked."""
    found = []
    if about.format != FORMAT:
        found.append(f"it is of format {about.format}, and this freqtrain reads format {FORMAT}")
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", about.environment):
        found.append(f"{about.environment!r} is no environment's name")
    if about.mode not in ("dry_run", "live"):
        found.append(f"{about.mode!r} is no mode in which bots run")
    if len(about.files) > MOST_FILES:
        found.append(f"it holds more than {MOST_FILES} files")
    paths = [file.path for file in about.files]
    found += [f"it holds {path!r}, which is no part of an environment" for path in paths if not _PATHS.fullmatch(path)]
    found += [f"{f.path} is larger than {LARGEST_FILE} bytes" for f in about.files if not 0 <= f.size <= LARGEST_FILE]
    if paths != sorted(set(paths)):
        found.append("its files are out of order, or one comes twice")
    found += [f"it holds no {needed}" for needed in (LEDGER, HEAD) if needed not in paths]
    return tuple(found)


def bundles_named(entries: Iterable[Entry]) -> frozenset[str]:
    """Everything in a ledger that may be a bundle's digest, or another one's; which of them are bundles the store knows."""
    return frozenset(text for entry in entries for text in _texts(entry.body) if _NAMED.fullmatch(text))


class Fit(Enum):
    """How a ledger that arrives fits to the one that is there."""

    BACK = auto()
    """It left from here, and nothing of it ran anywhere since: the ledger that is there goes on."""
    RETURNS = auto()
    """It left from here once, ran elsewhere, and comes back with all that is here and more."""
    HERE = auto()
    """It arrived here before."""
    OTHER = auto()
    """Another history, or one that went on here."""


def fit(there: Sequence[Entry], arriving: Sequence[Entry], archive: str) -> Fit:
    """How the entries of the archive with that digest fit to those that are there, of which there is at least one.

    What is recorded here after a departure moves nothing, since nothing is started here then; so it is no reason to refuse.
    """
    if any(entry.kind == "arrived" and entry.body.get("archive") == archive for entry in there):
        return Fit.HERE
    shared = _shared(there, arriving)
    rest, more = there[shared:], arriving[shared:]
    if not more and _away(there):
        return (
            Fit.BACK if not rest or (rest[0].kind == "moved" and rest[0].body.get("archive") == archive) else Fit.OTHER
        )
    left = bool(rest) and rest[0].kind == "moved" and _away(there)
    came = bool(more) and more[0].kind == "arrived" and bool(more[0].body.get("archive"))
    if left and came and rest[0].body.get("archive") == more[0].body.get("archive"):
        return Fit.RETURNS
    return Fit.OTHER


def _shared(one: Sequence[Entry], other: Sequence[Entry]) -> int:
    """How many entries at the beginning are the same; a hash stands for all before it."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a.hash != b.hash), min(len(one), len(other)))


def _away(entries: Sequence[Entry]) -> bool:
    last = next((entry.kind for entry in reversed(entries) if entry.kind in ("moving", "moved", "arrived")), "")
    return last in ("moving", "moved")


def _texts(value: Plain) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
