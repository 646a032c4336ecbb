"""A bundle for people and for programs: what it is, and each time that it was cut."""

from collections.abc import Iterator, Sequence

from pipeline.domain.bundle import Bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.canonical import Plain, digest_bytes
from pipeline.errors import ExitCode
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text
from pipeline.render.trading_facts import fact_rows

Document = dict[str, Plain]
SHORT = len("sha256:") + 12
"""As much of a digest as tells bundles apart for a person."""


def show_text(stored: StoredBundle) -> str:
    """A bundle, its newest facts and all its manifests, the newest last."""
    bundle, newest = stored.bundle, stored.newest
    rows = [
        ("bundle", stored.digest),
        ("strategy", _called(newest, bundle)),
        ("owner", _name(newest.owner) or "nobody is named"),
        ("files", ", ".join(f"{_name(path)} ({len(content)} bytes)" for path, content in bundle.files.items())),
        ("pairs", ", ".join(bundle.pairs) or "those of the environment"),
        ("engine", _name(", ".join(f"{name} {version}" for name, version in bundle.engine.items()), 600)),
        *fact_rows(newest.facts),
    ]
    return no_commands("\n".join([*_aligned(rows), "", "cut", *_cuts(stored.manifests)]) + "\n")


def show_document(stored: StoredBundle) -> Document:
    """The same for a program."""
    bundle = stored.bundle
    return {
        "outcome": ExitCode.DONE.name,
        "digest": stored.digest,
        "strategy": bundle.strategy,
        "class": bundle.class_name,
        "timeframe": bundle.timeframe,
        "pairs": list(bundle.pairs),
        "engine": dict(bundle.engine),
        "files": {
            path: {"bytes": len(content), "sha256": digest_bytes(content)} for path, content in bundle.files.items()
        },
        "for_live": stored.for_live.digest if stored.for_live is not None else None,
        "manifests": [manifest_document(manifest) for manifest in stored.manifests],
    }


def manifest_document(manifest: BundleManifest) -> Document:
    """A manifest with its digest, and why no real money may be traded on it."""
    return {"digest": manifest.digest, **manifest.written, "against_live": list(manifest.against_live)}


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table whose columns are as wide as their widest cell."""
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (heads, *rows)
    ]


def commit_of(manifest: BundleManifest) -> str:
    """The commit's first digits, and that the files were not all in it."""
    if not manifest.commit:
        return "no commit"
    return manifest.commit[:12] + (" and more" if manifest.uncommitted else "")


def data_of(manifest: BundleManifest) -> str:
    """The name of the data set, and that it was simulated."""
    return _name(manifest.dataset) + (" (simulated)" if manifest.simulated else "")


def _called(manifest: BundleManifest, bundle: Bundle) -> str:
    title = f": {_name(manifest.title)}" if manifest.title else ""
    return f"{bundle.strategy} (class {_name(bundle.class_name)}){title}"


def _cuts(manifests: Sequence[BundleManifest]) -> Iterator[str]:
    for number, manifest in enumerate(manifests, 1):
        yield f"  {number}. {manifest.cut_at:%Y-%m-%d %H:%M} UTC from {commit_of(manifest)}"
        yield f"     PASS by {_name(manifest.environment)} on {data_of(manifest)}, measured in {_name(manifest.isolation)}"
        yield f"     evidence {manifest.evidence}"
        if manifest.image:
            yield f"     for the image {manifest.image}"
        for reason in manifest.against_live:
            yield f"     not for real money: {reason}"


def _aligned(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(head) for head, _ in rows)
    return [f"{head.ljust(width)}  {text}" for head, text in rows]


def _name(text: str, limit: int = NAME_LIMIT) -> str:
    return plain_text(text, limit)
