"""`freqtrain bundle publish`: the bundles of a commit become files of one release, so that devices can fetch them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.canonical import canonical, digest_bytes
from pipeline.domain.github import ReleasePage
from pipeline.domain.provenance import (
    Carried,
    CarriedBundles,
    archive_name,
    evidence_name,
    is_commit,
    manifest_name,
    tag_of,
)
from pipeline.errors import FreqtrainError, Refused, UsageError
from pipeline.ports import Bundles, Narrator, ReleasePages


@dataclass(frozen=True, slots=True)
class PublishTools:
    """What publishing works with; `manifest_text` writes a manifest as the store keeps it, `scratch` is an empty folder that goes afterwards."""

    bundles: Bundles
    releases: ReleasePages
    manifest_text: Callable[[BundleManifest], bytes]
    narrator: Narrator
    scratch: Path


def publish(commit: str, tools: PublishTools) -> CarriedBundles:
    """Have a commit's bundles in its release. Publishing again changes nothing, and completes what was cut off.

    A commit of which nothing was cut gets a release without files: so a device can tell that from a release that got lost.

    Raises:
        UsageError: that is no commit.
        Refused: something in the store is damaged; the release holds other files under these names; the token may not write.
        ToolFailed: the network; what was uploaded before stays, and the next time goes on.
    """
    if not is_commit(commit):
        raise UsageError(f"{commit!r} is no commit's whole name", hint="git rev-parse HEAD says it")
    chosen = _chosen(commit, tools)
    files = [(manifest, list(_files(stored, manifest, tools))) for stored, manifest in chosen]
    tag = tag_of(commit)
    page = tools.releases.of_tag(tag)
    if page is not None:
        _refuse_others(page, [file for _, some in files for file in some], tools)
    else:
        page = tools.releases.made(tag, f"bundles of {commit[:12]}", _text(commit), commit=commit, prerelease=True)
    published = tuple(Carried(manifest, _put(page, some, tools)) for manifest, some in files)
    return CarriedBundles(commit, published, page.url)


def _chosen(commit: str, tools: PublishTools) -> list[tuple[StoredBundle, BundleManifest]]:
    """The manifests of that commit, and whose they are."""
    found: list[tuple[StoredBundle, BundleManifest]] = []
    damaged: list[str] = []
    for digest in tools.bundles.digests():
        try:
            stored = tools.bundles.get(digest)
        except FreqtrainError as error:
            damaged.append(error.message)
            continue
        for manifest in stored.manifests:
            if manifest.commit != commit:
                continue
            if manifest.uncommitted:
                tools.narrator.say(f"{manifest.strategy}: left out, it was cut from files that are in no commit")
                continue
            found.append((stored, manifest))
    if damaged:
        raise Refused("\n".join(damaged), hint="nothing was published; `freqtrain bundle verify` shows what is damaged")
    if not found:
        tools.narrator.say(f"nothing was cut of {commit[:12]}")
    return sorted(found, key=lambda one: (one[1].strategy, one[1].cut_at))


def _files(stored: StoredBundle, manifest: BundleManifest, tools: PublishTools) -> Iterator[tuple[str, bytes]]:
    """Its files by their names in the release; the manifest comes last, because devices begin with it."""
    yield archive_name(stored.digest), stored.bundle.archive
    yield evidence_name(manifest.evidence), canonical(tools.bundles.evidence(manifest))
    yield manifest_name(manifest.digest), tools.manifest_text(manifest)


def _refuse_others(page: ReleasePage, files: list[tuple[str, bytes]], tools: PublishTools) -> None:
    """All names under which the release holds something else, at once, before anything is uploaded."""
    there = {asset.name: asset for asset in tools.releases.assets(page) if asset.uploaded}
    wrong = {
        name: None
        for name, content in files
        if name in there
        and (there[name].size, there[name].digest or digest_bytes(content)) != (len(content), digest_bytes(content))
    }
    if wrong:
        told = "\n".join(f"the release {page.tag} holds another file {name}" for name in wrong)
        raise Refused(told, hint="nothing was uploaded and nothing replaced; find out who put it there, and remove it")


def _put(page: ReleasePage, files: list[tuple[str, bytes]], tools: PublishTools) -> bool:
    """Whether anything of it had to be uploaded."""
    new = False
    for name, content in files:
        file = tools.scratch / name
        file.write_bytes(content)
        _, there = tools.releases.put(page, name, file, replaces=False)
        file.unlink()
        if not there:
            tools.narrator.say(f"uploaded {name} ({len(content) / 1024:.0f} KiB)")
            new = True
    return new


def _text(commit: str) -> str:
    return (
        f"Bundles that were cut of {commit}, for the devices that run them (`freqtrain bundle fetch`).\n\n"
        "This is no release: it is how they travel. A device believes nothing here that it cannot prove."
    )
