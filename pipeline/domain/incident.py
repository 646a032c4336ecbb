"""A packed incident: what its archive says of itself, what may be in it, and what fits."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.canonical import canonical
from pipeline.domain.moving import PackedFile
from pipeline.domain.strategy import ID_PATTERN

FORMAT = 2
READS = (1, 2)
"""Formats that are read; 2 has what brakes and decisions can be computed from again."""
INDEX = "index.json"
LEDGER = "ledger.jsonl"
HEAD = "ledger.jsonl.head"
STATE = "state.json"
PAGE = "report.html"
MATERIAL = "replay.json"

MOST_FILES = 20_000
LARGEST_INDEX = 16 << 20
LARGEST_TOTAL = 4 << 30
"""Bytes of all files together, unpacked."""
LARGEST_LEDGER = 256 << 20
"""Bytes of a ledger that is looked into."""
LARGEST_MATERIAL = 256 << 20
"""Bytes of what is computed from again."""

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"
_STRATEGY = ID_PATTERN.strip("^$")
_PATHS = re.compile(
    rf"ledger\.jsonl(\.head|\.torn-\d{{1,4}})?|replay\.json|state\.json|report\.html|watch\.json|observations\.sqlite"
    rf"|environments/{_NAME}\.ya?ml|environments/variables\.json"
    rf"|bots/{_NAME}/(bot|public|account|brake)\.json"
    rf"|databases/{_STRATEGY}\.(dry_run|live)\.sqlite(\.doubt\.json)?"
    rf"|logs/{_NAME}"
    r"|bundles/[0-9a-f]{64}/(bundle\.tar|manifest-\d{6}\.json|evidence-[0-9a-f]{64}\.json)"
    rf"|candles/{_NAME}/({_NAME}\.feather|markets\.json)"
)
BUNDLE = re.compile(r"bundles/([0-9a-f]{64})/bundle\.tar")
TEXTS = re.compile(r"ledger\.jsonl(\.head)?|replay\.json|environments/.*|state\.json|watch\.json|bots/.*")
"""What a case that lies in a repository needs: it is small, and text."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not in the archive, and why, in a sentence."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class BundleNamed:
    """A bundle that the ledger names: of which strategies, and whether it is in the archive."""

    bundle: str
    strategies: tuple[str, ...]
    packed: bool


@dataclass(frozen=True, slots=True)
class LedgerNamed:
    """How far the ledger goes: its number of entries, the last one's hash, and every place where it is not intact."""

    entries: int
    hash: str
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """How many texts of secrets were searched for in everything, how many were too short for that, and how often something was blacked out."""

    secrets: int
    short: int
    redacted: int


@dataclass(frozen=True, slots=True)
class Index:
    """What an archive says of itself, before everything else in it. `since` to `made_at` is the time that it is about."""

    environment: str
    made_at: datetime
    since: datetime
    ledger: LedgerNamed
    searched: Searched
    versions: Mapping[str, str] = field(default_factory=dict)
    bundles: tuple[BundleNamed, ...] = ()
    files: tuple[PackedFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    format: int = FORMAT

    def text(self) -> bytes:
        """As it stands in the archive."""
        return canonical(self) + b"\n"


def problems(index: Index) -> tuple[str, ...]:
    """What is wrong with what an archive says of itself, a sentence each; none where it can be read."""
    found = []
    if index.format not in READS:
        found.append(f"it is of format {index.format}, and this freqtrain reads the formats up to {FORMAT}")
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", index.environment):
        found.append(f"{index.environment!r} is no environment's name")
    if len(index.files) > MOST_FILES:
        found.append(f"it holds more than {MOST_FILES} files")
    if any(file.size > LARGEST_MATERIAL for file in index.files if file.path == MATERIAL):
        found.append(f"its {MATERIAL} takes more than {LARGEST_MATERIAL >> 20} MiB")
    paths = [file.path for file in index.files]
    found += [f"it holds {path!r}, which is no part of an incident" for path in paths if not _PATHS.fullmatch(path)]
    if any(file.size < 0 for file in index.files) or sum(file.size for file in index.files) > LARGEST_TOTAL:
        found.append(f"its files take more than {LARGEST_TOTAL >> 30} GiB")
    if any(file.size > LARGEST_LEDGER for file in index.files if file.path in (LEDGER, HEAD)):
        found.append(f"its ledger takes more than {LARGEST_LEDGER >> 20} MiB")
    if paths != sorted(set(paths)):
        found.append("its files are out of order, or one comes twice")
    found += [f"it holds no {needed}" for needed in (LEDGER, HEAD) if needed not in paths]
    return tuple(found)


def fits(parts: Iterable[tuple[str, int]], most: int) -> tuple[frozenset[str], tuple[LeftOut, ...]]:
    """Which of the files, given by path and bytes in the order of what matters most, fit into that many bytes; and which do not.

    Parts that come after one that does not fit may still fit.
    """
    chosen, left, room = set[str](), list[LeftOut](), most
    for path, size in parts:
        if size <= room:
            chosen.add(path)
            room -= size
        else:
            left.append(LeftOut(path, f"its {_mib(size)} would have made the archive larger than {_mib(most)}"))
    return frozenset(chosen), tuple(left)


def allowed(path: str) -> bool:
    """Whether a file of that path is part of an incident."""
    return _PATHS.fullmatch(path) is not None


def safe_name(name: str) -> str:
    """A file's name as it may stand in an archive."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "-", name)
    return re.sub(r"^[^A-Za-z0-9]+", "", plain)[:128] or "unnamed"


def named_bundles(named: Mapping[str, Sequence[str]], packed: frozenset[str]) -> tuple[BundleNamed, ...]:
    """Bundles by digest with their strategies, as the index tells them."""
    return tuple(BundleNamed(one, tuple(sorted(set(named[one]))), one in packed) for one in sorted(named))


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
