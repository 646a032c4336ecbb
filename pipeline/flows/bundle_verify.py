"""`freqtrain bundle verify`: read bundles again, all that belongs to them, and say what does not hold."""

from collections.abc import Sequence

from pipeline.domain.bundle_manifest import Verified, contradictions
from pipeline.errors import Refused
from pipeline.ports import Bundles


def verify(bundles: Bundles, digests: Sequence[str]) -> tuple[Verified, ...]:
    """Read bundles with every manifest and all evidence; raises UsageError for one that is not there."""
    return tuple(_verify(bundles, digest) for digest in digests)


def _verify(bundles: Bundles, digest: str) -> Verified:
    try:
        stored = bundles.get(digest)
    except Refused as error:
        return Verified(digest, None, (error.message,))
    problems = []
    for manifest in stored.manifests:
        try:
            evidence = bundles.evidence(manifest)
            apart = contradictions(stored.bundle, manifest, evidence)
            problems += [
                f"the manifest of {manifest.cut_at:%Y-%m-%d %H:%M} UTC does not fit: {words}" for words in apart
            ]
        except Refused as error:
            problems.append(error.message)
    return Verified(digest, stored, tuple(dict.fromkeys(problems)))
