"""Bundles on the disk, each in a folder that is named by its digest; nothing is believed that does not have the digest it is kept under."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.files import write_whole
from pipeline.adapters.folders import whole_folder
from pipeline.adapters.manifest_text import manifest_text, read_manifest
from pipeline.domain.bundle import LARGEST_ARCHIVE, Bundle, read_bundle
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle, contradictions
from pipeline.domain.canonical import Plain, canonical, digest_bytes
from pipeline.errors import Refused, ToolFailed, UsageError

ARCHIVE = "bundle.tar"
LARGEST_MANIFEST = 2**20
LARGEST_EVIDENCE = 64 * 2**20
READ_ONLY = 0o444

_MANIFEST = re.compile(r"manifest-(\d{6})\.json")
_FOLDER = re.compile(r"[0-9a-f]{64}")


class BundleStore:
    """Bundles below a folder: `sha256/<digits>/` holds bundle.tar, manifest-000001.json and following, and evidence-<digits>.json.

    A bundle appears with its first manifest, whole or not at all. Later manifests are added and never replaced. No lock is held: two who put
    the same end up with one.
    """

    def __init__(self, root: Path) -> None:
        self._root = root / "sha256"

    def put(
        self, bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]
    ) -> tuple[BundleManifest, bool]:
        """See `ports.Bundles`."""
        _check(bundle, manifest, evidence)
        folder = self._folder(bundle.digest)
        try:
            if not folder.exists() and self._put_new(folder, bundle, manifest, evidence):
                return manifest, True
            self._mend(folder, bundle)
            known = self._manifests(folder, bundle.digest)
            same = next((other for other in known if other.says_the_same(manifest)), None)
            if same is not None:
                self._put_evidence(folder, manifest, evidence)
                return same, False
            return self._add(folder, manifest, evidence)
        except OSError as error:
            told = f"{folder}: the bundle could not be stored: {error.strerror or error}"
            raise ToolFailed(
                told, hint="make room on the disk, or mend its rights; nothing half done was kept"
            ) from error

    def get(self, digest: str) -> StoredBundle:
        """See `ports.Bundles`."""
        folder = self._folder(digest)
        if not folder.is_dir():
            raise UsageError(f"there is no bundle {digest} in {self._root}", hint="`freqtrain bundle list` shows all")
        try:
            archive = read_bounded(folder / ARCHIVE, LARGEST_ARCHIVE)
            found = digest_bytes(archive)
            if found != digest:
                raise ValueError(f"is damaged: it has the digest {found}")
            bundle = read_bundle(archive)
        except (OSError, ValueError) as error:
            raise _refused(folder / ARCHIVE, error) from error
        manifests = self._manifests(folder, digest)
        if not manifests:
            raise _refused(folder, ValueError("holds no manifest"))
        return StoredBundle(bundle, digest, manifests)

    def evidence(self, manifest: BundleManifest) -> Mapping[str, Plain]:
        """See `ports.Bundles`."""
        path = _evidence_path(self._folder(manifest.bundle), manifest)
        try:
            content = read_bounded(path, LARGEST_EVIDENCE)
            if digest_bytes(content) != manifest.evidence:
                raise ValueError("is damaged: it does not have the digest that its manifest names")
            document: dict[str, Plain] = json.loads(content)
        except (OSError, ValueError) as error:
            raise _refused(path, error) from error
        return document

    def digests(self) -> tuple[str, ...]:
        """See `ports.Bundles`."""
        try:
            names = [entry.name for entry in os.scandir(self._root) if _FOLDER.fullmatch(entry.name)]
        except FileNotFoundError:
            return ()
        return tuple(f"sha256:{name}" for name in sorted(names))

    def _folder(self, digest: str) -> Path:
        digits = digest.removeprefix("sha256:")
        if not _FOLDER.fullmatch(digits):
            raise UsageError(f"{digest!r} is no bundle's digest", hint="it is sha256: and 64 digits")
        return self._root / digits

    def _put_new(self, folder: Path, bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]) -> bool:
        """Put everything at once; False where somebody else was faster."""
        _make(folder.parent)
        try:
            with whole_folder(folder) as made:
                write_whole(made / ARCHIVE, bundle.archive, mode=READ_ONLY)
                write_whole(_evidence_path(made, manifest), canonical(evidence), mode=READ_ONLY)
                write_whole(made / _name(1), manifest_text(manifest), mode=READ_ONLY)
        except FileExistsError:
            return False
        return True

    def _mend(self, folder: Path, bundle: Bundle) -> None:
        """Replace an archive that is missing or damaged: what belongs there is known by its digest."""
        try:
            if read_bounded(folder / ARCHIVE, LARGEST_ARCHIVE) == bundle.archive:
                return
        except (OSError, ValueError):
            pass
        write_whole(folder / ARCHIVE, bundle.archive, mode=READ_ONLY)

    def _put_evidence(self, folder: Path, manifest: BundleManifest, evidence: Mapping[str, Plain]) -> None:
        path, content = _evidence_path(folder, manifest), canonical(evidence)
        try:
            if read_bounded(path, LARGEST_EVIDENCE) == content:
                return
        except (OSError, ValueError):
            pass
        write_whole(path, content, mode=READ_ONLY)

    def _add(
        self, folder: Path, manifest: BundleManifest, evidence: Mapping[str, Plain]
    ) -> tuple[BundleManifest, bool]:
        """Add a manifest behind the last one. Whoever takes a number first has it; the other looks again."""
        self._put_evidence(folder, manifest, evidence)
        aside = folder / f".manifest-{os.getpid()}-{os.urandom(4).hex()}"
        try:
            write_whole(aside, manifest_text(manifest), mode=READ_ONLY)
            while True:
                known = self._manifests(folder, manifest.bundle)
                same = next((other for other in known if other.says_the_same(manifest)), None)
                if same is not None:
                    return same, False
                try:
                    os.link(aside, folder / _name(len(known) + 1))
                except FileExistsError:
                    continue
                _sync(folder)
                return manifest, True
        finally:
            aside.unlink(missing_ok=True)

    def _manifests(self, folder: Path, digest: str) -> tuple[BundleManifest, ...]:
        """All manifests in the order in which they were added.

        Raises:
            Refused: one is missing, damaged, or speaks of another bundle.
        """
        numbers = sorted(int(found[1]) for entry in os.scandir(folder) if (found := _MANIFEST.fullmatch(entry.name)))
        manifests = []
        for expected, number in enumerate(numbers, 1):
            path = folder / _name(expected)
            try:
                if number != expected:
                    raise ValueError("is missing, though later ones are there")
                manifest = read_manifest(read_bounded(path, LARGEST_MANIFEST))
                if manifest.bundle != digest:
                    raise ValueError(f"speaks of another bundle: {manifest.bundle}")
            except (OSError, ValueError) as error:
                raise _refused(path, error) from error
            manifests.append(manifest)
        return tuple(manifests)


def _check(bundle: Bundle, manifest: BundleManifest, evidence: Mapping[str, Plain]) -> None:
    apart = contradictions(bundle, manifest, evidence)
    if apart:
        raise Refused(
            f"{bundle.digest} is not kept, since bundle, manifest and evidence do not fit: {'; '.join(apart)}"
        )
    if digest_bytes(canonical(evidence)) != manifest.evidence:
        raise Refused(f"the evidence is not the one that the manifest of {manifest.strategy} names")
    read_bundle(bundle.archive)


def _name(number: int) -> str:
    return f"manifest-{number:06}.json"


def _evidence_path(folder: Path, manifest: BundleManifest) -> Path:
    return folder / f"evidence-{manifest.evidence.removeprefix('sha256:')}.json"


def _refused(path: Path, error: Exception) -> Refused:
    told = error.strerror if isinstance(error, OSError) else str(error)
    return Refused(
        f"{path}: {told}",
        hint="nothing is started from it; put the folder back from a backup, or cut the bundle again from its commit",
    )


def _make(folder: Path) -> None:
    """Make a folder and those above it so that they outlast a power cut."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
