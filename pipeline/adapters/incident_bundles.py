"""The bundles that a ledger names, as files of a packed incident: those that stand first."""

from collections.abc import Collection, Iterable
from pathlib import Path

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.bundle_store import ARCHIVE, LARGEST_EVIDENCE, BundleStore
from pipeline.adapters.incident_parts import Parts
from pipeline.adapters.manifest_text import manifest_text
from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.incident import LeftOut
from pipeline.errors import FreqtrainError

STRATEGIES = "the bundles' content, which was not asked for"


def bundles(
    parts: Parts, store: BundleStore, root: Path, digests: Iterable[str], *, content: bool
) -> dict[str, list[str]]:
    """Put bundles into the parts, in this order: the archive and every manifest with its evidence; digest -> strategies.

    Args:
        root: the store's folder, from which evidence is taken as it is.
        content: False leaves strategies' code at home; manifests say what each bundle was.
    """
    named: dict[str, list[str]] = {}
    known = set(store.digests())
    for digest in digests:
        if digest not in known:
            continue
        digits = digest.removeprefix("sha256:")
        try:
            stored = store.get(digest)
        except FreqtrainError as error:
            parts.leave(f"bundles/{digits}", error)
            continue
        named[digest] = [stored.bundle.strategy]
        if content:
            parts.put(f"bundles/{digits}/{ARCHIVE}", stored.bundle.archive)
        for number, manifest in enumerate(stored.manifests, 1):
            parts.put(f"bundles/{digits}/manifest-{number:06}.json", manifest_text(manifest))
        _evidence(parts, stored, root / "sha256" / digits)
    if named and not content:
        parts.left_out.append(LeftOut(f"bundles/*/{ARCHIVE}", STRATEGIES))
    return named


def in_order(digests: Collection[str], standing: Collection[str]) -> list[str]:
    """Those that stand, then the others, each by name."""
    return [*sorted(standing), *sorted(set(digests) - set(standing))]


def _evidence(parts: Parts, stored: StoredBundle, folder: Path) -> None:
    for digest in sorted({manifest.evidence for manifest in stored.manifests}):
        name = f"evidence-{digest.removeprefix('sha256:')}.json"
        try:
            parts.put(f"bundles/{folder.name}/{name}", read_bounded(folder / name, LARGEST_EVIDENCE))
        except (OSError, ValueError) as error:
            parts.leave(f"bundles/{folder.name}/{name}", error)
