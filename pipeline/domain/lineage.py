"""How many attempts stand behind a candidate: each distinct content that was judged counts once, whatever branch, push or commit it came from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.canonical import Plain, digest_bytes
from pipeline.domain.ledger import Entry
from pipeline.domain.strategy import PARAMETERS_FILE, STRATEGY_FILE, Candidate

JUDGED = "judged"
"""The kind of entry that a content leaves when it was judged for the first time."""

OPTIMISED = "optimised"
"""The kind of entry that a file of hyperopt's results leaves."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """What was tried until this candidate came about.

    `contents` are distinct contents that were judged, this one included; `epochs` what hyperopt tried, as far as its results were given.
    `others` are other ids under which some of it was judged; `uncounted` says that hyperopt's parameters are in use, but no results of it are known.
    """

    contents: int = 1
    epochs: int = 0
    others: tuple[str, ...] = ()
    uncounted: bool = False

    @property
    def total(self) -> int:
        """The number of attempts."""
        return self.contents + self.epochs


@dataclass(frozen=True, slots=True)
class Optimisation:
    """A file of hyperopt's results: its digest, and how many distinct sets of parameters it tried."""

    digest: str
    epochs: int


def judged(candidate: Candidate) -> dict[str, Plain]:
    """What the lineage keeps of a candidate: the digests of its whole content and of its code alone."""
    return {
        "content": candidate.content_digest,
        "code": digest_bytes(candidate.files.get(STRATEGY_FILE, b"")),
        "class": candidate.spec.class_name,
    }


def optimised(found: Optimisation) -> dict[str, Plain]:
    """What the lineage keeps of hyperopt's results."""
    return {"results": found.digest, "epochs": found.epochs}


def attempts(candidate: Candidate, lineages: Mapping[str, Sequence[Entry]]) -> Attempts:
    """Count what was tried before this candidate and itself.

    Args:
        candidate: it counts, whether it stands in its lineage yet or not.
        lineages: id -> the entries of that lineage, for every id there is. Ids that share a content or a code are one lineage: a strategy
            that was given another name takes its attempts along, unless name and code change at once.
    """
    new = judged(candidate)
    ids = _related(candidate.id, {str(new["content"]), str(new["code"])}, lineages)
    entries = [entry for id in ids for entry in lineages.get(id, ())]
    contents = {str(entry.body["content"]) for entry in entries if entry.kind == JUDGED} | {candidate.content_digest}
    results = {str(entry.body["results"]): _whole(entry.body["epochs"]) for entry in entries if entry.kind == OPTIMISED}
    uncounted = PARAMETERS_FILE in candidate.files and not results
    return Attempts(len(contents), sum(results.values()), tuple(id for id in ids if id != candidate.id), uncounted)


def is_known(kind: str, body: Mapping[str, Plain], entries: Iterable[Entry]) -> bool:
    """Whether a lineage holds the content, or the results, already."""
    key = "content" if kind == JUDGED else "results"
    return any(entry.kind == kind and entry.body[key] == body[key] for entry in entries)


def _related(id: str, names: set[str], lineages: Mapping[str, Sequence[Entry]]) -> tuple[str, ...]:
    """The ids whose lineages hang together with this one through equal contents or codes, in alphabetical order."""
    traces = {
        other: {str(entry.body[key]) for entry in entries if entry.kind == JUDGED for key in ("content", "code")}
        for other, entries in lineages.items()
    }
    found, names = {id}, names | traces.get(id, set())
    while near := {other for other, trace in traces.items() if other not in found and trace & names}:
        found |= near
        names = names.union(*(traces[other] for other in near))
    return tuple(sorted(found))


def _whole(value: Plain) -> int:
    return value if isinstance(value, int) else 0
