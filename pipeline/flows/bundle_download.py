"""The files of a release, fetched within bounds; what cannot be had is told all at once."""

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.domain.bundle import LARGEST_ARCHIVE
from pipeline.domain.bundle_manifest import BundleManifest
from pipeline.domain.github import Asset, ReleasePage
from pipeline.domain.provenance import archive_name, evidence_name
from pipeline.errors import Problem
from pipeline.ports import ReleasePages

LARGEST_MANIFEST = 2**20
LARGEST_EVIDENCE = 64 * 2**20


@dataclass(slots=True)
class Downloads:
    """Files of one release by name; `problems` are those that are too large. A file that several manifests name is fetched once."""

    releases: ReleasePages
    page: ReleasePage
    scratch: Path
    problems: list[Problem] = field(default_factory=list)
    _assets: dict[str, Asset] = field(init=False)
    _fetched: dict[str, bytes | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._assets = {one.name: one for one in self.releases.assets(self.page) if one.uploaded}

    @property
    def names(self) -> frozenset[str]:
        """Of those files that are whole."""
        return frozenset(self._assets)

    def manifest(self, name: str) -> bytes | None:
        return self._fetch(name, LARGEST_MANIFEST)

    def archive(self, manifest: BundleManifest) -> bytes | None:
        """The archive that a manifest names, None where it is not there."""
        return self._fetch(archive_name(manifest.bundle), LARGEST_ARCHIVE)

    def evidence(self, manifest: BundleManifest) -> bytes | None:
        """The evidence that a manifest names, None where it is not there."""
        return self._fetch(evidence_name(manifest.evidence), LARGEST_EVIDENCE)

    def _fetch(self, name: str, most_bytes: int) -> bytes | None:
        if name not in self._fetched:
            self._fetched[name] = self._downloaded(name, most_bytes)
        return self._fetched[name]

    def _downloaded(self, name: str, most_bytes: int) -> bytes | None:
        asset = self._assets.get(name)
        if asset is None:
            return None
        if asset.size > most_bytes:
            told = f"The file has {asset.size} bytes, and may have {most_bytes}."
            self.problems.append(Problem(f"{self.page.tag}/{name}", 0, 0, told))
            return None
        file = self.scratch / "asset"
        self.releases.fetch(asset, file, most_bytes)
        content = file.read_bytes()
        file.unlink()
        return content
