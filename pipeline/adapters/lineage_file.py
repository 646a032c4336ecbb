"""Lineages as hash-chained files, one an id, in the user's state folder: what a change to the repository cannot reach."""

from pathlib import Path

from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.ledger import Entry
from pipeline.domain.lineage import JUDGED, OPTIMISED, Attempts, Optimisation, attempts, is_known, judged, optimised
from pipeline.domain.strategy import Candidate
from pipeline.ports import Clock, Narrator

SUFFIX = ".jsonl"


class LineageFolder:
    """`<folder>/<id>.jsonl` and its head file for every strategy that was ever judged here."""

    def __init__(self, folder: Path, clock: Clock, narrator: Narrator) -> None:
        self._folder = folder
        self._clock = clock
        self._narrator = narrator

    def attempt(self, candidate: Candidate, results: Optimisation | None = None) -> Attempts:
        """Record that this content is judged, and hyperopt's results where given, each once; then count what was tried.

        Raises:
            Refused: a lineage file was edited, cut or lost its head file; the message names the file and the line. Nothing was recorded.
            Locked, ToolFailed: it could not be recorded.
        """
        lineages = self._all()
        own = lineages.get(candidate.id, ())
        for kind, body in ((JUDGED, judged(candidate)), *([(OPTIMISED, optimised(results))] if results else [])):
            if not is_known(kind, body, own):
                added = self._ledger(candidate.id).append(kind, body)
                own = (*own, added)
        return attempts(candidate, {**lineages, candidate.id: own})

    def _all(self) -> dict[str, tuple[Entry, ...]]:
        heads = (path.with_name(path.name.removesuffix(".head")) for path in self._folder.glob(f"*{SUFFIX}.head"))
        ids = sorted({path.name.removesuffix(SUFFIX) for path in (*self._folder.glob(f"*{SUFFIX}"), *heads)})
        return {id: tuple(self._ledger(id).entries()) for id in ids}

    def _ledger(self, id: str) -> LedgerFile:
        return LedgerFile(self._folder / f"{id}{SUFFIX}", self._clock, self._narrator)
