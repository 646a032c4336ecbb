"""What a device's store says of bundles and their evidence, for whoever only looks; what is not named by its digest is not shown."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pipeline.adapters.bounded import read_bounded
from pipeline.domain.canonical import Plain, digest_bytes, written
from pipeline.domain.monitor.expectation import Expectation, expectation_in
from pipeline.domain.monitor.overview import BundleView
from pipeline.errors import Refused

LARGEST_MANIFEST = 2**20
LARGEST_EVIDENCE = 64 * 2**20
MOST_SHOWN = 50

_DIGITS = re.compile(r"[0-9a-f]{64}")
_MANIFEST = re.compile(r"manifest-\d{6}\.json")


class StoreProofs:
    """See `ports.Proofs`; `root` is the store's folder (see `bundle_store`). Nothing in it changes, so what was read once is remembered."""

    def __init__(self, root: Path) -> None:
        self._root = root / "sha256"
        self._expected: dict[str, Expectation] = {}
        self._cut: dict[Path, BundleView] = {}

    def expectation(self, bundle: str, evidence: str) -> Expectation:
        """See `ports.Proofs`."""
        if evidence not in self._expected:
            content = self.document(bundle.removeprefix("sha256:"), evidence.removeprefix("sha256:"))
            if content is None:
                raise Refused(f"the evidence of {bundle} is not in the store, or is not what its name says")
            try:
                document = json.loads(content)
            except (ValueError, RecursionError) as error:
                raise Refused(f"the evidence of {bundle} cannot be read: {error}") from error
            self._expected[evidence] = expectation_in(document if isinstance(document, dict) else {})
        return self._expected[evidence]

    def document(self, bundle: str, evidence: str) -> bytes | None:
        """An evidence document by the 64 digits of both digests; None where there is none, or it is not what its name says."""
        if not (_DIGITS.fullmatch(bundle) and _DIGITS.fullmatch(evidence)):
            return None
        try:
            content = read_bounded(self._root / bundle / f"evidence-{evidence}.json", LARGEST_EVIDENCE)
        except (OSError, ValueError):
            return None
        return content if digest_bytes(content) == f"sha256:{evidence}" else None

    def cut(self) -> tuple[BundleView, ...]:
        """See `ports.Proofs`."""
        found = sorted(self._views(), key=lambda view: view.cut_at, reverse=True)
        return tuple(found[:MOST_SHOWN])

    def _views(self) -> Iterator[BundleView]:
        try:
            folders = [entry for entry in self._root.iterdir() if _DIGITS.fullmatch(entry.name)]
        except FileNotFoundError:
            return
        for folder in folders:
            names = sorted(entry.name for entry in folder.iterdir() if _MANIFEST.fullmatch(entry.name))
            if names and (view := self._view(folder / names[-1])):
                yield view

    def _view(self, path: Path) -> BundleView | None:
        if path not in self._cut:
            try:
                value = json.loads(read_bounded(path, LARGEST_MANIFEST))
                self._cut[path] = _bundle(value, f"sha256:{path.parent.name}")
            except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
                return None
        return self._cut[path]


def _bundle(value: dict[str, Plain], digest: str) -> BundleView:
    """A manifest's words; raises ValueError where it was changed, or speaks of another bundle."""
    told: Plain = {key: item for key, item in value.items() if key != "digest"}
    if digest_bytes(written(told)) != value["digest"] or value["bundle"] != digest:
        raise ValueError("is no manifest of this bundle")
    return BundleView(
        str(value["strategy"]),
        digest,
        datetime.fromisoformat(str(value["cut_at"])),
        str(value["commit"]),
        str(value["title"]),
        str(value["owner"]),
        str(value["evidence"]),
        bool(value["simulated"]),
    )
