"""A store of bundles in memory, which keeps the same promises as the one on the disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle, contradictions
from pipeline.domain.canonical import Plain, digest
from pipeline.errors import Refused, UsageError


@dataclass
class FakeBundles:
    """Keeps everything in dictionaries by digest."""

    kept: dict[str, StoredBundle] = field(default_factory=dict)
    documents: dict[str, Mapping[str, Plain]] = field(default_factory=dict)

    def put(
        self, bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]
    ) -> tuple[BundleManifest, bool]:
        if contradictions(bundle, manifest, evidence):
            raise Refused("bundle, manifest and evidence do not fit")
        if digest(evidence) != manifest.evidence:
            raise Refused("the evidence is not the one that the manifest names")
        known = self.kept[bundle.digest].manifests if bundle.digest in self.kept else ()
        same = next((other for other in known if other.says_the_same(manifest)), None)
        if same is not None:
            return same, False
        self.kept[bundle.digest] = StoredBundle(bundle, bundle.digest, (*known, manifest))
        self.documents[manifest.evidence] = evidence
        return manifest, True

    def get(self, digest: str) -> StoredBundle:
        if digest not in self.kept:
            raise UsageError(f"there is no bundle {digest}")
        return self.kept[digest]

    def evidence(self, manifest: BundleManifest) -> Mapping[str, Plain]:
        if manifest.evidence not in self.documents:
            raise Refused("the evidence is missing")
        return self.documents[manifest.evidence]

    def digests(self) -> tuple[str, ...]:
        return tuple(sorted(self.kept))
